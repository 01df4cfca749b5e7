/// The counterpart of `ByteReader`.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  /// - Parameter capacity: about how many bytes will be written.
  init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  mutating func integer<Integer: FixedWidthInteger>(_ value: Integer) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }

  mutating func float(_ value: Float) { integer(value.bitPattern) }

  mutating func double(_ value: Double) { integer(value.bitPattern) }

  mutating func count(_ value: Int) { integer(UInt32(value)) }

  mutating func bool(_ value: Bool) { integer(UInt8(value ? 1 : 0)) }

  mutating func value<Value: RawRepresentable>(_ value: Value) where Value.RawValue == UInt8 { integer(value.rawValue) }

  mutating func string(_ value: String) {
    count(value.utf8.count)
    bytes += value.utf8
  }

  mutating func list<Elements: Collection>(
    _ elements: Elements, _ write: (inout ByteWriter, Elements.Element) -> Void
  ) {
    count(elements.count)
    for element in elements { write(&self, element) }
  }

  mutating func raw(_ source: UnsafeRawBufferPointer) { bytes += source }

  mutating func pad(to alignment: Int) {
    while bytes.count % alignment != 0 { bytes.append(0) }
  }
}
