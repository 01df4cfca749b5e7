/// Little-endian values one after the other out of bytes that nobody vouches for.
struct ByteReader {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position: Int
  /// What is being read, for messages.
  var place = "its start"

  init(_ bytes: UnsafeRawBufferPointer, from position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  var remaining: Int { bytes.count - position }

  mutating func take(_ count: Int) throws(ModelProblem) -> UnsafeRawBufferPointer {
    guard count >= 0, count <= remaining else { throw .header(place) }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  mutating func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) throws(ModelProblem) -> Integer {
    Integer(littleEndian: try take(MemoryLayout<Integer>.size).loadUnaligned(as: type))
  }

  mutating func float() throws(ModelProblem) -> Float { Float(bitPattern: try integer(UInt32.self)) }

  mutating func double() throws(ModelProblem) -> Double { Double(bitPattern: try integer(UInt64.self)) }

  /// A 32-bit count or index.
  mutating func count() throws(ModelProblem) -> Int { Int(try integer(UInt32.self)) }

  mutating func bool() throws(ModelProblem) -> Bool {
    switch try integer(UInt8.self) {
    case 0: return false
    case 1: return true
    default: throw .header(place)
    }
  }

  mutating func value<Value: RawRepresentable>(_ type: Value.Type) throws(ModelProblem) -> Value
  where Value.RawValue == UInt8 {
    guard let value = Value(rawValue: try integer(UInt8.self)) else { throw .header(place) }
    return value
  }

  mutating func string() throws(ModelProblem) -> String {
    guard let string = String(validating: try take(try count()), as: UTF8.self) else { throw .header(place) }
    return string
  }

  /// As many elements as the count before them says; memory grows with the bytes that are there, not with the count.
  mutating func list<Element>(
    _ element: (inout ByteReader) throws(ModelProblem) -> Element
  ) throws(ModelProblem) -> [Element] {
    let count = try count()
    // No element is shorter than one byte.
    guard count <= remaining else { throw .header(place) }
    var list: [Element] = []
    for _ in 0..<count { list.append(try element(&self)) }
    return list
  }
}
