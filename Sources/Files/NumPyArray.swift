/// NumPy's array file, `.npy`: little-endian float32 in C order (rows first), of any number of axes.
///
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
public struct NumPyArray: Equatable, Sendable {
  public var shape: [Int]
  /// As many as the product of `shape`, the last axis fastest.
  public var values: [Float]

  /// - Precondition: `values.count` is the product of `shape`.
  public init(shape: [Int], values: [Float]) {
    precondition(values.count == shape.reduce(1, *))
    self.shape = shape
    self.values = values
  }

  private static let magic = [0x93] + Array("NUMPY".utf8)

  /// The bytes of the file, version 1.0.
  public var encoded: [UInt8] {
    let tuple = shape.map { "\($0)," }.joined(separator: " ")
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(tuple)), }"
    // Magic, version, length, header and a line feed fill a multiple of 64 bytes, so that the data lie aligned.
    let prologue = NumPyArray.magic.count + 4
    let length = (prologue + header.utf8.count + 1 + 63) / 64 * 64 - prologue
    header += String(repeating: " ", count: length - header.utf8.count - 1) + "\n"
    var bytes = NumPyArray.magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(header.utf8)
    bytes.reserveCapacity(bytes.count + 4 * values.count)
    for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
    return bytes
  }

  /// Reads a file of float32 in C order; versions 1 to 3.
  ///
  /// - Parameter path: what error messages call it.
  /// - Throws: `FileError` if it is damaged or holds something else.
  public init(_ bytes: [UInt8], path: String) throws(FileError) {
    func refuse(_ reason: String) -> FileError {
      FileError(
        path: path, reason: reason,
        nextStep: "save it again with numpy.save(path, numpy.ascontiguousarray(array, '<f4'))")
    }
    let lengthSize = bytes.count > 6 && bytes[6] == 1 ? 2 : 4
    let prologue = NumPyArray.magic.count + 2 + lengthSize
    guard bytes.count >= prologue, Array(bytes.prefix(6)) == NumPyArray.magic else { throw refuse("not a NumPy array") }
    let length = bytes[8..<prologue].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= bytes.count - prologue else { throw refuse("breaks off") }
    let header = String(decoding: bytes[prologue..<prologue + length], as: UTF8.self)
    guard header.contains("'<f4'"), header.contains("'fortran_order': False") else {
      throw refuse("not of little-endian float32 in C order")
    }
    guard let open = header.firstIndex(of: "("), let close = header[open...].firstIndex(of: ")") else {
      throw refuse("has no shape")
    }
    var shape: [Int] = []
    var size = MemoryLayout<Float>.size
    for part in header[header.index(after: open)..<close].split(separator: ",") {
      let digits = part.filter { $0 != " " }
      guard !digits.isEmpty else { continue }
      guard let side = Int(digits), side >= 0 else { throw refuse("has a shape that makes no sense") }
      let (product, overflow) = size.multipliedReportingOverflow(by: side)
      if overflow { throw refuse("has a shape that makes no sense") }
      shape.append(side)
      size = product
    }
    let start = prologue + length
    guard bytes.count - start == size else { throw refuse("does not have as many values as its shape says") }
    self.shape = shape
    values = bytes.withUnsafeBytes { bytes in
      (0..<size / 4).map {
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 4 * $0, as: UInt32.self)))
      }
    }
  }
}
