/// Comma-separated values (RFC 4180, line feeds) under one header line; the image's name is the last column, so that
/// several images fit into one table.
public struct CSVWriter: SegmentWriter {
  public var pixelCentre: PixelCentre

  public init(pixelCentre: PixelCentre = .integer) {
    self.pixelCentre = pixelCentre
  }

  public var head: [UInt8] { Array("x1,y1,x2,y2,score,width,meaningfulness,image\n".utf8) }

  public func body(_ image: ImageSegments) -> [UInt8] {
    var text = TextBuffer()
    let name = Self.quoted(image.name)
    for segment in image.segments {
      text.append(ends: segment, pixelCentre, places: Decimals.pixels, padded: false, separator: ",")
      for (value, places) in [
        (segment.score, Decimals.score), (segment.width, Decimals.pixels), (segment.meaningfulness, Decimals.pixels),
      ] {
        text.append(",")
        text.append(value, places: places)
      }
      text.append(",\(name)\n")
    }
    return text.bytes
  }

  private static func quoted(_ field: String) -> String {
    guard field.unicodeScalars.contains(where: { [",", "\"", "\n", "\r"].contains($0) }) else { return field }
    return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
