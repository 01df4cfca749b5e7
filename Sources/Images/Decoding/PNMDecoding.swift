/// PGM and PPM, text and binary, 1 to 16 bits a sample.
enum PNMDecoding {
  static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, name: String, options: DecodingOptions
  ) throws(ImageError) -> RGBImage {
    let header = try PNMHeader(bytes, name: name)
    let (width, height) = header.size
    try options.check(width: width, height: height, name: name)
    let samples = width * height * header.channels
    // Every sample takes a byte or two, or a digit and a blank: too few bytes are noticed before memory is asked for.
    let sampleBytes = header.isText || header.maximum > 255 ? 2 : 1
    guard bytes.count - header.dataOffset >= samples * sampleBytes - (header.isText ? 1 : 0) else {
      throw .truncated(name, "PNM")
    }
    let pixels = try [UInt8](unsafeUninitializedCapacity: 3 * width * height) { (buffer, count) throws(ImageError) in
      var scanner = PNMScanner(bytes: bytes, position: header.dataOffset)
      for sample in 0..<samples {
        let value: Int
        if header.isText {
          value = try scanner.number(name: name)
        } else if sampleBytes == 2 {
          let offset = header.dataOffset + 2 * sample
          value = Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
        } else {
          value = Int(bytes[header.dataOffset + sample])
        }
        guard value <= header.maximum else {
          throw .damaged(name, "PNM", "sample \(value) is above the maximum \(header.maximum)")
        }
        let byte = UInt8((value * 255 + header.maximum / 2) / header.maximum)
        for _ in 0..<(header.channels == 1 ? 3 : 1) {
          buffer[count] = byte
          count += 1
        }
      }
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }
}
