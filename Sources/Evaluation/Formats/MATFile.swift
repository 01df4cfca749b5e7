/// A numeric matrix of a MATLAB file.
struct MATMatrix: Equatable, Sendable {
  var rows: Int
  var columns: Int
  /// Column-major, as MATLAB keeps it.
  var values: [Double]

  subscript(row: Int, column: Int) -> Double { values[column * rows + row] }
}

/// Reads real, dense, two-dimensional matrices from MATLAB 5 files (`save -v6` and `-v7`), compressed or not, of either
/// byte order. Written from "MAT-File Format" (The MathWorks), level 5.
enum MATFile {
  /// The matrix of the given name.
  ///
  /// The other variables are skipped, but their extent is checked: a file that is cut short is always an error.
  ///
  /// - Throws: `EvaluationError` if the file is damaged, of another version, or has no such matrix.
  static func matrix(named name: String, in bytes: [UInt8], path: String) throws -> MATMatrix {
    var reader = ByteReader(bytes[...], path: path)
    let header = try reader.take(128)
    switch (header[126], header[127]) {
    case (UInt8(ascii: "I"), UInt8(ascii: "M")): break
    case (UInt8(ascii: "M"), UInt8(ascii: "I")): reader.bigEndian = true
    default:
      throw EvaluationError(path: path, reason: "not a MATLAB 5 file", nextStep: "save it again with -v7 or -v6")
    }
    guard header[reader.bigEndian ? 124 : 125] == 1 else {
      throw EvaluationError(
        path: path, reason: "a MATLAB file of another version (7.3 files are HDF5)",
        nextStep: "save it again with -v7 or -v6")
    }
    var found: MATMatrix?
    while reader.remaining > 0 {
      let element = try Element(&reader)
      // A variable of the same name later in the file replaces the earlier one, as in MATLAB.
      if let matrix = try element.matrix(named: name, path: path, bigEndian: reader.bigEndian) { found = matrix }
    }
    guard let found else {
      throw EvaluationError(
        path: path, reason: "no variable named '\(name)'", nextStep: "name a file that holds it, or get this one again")
    }
    return found
  }

  /// One tagged data element.
  private struct Element {
    var type: DataType?
    var payload: ArraySlice<UInt8>

    init(_ reader: inout ByteReader) throws {
      let word = try reader.integer(UInt32.self)
      if word >> 16 != 0 {
        // The small format: length and type in one word, then at most 4 bytes in the place of the other.
        let length = Int(word >> 16)
        guard length <= 4 else {
          throw EvaluationError(
            path: reader.path, reason: "a small data element of \(length) bytes", nextStep: "get the file again")
        }
        type = DataType(rawValue: word & 0xffff)
        payload = try reader.take(4).prefix(length)
        return
      }
      type = DataType(rawValue: word)
      let length = Int(try reader.integer(UInt32.self))
      payload = try reader.take(length)
      if type != .compressed {
        // Padded to 8 bytes; some writers leave the padding off at the very end.
        _ = try reader.take(min(-length & 7, reader.remaining))
      }
    }

    func matrix(named name: String, path: String, bigEndian: Bool) throws -> MATMatrix? {
      switch type {
      case .compressed:
        // Variables may be large pictures: make only as much as shows the name.
        let peek = 256 + name.utf8.count
        let head = try inflated(payload, framing: .zlib, limit: peek, path: path)
        var reader = ByteReader(head[...], path: path, bigEndian: bigEndian)
        guard try reader.integer(UInt32.self) == DataType.matrix.rawValue else { return nil }
        let length = Int(try reader.integer(UInt32.self))
        guard let header = try? MatrixHeader(&reader), header.name == name else { return nil }
        guard length <= 1 << 26 else {
          throw EvaluationError(
            path: path, reason: "the variable '\(name)' is \(length) bytes large", nextStep: "this is no list of lines")
        }
        let whole = head.count < peek ? head : try inflated(payload, framing: .zlib, limit: 8 + length, path: path)
        reader = ByteReader(whole[...], path: path, bigEndian: bigEndian)
        let inner = try Element(&reader)
        return try inner.type == .compressed ? nil : inner.matrix(named: name, path: path, bigEndian: bigEndian)
      case .matrix:
        var reader = ByteReader(payload, path: path, bigEndian: bigEndian)
        // Variables of other kinds (opaque objects) have other headers: they are not what is looked for.
        guard let header = try? MatrixHeader(&reader), header.name == name else { return nil }
        return try header.matrix(reading: &reader)
      default:
        return nil
      }
    }
  }

