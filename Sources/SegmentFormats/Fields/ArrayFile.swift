/// NumPy's array file, `.npy` version 1.0, of little-endian 32-bit floats in rows.
public enum ArrayFile {
  /// The bytes of an array of shape (height, width).
  ///
  /// - Precondition: `values.count == height * width`.
  public static func encode(_ values: [Float], height: Int, width: Int) -> [UInt8] {
    precondition(values.count == height * width)
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(height), \(width)), }"
    // Magic, version, length, header and a line feed fill a multiple of 64 bytes, so that the data lie aligned.
    let prologue = 10
    let length = (prologue + header.utf8.count + 1 + 63) / 64 * 64 - prologue
    header += String(repeating: " ", count: length - header.utf8.count - 1) + "\n"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
    bytes.reserveCapacity(prologue + length + 4 * values.count)
    bytes += Array(header.utf8)
    for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
    return bytes
  }
}
