import SegmentFormats

/// A JSON document being written; objects keep the order of their members.
indirect enum JSONDocument {
  case text(String)
  case integer(Int)
  case number(Double)
  case list([JSONDocument])
  case object([(String, JSONDocument)])

  /// A fraction as percent.
  static func percent(_ fraction: Double) -> JSONDocument { .number(100 * fraction) }

  /// The document; short lists on one line.
  func rendered(indent: String = "") -> String {
    switch self {
    case .text(let text): JSONDocument.quoted(text)
    case .integer(let value): "\(value)"
    // JSON has no word for what is not finite. The shortest digits that give the same number back.
    case .number(let value): value.isFinite ? "\(value)" : "null"
    case .list(let items): "[" + items.map { $0.rendered(indent: indent) }.joined(separator: ", ") + "]"
    case .object(let members) where members.isEmpty: "{}"
    case .object(let members):
      "{\n"
        + members.map { "\(indent)  \(JSONDocument.quoted($0)): \($1.rendered(indent: indent + "  "))" }
        .joined(separator: ",\n") + "\n\(indent)}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var buffer = TextBuffer()
    buffer.appendJSON(text)
    return String(decoding: buffer.bytes, as: UTF8.self)
  }
}
