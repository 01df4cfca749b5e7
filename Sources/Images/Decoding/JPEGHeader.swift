/// What the marker segments before the first scan say of a JPEG picture (ITU-T T.81, annex B).
struct JPEGHeader {
  /// The size as stored, before the orientation is applied.
  var size: (width: Int, height: Int)
  var orientation = Orientation.topLeft

  var uprightSize: (width: Int, height: Int) { orientation.upright(size) }

  init(_ bytes: UnsafeBufferPointer<UInt8>, name: String) throws(ImageError) {
    let file = ByteReader(bytes[...])
    var position = 2  // after SOI
    while true {
      // A marker is any number of 0xFF and one byte that is neither 0xFF nor 0.
      while let byte = file.byte(position), byte != 0xFF { position += 1 }
      while file.byte(position) == 0xFF { position += 1 }
      guard let marker = file.byte(position) else { throw .truncated(name, "JPEG") }
      position += 1
      switch marker {
      case 0x00, 0x01, 0xD0...0xD8:  // no marker, or one without a segment
        continue
      case 0xD9, 0xDA:  // the end, or a scan, before any frame
        throw .damaged(name, "JPEG", "no frame header")
      default:
        break
      }
      guard let length = file.uint16(position), length >= 2, let segment = file.slice(position + 2, Int(length) - 2)
      else { throw .truncated(name, "JPEG") }
      position += Int(length)
      switch marker {
      case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:  // SOF: precision, height, width
        guard let height = segment.uint16(1), let width = segment.uint16(3) else { throw .truncated(name, "JPEG") }
        size = (Int(width), Int(height))
        return
      case 0xE1:
        if let value = JPEGHeader.exifOrientation(segment) { orientation = value }
      default:
        break
      }
    }
  }

  /// The orientation in an APP1 segment; nil if it holds none or something else than EXIF.
  private static func exifOrientation(_ segment: ByteReader) -> Orientation? {
    guard segment.bytes.starts(with: "Exif\0\0".utf8), let tiff = segment.slice(6, segment.bytes.count - 6) else {
      return nil
    }
    let littleEndian = tiff.bytes.starts(with: "II".utf8)
    guard littleEndian || tiff.bytes.starts(with: "MM".utf8) else { return nil }
    guard let directory = tiff.uint32(4, littleEndian: littleEndian),
      let count = tiff.uint16(Int(directory), littleEndian: littleEndian)
    else { return nil }
    // Entries of 12 bytes: tag, type, count, value.
    for entry in 0..<Int(count) {
      let offset = Int(directory) + 2 + 12 * entry
      guard let tag = tiff.uint16(offset, littleEndian: littleEndian) else { return nil }
      if tag == 0x0112 {
        return tiff.uint16(offset + 8, littleEndian: littleEndian).flatMap(Orientation.init)
      }
    }
    return nil
  }
}

/// Bytes that may be asked for anything: what lies outside is nil.
struct ByteReader {
  let bytes: Slice<UnsafeBufferPointer<UInt8>>

  init(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) { self.bytes = bytes }

  func byte(_ offset: Int) -> UInt8? {
    offset >= 0 && offset < bytes.count ? bytes[bytes.startIndex + offset] : nil
  }

  func uint16(_ offset: Int, littleEndian: Bool = false) -> UInt16? {
    guard let first = byte(offset), let second = byte(offset + 1) else { return nil }
    return littleEndian ? UInt16(second) << 8 | UInt16(first) : UInt16(first) << 8 | UInt16(second)
  }

  func uint32(_ offset: Int, littleEndian: Bool) -> UInt32? {
    guard let first = uint16(offset, littleEndian: littleEndian),
      let second = uint16(offset + 2, littleEndian: littleEndian)
    else { return nil }
    return littleEndian ? UInt32(second) << 16 | UInt32(first) : UInt32(first) << 16 | UInt32(second)
  }

  func slice(_ offset: Int, _ count: Int) -> ByteReader? {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else { return nil }
    let start = bytes.startIndex + offset
    return ByteReader(bytes[start..<start + count])
  }
}
