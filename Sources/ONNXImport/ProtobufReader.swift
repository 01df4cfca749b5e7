/// Reads the protocol buffers wire format: a message is a row of fields, each a number, a wire type and a value.
///
/// https://protobuf.dev/programming-guides/encoding
struct ProtobufReader {
  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    /// A string, bytes, a message within the message, or packed numbers.
    case bytes(ArraySlice<UInt8>)
  }

  struct Field {
    var number: Int
    var value: Value
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The next field, or nil at the end of the message.
  mutating func next() throws(ONNXError) -> Field? {
    guard !rest.isEmpty else { return nil }
    let key = try varint()
    guard let number = Int(exactly: key >> 3), number > 0 else { throw .damaged }
    switch key & 7 {
    case 0: return Field(number: number, value: .varint(try varint()))
    case 1: return Field(number: number, value: .fixed64(try fixed(UInt64.self)))
    case 2:
      guard let count = Int(exactly: try varint()) else { throw .damaged }
      return Field(number: number, value: .bytes(try take(count)))
    case 5: return Field(number: number, value: .fixed32(try fixed(UInt32.self)))
    default: throw .damaged
    }
  }

  mutating func varint() throws(ONNXError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { throw .damaged }
      if shift < 64 { value |= UInt64(byte & 0x7F) << shift }
      if byte < 0x80 { return value }
    }
    throw .damaged
  }

  mutating func fixed<Integer: FixedWidthInteger>(_ type: Integer.Type) throws(ONNXError) -> Integer {
    let bytes = try take(MemoryLayout<Integer>.size)
    return Integer(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(as: type) })
  }

  private mutating func take(_ count: Int) throws(ONNXError) -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw .damaged }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  var isAtEnd: Bool { rest.isEmpty }
}

extension ProtobufReader.Value {
  func message() throws(ONNXError) -> ArraySlice<UInt8> {
    guard case .bytes(let bytes) = self else { throw .damaged }
    return bytes
  }

  func string() throws(ONNXError) -> String {
    guard let string = String(validating: try message(), as: UTF8.self) else { throw .damaged }
    return string
  }

  func integer() throws(ONNXError) -> Int {
    guard case .varint(let value) = self else { throw .damaged }
    return Int(truncatingIfNeeded: value)
  }

  func float() throws(ONNXError) -> Float {
    guard case .fixed32(let bits) = self else { throw .damaged }
    return Float(bitPattern: bits)
  }

  /// A repeated integer field: one value, or several packed.
  func integers() throws(ONNXError) -> [Int] {
    guard case .bytes(let bytes) = self else { return [try integer()] }
    var reader = ProtobufReader(bytes)
    var values: [Int] = []
    while !reader.isAtEnd { values.append(Int(truncatingIfNeeded: try reader.varint())) }
    return values
  }

  /// A repeated float field: one value, or several packed.
  func floats() throws(ONNXError) -> [Float] {
    guard case .bytes(let bytes) = self else { return [try float()] }
    var reader = ProtobufReader(bytes)
    var values: [Float] = []
    while !reader.isAtEnd { values.append(Float(bitPattern: try reader.fixed(UInt32.self))) }
    return values
  }
}
