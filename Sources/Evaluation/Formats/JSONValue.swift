/// A JSON value that knows its line, so that a wrong number in a file of a million can be found.
struct JSONValue {
  enum Content {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
  }

  var content: Content
  /// Counted from 1.
  var line: Int

  var number: Double? { if case .number(let value) = content { value } else { nil } }
  var string: String? { if case .string(let value) = content { value } else { nil } }
  var array: [JSONValue]? { if case .array(let value) = content { value } else { nil } }
  subscript(key: String) -> JSONValue? { if case .object(let value) = content { value[key] } else { nil } }
  /// A whole number.
  var integer: Int? { number.flatMap { Int(exactly: $0) } }

  /// Parses a whole document (RFC 8259), and the `NaN` and `Infinity` that Python writes.
  ///
  /// - Throws: `EvaluationError` with the line of the first mistake.
  init(parsing bytes: [UInt8], path: String) throws {
    // The zero at the end stops every scan without a test for the end at each byte.
    self = try (bytes + [0]).withUnsafeBufferPointer { buffer in
      var parser = Parser(bytes: buffer, path: path)
      if bytes.starts(with: [0xef, 0xbb, 0xbf]) { parser.position = 3 }
      let value = try parser.value(depth: 0)
      parser.skipSpace()
      guard parser.position == bytes.count else { throw parser.mistake("something follows the end of the document") }
      return value
    }
  }

  private init(_ content: Content, line: Int) {
    self.content = content
    self.line = line
  }

  private struct Parser {
    let bytes: UnsafeBufferPointer<UInt8>
    let path: String
    var position = 0
    var line = 1

    func mistake(_ reason: String) -> EvaluationError {
      let cut = position >= bytes.count - 1
      return EvaluationError(
        path: path, line: line, reason: cut ? "the JSON document ends early" : "not valid JSON: \(reason)",
        nextStep: cut ? "the file is cut short or damaged: get it again" : "mend that line")
    }

    mutating func skipSpace() {
      while true {
        switch bytes[position] {
        case 0x0a: line += 1
        case 0x20, 0x09, 0x0d: break
        default: return
        }
        position += 1
      }
    }

    mutating func accept(_ character: Unicode.Scalar) -> Bool {
      skipSpace()
      guard bytes[position] == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    mutating func value(depth: Int) throws -> JSONValue {
      guard depth < 64 else { throw mistake("nested too deeply") }
      skipSpace()
      let start = line
      switch bytes[position] {
      case UInt8(ascii: "["):
        position += 1
        var items: [JSONValue] = []
        if accept("]") { return JSONValue(.array(items), line: start) }
        repeat { items.append(try value(depth: depth + 1)) } while accept(",")
        guard accept("]") else { throw mistake("',' or ']' is missing") }
        return JSONValue(.array(items), line: start)
      case UInt8(ascii: "{"):
        position += 1
        var members: [String: JSONValue] = [:]
        if accept("}") { return JSONValue(.object(members), line: start) }
        repeat {
          skipSpace()
          guard bytes[position] == UInt8(ascii: "\"") else { throw mistake("a name in quotes is missing") }
          let key = try string()
          guard accept(":") else { throw mistake("':' is missing") }
          members[key] = try value(depth: depth + 1)
        } while accept(",")
        guard accept("}") else { throw mistake("',' or '}' is missing") }
        return JSONValue(.object(members), line: start)
      case UInt8(ascii: "\""): return JSONValue(.string(try string()), line: start)
      case UInt8(ascii: "t"): return try word("true", .bool(true))
      case UInt8(ascii: "f"): return try word("false", .bool(false))
      case UInt8(ascii: "n"): return try word("null", .null)
      case UInt8(ascii: "N"): return try word("NaN", .number(.nan))
      case UInt8(ascii: "I"): return try word("Infinity", .number(.infinity))
      case UInt8(ascii: "-") where bytes[position + 1] == UInt8(ascii: "I"):
        return try word("-Infinity", .number(-.infinity))
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
      default: throw mistake("a value is missing")
      }
    }

    private mutating func word(_ text: String, _ content: Content) throws -> JSONValue {
      for byte in text.utf8 {
        guard bytes[position] == byte else { throw mistake("'\(text)' is misspelt") }
        position += 1
      }
      return JSONValue(content, line: line)
    }

    private mutating func number() throws -> JSONValue {
      let start = position
      while "+-.eE0123456789".utf8.contains(bytes[position]) { position += 1 }
      guard let value = decimalNumber(bytes[start..<position]) else { throw mistake("a number is misspelt") }
      return JSONValue(.number(value), line: line)
    }

    private mutating func string() throws -> String {
      position += 1
      var text: [UInt8] = []
      while true {
        let byte = bytes[position]
        switch byte {
        case UInt8(ascii: "\""):
          position += 1
          return String(decoding: text, as: UTF8.self)
        case UInt8(ascii: "\\"):
          position += 1
          text += try escape()
        case 0..<0x20: throw mistake("a string has no end")
        default:
          text.append(byte)
          position += 1
        }
      }
    }

    private mutating func escape() throws -> [UInt8] {
      defer { position += 1 }
      switch bytes[position] {
      case UInt8(ascii: "n"): return [0x0a]
      case UInt8(ascii: "t"): return [0x09]
      case UInt8(ascii: "r"): return [0x0d]
      case UInt8(ascii: "b"): return [0x08]
      case UInt8(ascii: "f"): return [0x0c]
      case UInt8(ascii: "u"):
        var unit = try hexadecimal()
        if 0xd800..<0xdc00 ~= unit, bytes[position + 1] == UInt8(ascii: "\\"), bytes[position + 2] == UInt8(ascii: "u")
        {
          position += 2
          let low = try hexadecimal()
          guard 0xdc00..<0xe000 ~= low else { throw mistake("half a surrogate pair") }
          unit = 0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(unit) else { throw mistake("half a surrogate pair") }
        return Array(String(scalar).utf8)
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [bytes[position]]
      default: throw mistake("an unknown escape")
      }
    }

    /// The four digits after `\u`; stops on the last of them.
    private mutating func hexadecimal() throws -> UInt32 {
      var unit: UInt32 = 0
      for _ in 0..<4 {
        position += 1
        guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
          throw mistake("an escape without its four digits")
        }
        unit = unit << 4 + UInt32(digit)
      }
      return unit
    }
  }
}
