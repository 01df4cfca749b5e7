/// A JSON document being written; objects keep the order of their members.
indirect enum JSONText {
  case text(String)
  case integer(Int)
  case number(Double)
  case list([JSONText])
  case object([(String, JSONText)])

  /// A fraction as percent.
  static func percent(_ fraction: Double) -> JSONText { .number(100 * fraction) }

  /// The document; short lists on one line.
  func rendered(indent: String = "") -> String {
    switch self {
    case .text(let text): JSONText.quoted(text)
    case .integer(let value): "\(value)"
    // JSON has no word for what is not finite. The shortest digits that give the same number back.
    case .number(let value): value.isFinite ? "\(value)" : "null"
    case .list(let items): "[" + items.map { $0.rendered(indent: indent) }.joined(separator: ", ") + "]"
    case .object(let members) where members.isEmpty: "{}"
    case .object(let members):
      "{\n"
        + members.map { "\(indent)  \(JSONText.quoted($0)): \($1.rendered(indent: indent + "  "))" }
        .joined(separator: ",\n") + "\n\(indent)}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
