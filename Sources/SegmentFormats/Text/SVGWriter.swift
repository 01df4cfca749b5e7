import Images

/// A drawing: the view box is the image, one `<line>` a segment coloured by score, the score in `data-score`.
///
/// The coordinates in the file are those of the other formats, with pixel centres at integers: a group moves them by
/// half a pixel, because SVG counts from the image's corner.
public struct SVGWriter: SegmentWriter {
  /// What to show, dimmed, below the segments: a URI reference, see `SVGWriter.reference(toPath:)` and
  /// `SVGWriter.dataURI(_:mediaType:)`.
  public var background: String?

  public init(background: String? = nil) {
    self.background = background
  }

  public func body(_ image: ImageSegments) -> [UInt8] {
    var text = TextBuffer()
    let (width, height) = (image.width, image.height)
    text.append("<svg xmlns=\"http://www.w3.org/2000/svg\"")
    text.append(" width=\"\(width)\" height=\"\(height)\" viewBox=\"0 0 \(width) \(height)\">\n")
    text.append("<title>\(Self.escaped(image.name))</title>\n")
    if let background {
      text.append("<rect width=\"\(width)\" height=\"\(height)\"/>\n")
      text.append("<image width=\"\(width)\" height=\"\(height)\" preserveAspectRatio=\"none\"")
      text.append(" opacity=\"0.6\" href=\"\(Self.escaped(background))\"/>\n")
    }
    text.append("<g transform=\"translate(0.5 0.5)\" fill=\"none\" stroke-linecap=\"round\" stroke-width=\"")
    text.append(image.overlayLineWidth, places: 2)
    text.append("\">\n")
    // The best lie on top.
    for segment in image.segments.reversed() where (segment.x1 + segment.y1 + segment.x2 + segment.y2).isFinite {
      text.append("<line")
      for (key, value) in [("x1", segment.x1), ("y1", segment.y1), ("x2", segment.x2), ("y2", segment.y2)] {
        text.append(" \(key)=\"")
        text.append(value, places: Decimals.pixels)
        text.append("\"")
      }
      text.append(" stroke=\"\(ColorMap.score.color(at: Float(segment.score)).hexadecimal)\" data-score=\"")
      text.append(segment.score, places: Decimals.score)
      text.append("\"/>\n")
    }
    text.append("</g>\n</svg>\n")
    return text.bytes
  }

  /// A file path as a URI reference (RFC 3986).
  public static func reference(toPath path: String) -> String {
    let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
    var reference = ""
    for byte in path.utf8 {
      if plain.contains(byte) {
        reference.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        reference += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
      }
    }
    return reference
  }

  /// The bytes of a picture file as a URI that needs no other file (RFC 2397, base64).
  public static func dataURI(_ bytes: [UInt8], mediaType: String) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var encoded: [UInt8] = []
    encoded.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for digit in 0..<4 {
        encoded.append(digit <= group.count ? alphabet[bits >> (18 - 6 * digit) & 63] : UInt8(ascii: "="))
      }
    }
    return "data:\(mediaType);base64," + String(decoding: encoded, as: UTF8.self)
  }

  /// Text for XML content and attributes; characters that XML 1.0 forbids become U+FFFD.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\0"..<" ", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
