/// The result file of HAWP (Xue et al., CVPR 2020): a list with one `{filename, width, height, lines_pred,
/// lines_score}` an image, where `lines_pred` holds `[x1, y1, x2, y2]` in pixels of the image.
public struct HAWPWriter: SegmentWriter {
  public var pixelCentre: PixelCentre

  public init(pixelCentre: PixelCentre = .integer) {
    self.pixelCentre = pixelCentre
  }

  public var head: [UInt8] { Array("[".utf8) }
  public var separator: [UInt8] { Array(",\n".utf8) }
  public var tail: [UInt8] { Array("]\n".utf8) }

  public func body(_ image: ImageSegments) -> [UInt8] {
    var text = TextBuffer()
    text.append("{\"filename\": ")
    text.appendJSON(image.name)
    text.append(", \"width\": \(image.width), \"height\": \(image.height),\n \"lines_pred\": [")
    // Readers expect numbers throughout: a segment without finite ends cannot be told in this format.
    let segments = image.segments.filter { ($0.x1 + $0.y1 + $0.x2 + $0.y2 + $0.score).isFinite }
    for (index, segment) in segments.enumerated() {
      text.append(index > 0 ? ", [" : "[")
      text.append(ends: segment, pixelCentre, places: Decimals.pixels, padded: false, separator: ", ")
      text.append("]")
    }
    text.append("],\n \"lines_score\": [")
    for (index, segment) in segments.enumerated() {
      if index > 0 { text.append(", ") }
      text.append(segment.score, places: Decimals.score)
    }
    text.append("]}")
    return text.bytes
  }
}