  /// What comes before a variable's numbers.
  private struct MatrixHeader {
    var flags: UInt32
    var dimensions: [Int]
    var name: String

    init(_ reader: inout ByteReader) throws {
      var parts = ByteReader(try Element(&reader).payload, path: reader.path, bigEndian: reader.bigEndian)
      flags = try parts.integer(UInt32.self)
      parts = ByteReader(try Element(&reader).payload, path: reader.path, bigEndian: reader.bigEndian)
      dimensions = []
      while parts.remaining > 0 { dimensions.append(Int(try parts.integer(Int32.self))) }
      name = String(decoding: try Element(&reader).payload, as: UTF8.self)
    }

    func matrix(reading reader: inout ByteReader) throws -> MATMatrix {
      func refuse(_ reason: String) -> EvaluationError {
        EvaluationError(
          path: reader.path, reason: "the variable '\(name)' \(reason)",
          nextStep: "a real matrix of two columns is wanted")
      }
      // Classes 6 to 15 are the numeric ones, flag 8 marks complex numbers.
      guard (6...15).contains(flags & 0xff), flags & 0x800 == 0 else { throw refuse("is no real, dense matrix") }
      guard dimensions.count == 2, dimensions.allSatisfy({ $0 >= 0 }) else {
        throw refuse("has \(dimensions.count) dimensions")
      }
      let (count, overflow) = dimensions[0].multipliedReportingOverflow(by: dimensions[1])
      let values = try Element(&reader)
      guard let type = values.type, type.size > 0, !overflow, count == values.payload.count / type.size,
        values.payload.count % type.size == 0
      else { throw refuse("says it is \(dimensions[0]) x \(dimensions[1]) and holds \(values.payload.count) bytes") }
      var numbers = ByteReader(values.payload, path: reader.path, bigEndian: reader.bigEndian)
      var matrix = MATMatrix(rows: dimensions[0], columns: dimensions[1], values: [])
      matrix.values.reserveCapacity(count)
      for _ in 0..<count { matrix.values.append(try type.read(&numbers)) }
      return matrix
    }
  }

  private enum DataType: UInt32 {
    case int8 = 1, uint8, int16, uint16, int32, uint32, single
    case double = 9
    case int64 = 12, uint64, matrix, compressed

    /// Bytes a number takes; 0 for what is none.
    var size: Int {
      switch self {
      case .int8, .uint8: 1
      case .int16, .uint16: 2
      case .int32, .uint32, .single: 4
      case .double, .int64, .uint64: 8
      case .matrix, .compressed: 0
      }
    }

    /// MATLAB stores whole numbers in the smallest type that holds them, whatever the class of the matrix is.
    func read(_ reader: inout ByteReader) throws -> Double {
      switch self {
      case .int8: Double(try reader.integer(Int8.self))
      case .uint8: Double(try reader.integer(UInt8.self))
      case .int16: Double(try reader.integer(Int16.self))
      case .uint16: Double(try reader.integer(UInt16.self))
      case .int32: Double(try reader.integer(Int32.self))
      case .uint32: Double(try reader.integer(UInt32.self))
      case .single: Double(Float(bitPattern: try reader.integer(UInt32.self)))
      case .double: Double(bitPattern: try reader.integer(UInt64.self))
      case .int64: Double(try reader.integer(Int64.self))
      case .uint64: Double(try reader.integer(UInt64.self))
      case .matrix, .compressed: .nan
      }
    }
  }
}
