/// The header of a PGM or PPM file: the letter P, a digit, and three numbers between blanks and comments.
struct PNMHeader {
  var size: (width: Int, height: Int)
  /// 1 or 3.
  var channels: Int
  var isText: Bool
  /// The sample that means white, 1 to 65535.
  var maximum: Int
  /// Where the samples start.
  var dataOffset: Int

  init(_ bytes: UnsafeBufferPointer<UInt8>, name: String) throws(ImageError) {
    let kind = bytes[1]
    isText = kind == UInt8(ascii: "2") || kind == UInt8(ascii: "3")
    channels = kind == UInt8(ascii: "2") || kind == UInt8(ascii: "5") ? 1 : 3
    var scanner = PNMScanner(bytes: bytes, position: 2)
    size.width = try scanner.number(name: name)
    size.height = try scanner.number(name: name)
    maximum = try scanner.number(name: name)
    guard 1...65535 ~= maximum else {
      throw .damaged(name, "PNM", "the maximum value is \(maximum), not 1 to 65535")
    }
    // One blank ends the header; whatever follows belongs to the samples.
    guard scanner.position < bytes.count else { throw .truncated(name, "PNM") }
    guard PNMScanner.isBlank(bytes[scanner.position]) else {
      throw .damaged(name, "PNM", "no blank after the maximum value")
    }
    dataOffset = scanner.position + 1
  }
}

/// Decimal numbers between blanks; a comment runs from # to the end of its line.
struct PNMScanner {
  let bytes: UnsafeBufferPointer<UInt8>
  var position: Int

  mutating func number(name: String) throws(ImageError) -> Int {
    var inComment = false
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "#") { inComment = true }
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { inComment = false }
      if !inComment, !PNMScanner.isBlank(byte) { break }
      position += 1
    }
    guard position < bytes.count else { throw .truncated(name, "PNM") }
    var value = 0
    let start = position
    while position < bytes.count, 48...57 ~= bytes[position] {
      value = 10 * value + Int(bytes[position] - 48)
      position += 1
      guard value < 1 << 31 else { throw .damaged(name, "PNM", "a number is too large") }
    }
    guard position > start else { throw .damaged(name, "PNM", "a number is expected at byte \(start)") }
    return value
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || 9...13 ~= byte }
}
