#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The number that a text spells, correctly rounded, `nan` and `inf` included; nil if it spells none.
func decimalNumber(_ text: some Collection<UInt8>) -> Double? {
  // Longer than the longest double written out is no number that anyone meant.
  guard (1...1100).contains(text.count) else { return nil }
  return withUnsafeTemporaryAllocation(of: CChar.self, capacity: text.count + 1) { buffer in
    for (index, byte) in text.enumerated() { buffer[index] = CChar(bitPattern: byte) }
    buffer[text.count] = 0
    guard let start = buffer.baseAddress else { return nil }
    var end: UnsafeMutablePointer<CChar>?
    let value = strtod(start, &end)
    return end == start + text.count ? value : nil
  }
}
