/// The object of `JSONWriter`, one image a line: for streams and for data sets.
public struct NDJSONWriter: SegmentWriter {
  public var pixelCentre: PixelCentre

  public init(pixelCentre: PixelCentre = .integer) {
    self.pixelCentre = pixelCentre
  }

  public func body(_ image: ImageSegments) -> [UInt8] {
    var text = TextBuffer()
    text.append(object: image, pixelCentre, lineBreak: "")
    text.append("\n")
    return text.bytes
  }
}
