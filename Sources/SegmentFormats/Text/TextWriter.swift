/// `x1 y1 x2 y2 score`, one segment a line, six decimals: what most detectors print and most tools read.
///
/// With `isHeaded` each image is announced by a comment, `# WIDTHxHEIGHT NAME`, so that a stream of several images can
/// be told apart; readers such as `numpy.loadtxt` skip it.
public struct TextWriter: SegmentWriter {
  public var pixelCentre: PixelCentre
  public var isHeaded: Bool

  public init(pixelCentre: PixelCentre = .integer, isHeaded: Bool = false) {
    self.pixelCentre = pixelCentre
    self.isHeaded = isHeaded
  }

  public func body(_ image: ImageSegments) -> [UInt8] {
    var text = TextBuffer()
    if isHeaded {
      // A line break inside a name must not look like data.
      let name = String(String.UnicodeScalarView(image.name.unicodeScalars.map { $0 < " " ? "?" : $0 }))
      text.append("# \(image.width)x\(image.height) \(name)\n")
    }
    text.appendLines(of: image, pixelCentre)
    return text.bytes
  }
}

extension TextBuffer {
  /// Appends `x1 y1 x2 y2 score` for each segment.
  mutating func appendLines(of image: ImageSegments, _ centre: PixelCentre) {
    for segment in image.segments {
      append(ends: segment, centre, places: 6, padded: true, separator: " ")
      append(" ")
      append(segment.score, places: 6, padded: true)
      append("\n")
    }
  }
}
