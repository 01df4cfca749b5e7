import CZlib

/// The files of a zip archive, stored or deflated. Written from PKWARE's APPNOTE, with the zip64 fields that numpy writes.
struct ZipArchive {
  private struct Entry {
    var method: UInt16
    var checksum: UInt32
    var compressedSize: Int
    var size: Int
    var offset: Int
  }

  private let bytes: [UInt8]
  private let path: String
  private var entries: [String: Entry] = [:]

  /// Names of the files.
  var names: [String] { entries.keys.sorted() }

  /// - Throws: `EvaluationError` if the archive is damaged; one that is cut short always is, for its directory comes last.
  init(_ bytes: [UInt8], path: String) throws {
    self.bytes = bytes
    self.path = path
    // The end record is 22 bytes and a comment of at most 65535.
    let signature: [UInt8] = [0x50, 0x4b, 0x05, 0x06]
    let first = max(0, bytes.count - 22 - 65535)
    guard bytes.count >= 22,
      let end = (first...bytes.count - 22).last(where: { bytes[$0..<$0 + 4].elementsEqual(signature) })
    else {
      throw EvaluationError(
        path: path, reason: "no zip archive, or one that is cut short", nextStep: "get the file again")
    }
    var record = ByteReader(bytes[(end + 10)...], path: path)
    var count = Int(try record.integer(UInt16.self))
    _ = try record.take(4)
    var start = Int(try record.integer(UInt32.self))
    if count == 0xffff || start == 0xffff_ffff, end >= 20 {
      (count, start) = try ZipArchive.zip64Directory(bytes, locator: end - 20, path: path)
    }
    guard start <= end else { throw ZipArchive.damaged(path) }
    var reader = ByteReader(bytes[start..<end], path: path)
    for _ in 0..<count { try readEntry(&reader) }
  }

  /// The contents of a file; nil if there is none of that name.
  ///
  /// - Throws: `EvaluationError` if it is damaged (the checksum is compared) or compressed in another way.
  func contents(of name: String) throws -> [UInt8]? {
    guard let entry = entries[name] else { return nil }
    guard entry.offset >= 0, entry.offset < bytes.count else { throw ZipArchive.damaged(path) }
    var reader = ByteReader(bytes[entry.offset...], path: path)
    guard try reader.integer(UInt32.self) == 0x0403_4b50 else { throw ZipArchive.damaged(path) }
    _ = try reader.take(22)
    let nameLength = Int(try reader.integer(UInt16.self))
    let extraLength = Int(try reader.integer(UInt16.self))
    _ = try reader.take(nameLength + extraLength)
    let data = try reader.take(entry.compressedSize)
    let result: [UInt8]
    switch entry.method {
    case 0: result = Array(data)
    // Deflate makes at most 1032 bytes of one: a larger announcement is a lie that is not worth the memory.
    case 8 where entry.size <= 64 + 1032 * data.count:
      result = try inflated(data, framing: .raw, limit: entry.size, path: path)
    case 8: throw ZipArchive.damaged(path)
    default:
      throw EvaluationError(
        path: path, reason: "'\(name)' is compressed by method \(entry.method)",
        nextStep: "save it with numpy.savez or savez_compressed")
    }
    guard result.count == entry.size, result.withUnsafeBufferPointer({ checksum($0) }) == entry.checksum else {
      throw ZipArchive.damaged(path)
    }
    return result
  }

  private func checksum(_ data: UnsafeBufferPointer<UInt8>) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_z(0, data.baseAddress, data.count))
  }

  private mutating func readEntry(_ reader: inout ByteReader) throws {
    guard try reader.integer(UInt32.self) == 0x0201_4b50 else { throw ZipArchive.damaged(path) }
    _ = try reader.take(6)
    let method = try reader.integer(UInt16.self)
    _ = try reader.take(4)
    let checksum = try reader.integer(UInt32.self)
    var compressedSize = Int(try reader.integer(UInt32.self))
    var size = Int(try reader.integer(UInt32.self))
    let nameLength = Int(try reader.integer(UInt16.self))
    let extraLength = Int(try reader.integer(UInt16.self))
    let commentLength = Int(try reader.integer(UInt16.self))
    _ = try reader.take(8)
    var offset = Int(try reader.integer(UInt32.self))
    let name = String(decoding: try reader.take(nameLength), as: UTF8.self)
    var extra = ByteReader(try reader.take(extraLength), path: path)
    _ = try reader.take(commentLength)
    while extra.remaining >= 4 {
      let kind = try extra.integer(UInt16.self)
      var field = ByteReader(try extra.take(Int(try extra.integer(UInt16.self))), path: path)
      guard kind == 1 else { continue }
      // Zip64: only those that did not fit, in this order.
      if size == 0xffff_ffff { size = try ZipArchive.length(&field) }
      if compressedSize == 0xffff_ffff { compressedSize = try ZipArchive.length(&field) }
      if offset == 0xffff_ffff { offset = try ZipArchive.length(&field) }
    }
    entries[name] = Entry(
      method: method, checksum: checksum, compressedSize: compressedSize, size: size, offset: offset)
  }

  private static func zip64Directory(_ bytes: [UInt8], locator: Int, path: String) throws -> (count: Int, start: Int) {
    var reader = ByteReader(bytes[locator...], path: path)
    guard try reader.integer(UInt32.self) == 0x0706_4b50 else { throw damaged(path) }
    _ = try reader.take(4)
    let end = try length(&reader)
    guard end < locator else { throw damaged(path) }
    reader = ByteReader(bytes[end...], path: path)
    guard try reader.integer(UInt32.self) == 0x0606_4b50 else { throw damaged(path) }
    _ = try reader.take(28)
    let count = try length(&reader)
    _ = try reader.take(8)
    return (count, try length(&reader))
  }

  private static func length(_ reader: inout ByteReader) throws -> Int {
    guard let value = Int(exactly: try reader.integer(UInt64.self)) else { throw damaged(reader.path) }
    return value
  }

  private static func damaged(_ path: String) -> EvaluationError {
    EvaluationError(path: path, reason: "a damaged zip archive", nextStep: "get the file again")
  }
}
