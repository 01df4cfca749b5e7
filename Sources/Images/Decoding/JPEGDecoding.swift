import JPEGShim

/// JPEG by libjpeg, behind a C shim that turns its way of reporting errors into a value.
enum JPEGDecoding {
  static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, name: String, options: DecodingOptions
  ) throws(ImageError) -> ShrunkImage {
    let header = try JPEGHeader(bytes, name: name)
    try options.check(width: header.size.width, height: header.size.height, name: name)
    let denominator = options.denominator(for: header)
    let width = (header.size.width + denominator - 1) / denominator
    let height = (header.size.height + denominator - 1) / denominator

    let pixels = try [UInt8](unsafeUninitializedCapacity: 3 * width * height) { (buffer, count) throws(ImageError) in
      try withUnsafeTemporaryAllocation(of: CChar.self, capacity: jpeg_message_size) {
        (message) throws(ImageError) in
        let outcome = jpeg_decode_rgb(
          bytes.baseAddress, bytes.count, UInt32(denominator), buffer.baseAddress, width, height, message.baseAddress)
        switch outcome {
        case jpeg_complete: count = 3 * width * height
        case jpeg_truncated: throw .truncated(name, "JPEG")
        default: throw .damaged(name, "JPEG", message.baseAddress.map { String(cString: $0) } ?? "")
        }
      }
    }
    let (size, orientation) = (header.uprightSize, header.orientation)
    let image = orientation.upright(RGBImage(width: width, height: height, pixels: pixels))
    let overhang = (x: denominator * image.width - size.width, y: denominator * image.height - size.height)
    return ShrunkImage(
      image: image, width: size.width, height: size.height, factor: denominator,
      overhang: (orientation.reversesX ? overhang.x : 0, orientation.reversesY ? overhang.y : 0))
  }
}

extension DecodingOptions {
  /// The largest power of two, up to 8, by which the picture may be divided.
  func denominator(for header: JPEGHeader) -> Int {
    guard let minimumSize else { return 1 }
    let size = header.uprightSize
    let fitting = [8, 4, 2].first {
      (size.width + $0 - 1) / $0 >= minimumSize.width && (size.height + $0 - 1) / $0 >= minimumSize.height
    }
    return fitting ?? 1
  }
}
