/// The text file of LIMAP (Liu et al., CVPR 2023): the number of segments, then `x1 y1 x2 y2 score` a line.
public struct LIMAPWriter: SegmentWriter {
  public var pixelCentre: PixelCentre

  public init(pixelCentre: PixelCentre = .integer) {
    self.pixelCentre = pixelCentre
  }

  public func body(_ image: ImageSegments) -> [UInt8] {
    var text = TextBuffer()
    text.append("\(image.segments.count)\n")
    text.appendLines(of: image, pixelCentre)
    return text.bytes
  }
}
