import CPNG

/// PNG by libpng's simplified interface, which reports errors as values.
enum PNGDecoding {
  static func size(
    _ bytes: UnsafeBufferPointer<UInt8>, name: String
  ) throws(ImageError) -> (width: Int, height: Int) {
    try PNGReader(bytes, name: name).size
  }

  static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, name: String, options: DecodingOptions
  ) throws(ImageError) -> RGBImage {
    let reader = try PNGReader(bytes, name: name)
    let (width, height) = reader.size
    try options.check(width: width, height: height, name: name)
    let channels = reader.hasTransparency ? 4 : 3
    let count = channels * width * height
    let samples = try [UInt8](unsafeUninitializedCapacity: count) { (buffer, filled) throws(ImageError) in
      try reader.read(into: buffer, channels: channels)
      filled = count
    }
    return RGBImage(width: width, height: height, pixels: channels == 4 ? laidOnWhite(samples) : samples)
  }

  /// Red, green and blue of RGBA pixels on a white ground, blended as stored: the way browsers do.
  private static func laidOnWhite(_ samples: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: samples.count / 4 * 3) { buffer, count in
      for pixel in stride(from: 0, to: samples.count, by: 4) {
        let alpha = Int(samples[pixel + 3])
        for channel in 0..<3 {
          let value = alpha * Int(samples[pixel + channel]) + (255 - alpha) * 255
          buffer[count] = UInt8((value + 127) / 255)
          count += 1
        }
      }
    }
  }
}

/// libpng's reader at a place of its own: the library keeps a pointer to it.
private final class PNGReader {
  private let image: UnsafeMutablePointer<png_image>
  private let name: String

  /// Reads the header; the bytes must outlive the reader.
  init(_ bytes: UnsafeBufferPointer<UInt8>, name: String) throws(ImageError) {
    self.name = name
    image = .allocate(capacity: 1)
    image.initialize(to: png_image())
    image.pointee.version = png_uint_32(PNG_IMAGE_VERSION)
    png_image_begin_read_from_memory(image, bytes.baseAddress, bytes.count)
    try check()
  }

  deinit {
    png_image_free(image)
    image.deallocate()
  }

  var size: (width: Int, height: Int) { (Int(image.pointee.width), Int(image.pointee.height)) }

  var hasTransparency: Bool { image.pointee.format & png_uint_32(PNG_FORMAT_FLAG_ALPHA) != 0 }

  /// Reads RGB (3 channels) or RGBA (4), interleaved, 8 bits each.
  func read(into buffer: UnsafeMutableBufferPointer<UInt8>, channels: Int) throws(ImageError) {
    image.pointee.format = png_uint_32(channels == 4 ? PNG_FORMAT_RGB | PNG_FORMAT_FLAG_ALPHA : PNG_FORMAT_RGB)
    // Without this, 16-bit samples would be taken for linear light.
    image.pointee.flags |= png_uint_32(PNG_IMAGE_FLAG_16BIT_sRGB)
    png_image_finish_read(image, nil, buffer.baseAddress, 0, nil)
    try check()
  }

  private func check() throws(ImageError) {
    // 1 is a warning, 2 an error.
    guard image.pointee.warning_or_error & 2 != 0 else { return }
    switch PNG.message(of: image.pointee) {
    case "read beyond end of data", "Not enough image data": throw .truncated(name, "PNG")
    case let message: throw .damaged(name, "PNG", message)
    }
  }
}

enum PNG {
  static func message(of image: png_image) -> String {
    withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
