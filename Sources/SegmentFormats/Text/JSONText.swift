extension TextBuffer {
  /// Appends a JSON string (RFC 8259), quotes included.
  public mutating func appendJSON(_ text: String) {
    append("\"")
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": append("\\\"")
      case "\\": append("\\\\")
      case "\n": append("\\n")
      case "\r": append("\\r")
      case "\t": append("\\t")
      case "\0"..<" ":
        let code = String(scalar.value, radix: 16)
        append("\\u" + String(repeating: "0", count: 4 - code.utf8.count) + code)
      default: append(String(scalar))
      }
    }
    append("\"")
  }

  /// Appends a JSON number of at most `places` decimals; `null` for NaN and infinities, which JSON lacks.
  mutating func appendJSON(_ value: Double, places: Int) {
    if value.isFinite { append(value, places: places) } else { append("null") }
  }
}
