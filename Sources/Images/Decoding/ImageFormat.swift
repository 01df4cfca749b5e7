/// A picture format, told by the first bytes of a file and never by its name.
enum ImageFormat: Equatable {
  case png
  case jpeg
  case pnm
  /// A format that is recognised, to be named in a message, but not decoded.
  case other(String)

  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    func has(_ signature: String, at offset: Int = 0) -> Bool {
      bytes.dropFirst(offset).starts(with: signature.utf8)
    }
    func has(_ signature: [UInt8], at offset: Int = 0) -> Bool {
      bytes.dropFirst(offset).starts(with: signature)
    }
    if has([0x89, 0x50, 0x4E, 0x47]) {
      self = .png
    } else if has([0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if has("P2") || has("P3") || has("P5") || has("P6") {
      self = .pnm
    } else if has("P1") || has("P4") {
      self = .other("PBM")
    } else if has("P7") {
      self = .other("PAM")
    } else if has("PF") || has("Pf") {
      self = .other("PFM")
    } else if has("RIFF"), has("WEBP", at: 8) {
      self = .other("WebP")
    } else if has("GIF8") {
      self = .other("GIF")
    } else if has("BM") {
      self = .other("BMP")
    } else if has([0x49, 0x49, 0x2A, 0]) || has([0x4D, 0x4D, 0, 0x2A]) || has([0x49, 0x49, 0x2B, 0]) {
      self = .other("TIFF")
    } else if has("ftypavi", at: 4) {
      self = .other("AVIF")
    } else if has("ftyphe", at: 4) || has("ftypmif1", at: 4) || has("ftypmsf1", at: 4) {
      self = .other("HEIC")
    } else if has("ftyp", at: 4) {
      self = .other("MP4 video")
    } else if has([0, 0, 0, 0x0C, 0x6A, 0x50]) {
      self = .other("JPEG 2000")
    } else if has([0xFF, 0x0A]) || has([0, 0, 0, 0x0C, 0x4A, 0x58, 0x4C]) {
      self = .other("JPEG XL")
    } else if has("8BPS") {
      self = .other("Photoshop")
    } else if has("%PDF") {
      self = .other("PDF")
    } else if has("<svg") || has("<?xml") {
      self = .other("SVG or XML")
    } else {
      return nil
    }
  }
}
