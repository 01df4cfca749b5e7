/// Reads numbers from bytes of doubtful origin: what lies beyond the end is an error, never a trap.
struct ByteReader {
  let bytes: ArraySlice<UInt8>
  private(set) var position: Int
  var bigEndian = false
  /// Where the bytes came from, for messages.
  let path: String

  init(_ bytes: ArraySlice<UInt8>, path: String, bigEndian: Bool = false) {
    self.bytes = bytes
    self.path = path
    self.bigEndian = bigEndian
    position = bytes.startIndex
  }

  var remaining: Int { bytes.endIndex - position }

  mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else {
      throw EvaluationError(
        path: path, reason: "ends early: \(count) more bytes were announced and \(remaining) are there",
        nextStep: "the file is cut short or damaged: get it again")
    }
    defer { position += count }
    return bytes[position..<position + count]
  }

  mutating func integer<T: FixedWidthInteger>(_: T.Type) throws -> T {
    var value: T = 0
    let raw = try take(MemoryLayout<T>.size)
    withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: raw) }
    return bigEndian ? T(bigEndian: value) : T(littleEndian: value)
  }
}
