/// An array of numbers as numpy saves it.
struct NumericArray: Equatable, Sendable {
  var shape: [Int]
  /// Row-major ("C order").
  var values: [Double]
}

/// Reads numeric arrays from numpy's `.npz` archives (`savez` and `savez_compressed`), written from the format
/// specification in numpy's documentation (`.npy` versions 1 to 3).
struct NPZFile {
  private let archive: ZipArchive
  private let path: String

  /// - Throws: `EvaluationError` if the archive is damaged or cut short.
  init(_ bytes: [UInt8], path: String) throws {
    archive = try ZipArchive(bytes, path: path)
    self.path = path
  }

  /// Names of the arrays.
  var names: [String] { archive.names.map { $0.hasSuffix(".npy") ? String($0.dropLast(4)) : $0 } }

  /// The array of the given name; nil if there is none.
  ///
  /// - Throws: `EvaluationError` if it is damaged, in Fortran order with more than one axis, or not of numbers.
  func array(_ name: String) throws -> NumericArray? {
    guard let bytes = try archive.contents(of: name + ".npy") else { return nil }
    var reader = ByteReader(bytes[...], path: path)
    func refuse(_ reason: String) -> EvaluationError {
      EvaluationError(path: path, reason: "array '\(name)' \(reason)", nextStep: "save it again with numpy.savez")
    }
    guard Array(try reader.take(6)) == [0x93] + Array("NUMPY".utf8) else { throw refuse("is not in numpy's format") }
    let version = try reader.integer(UInt8.self)
    _ = try reader.take(1)
    let length = version == 1 ? Int(try reader.integer(UInt16.self)) : Int(try reader.integer(UInt32.self))
    let header = String(decoding: try reader.take(length), as: UTF8.self)
    guard let type = NPZFile.value(of: "descr", in: header), let order = NPZFile.value(of: "fortran_order", in: header),
      let tuple = NPZFile.value(of: "shape", in: header)
    else { throw refuse("has a header that cannot be read") }
    let lengths = tuple.filter { !"() ".contains($0) }.split(separator: ",").map { Int($0) }
    let shape = lengths.compactMap(\.self)
    guard shape.count == lengths.count, shape.allSatisfy({ $0 >= 0 }) else { throw refuse("has lengths that are none") }
    guard order == "False" || shape.count < 2 else { throw refuse("is in Fortran order") }
    guard let element = ElementType(type) else { throw refuse("holds \(type), not numbers") }
    var count = 1
    for axis in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: axis)
      guard !overflow else { throw refuse("is too large") }
      count = product
    }
    guard count <= reader.remaining, count * element.size == reader.remaining else {
      throw refuse("says it is \(shape) and holds \(reader.remaining) bytes")
    }
    reader.bigEndian = element.bigEndian
    var result = NumericArray(shape: shape, values: [])
    result.values.reserveCapacity(count)
    for _ in 0..<count { result.values.append(try element.read(&reader)) }
    return result
  }

  /// A value of the header, which is a Python dictionary: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }`.
  private static func value(of key: String, in header: String) -> String? {
    guard let at = header.firstRange(of: "'\(key)':") else { return nil }
    let rest = header[at.upperBound...].drop { $0 == " " }
    switch rest.first {
    case "'": return String(rest.dropFirst().prefix { $0 != "'" })
    case "(": return String(rest.dropFirst().prefix { $0 != ")" })
    default: return String(rest.prefix { $0.isLetter })
    }
  }

  /// A number's type: byte order, kind and size, such as `<f4`.
  private struct ElementType {
    let bigEndian: Bool
    let kind: Character
    let size: Int

    init?(_ name: String) {
      let parts = Array(name)
      guard parts.count == 3, let size = parts[2].wholeNumberValue else { return nil }
      switch (parts[1], size) {
      case ("f", 4), ("f", 8), ("i", 1), ("i", 2), ("i", 4), ("i", 8), ("u", 1), ("u", 2), ("u", 4), ("u", 8), ("b", 1):
        bigEndian = parts[0] == ">"
        kind = parts[1]
        self.size = size
      default: return nil
      }
    }

    func read(_ reader: inout ByteReader) throws -> Double {
      switch (kind, size) {
      case ("f", 4): Double(Float(bitPattern: try reader.integer(UInt32.self)))
      case ("f", _): Double(bitPattern: try reader.integer(UInt64.self))
      case ("i", 1): Double(try reader.integer(Int8.self))
      case ("i", 2): Double(try reader.integer(Int16.self))
      case ("i", 4): Double(try reader.integer(Int32.self))
      case ("i", _): Double(try reader.integer(Int64.self))
      case (_, 1): Double(try reader.integer(UInt8.self))
      case (_, 2): Double(try reader.integer(UInt16.self))
      case (_, 4): Double(try reader.integer(UInt32.self))
      default: Double(try reader.integer(UInt64.self))
      }
    }
  }
}
