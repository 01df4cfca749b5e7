import CPNG

extension RGBImage {
  /// The picture as a PNG file, 8-bit sRGB.
  ///
  /// - Throws: `ImageError` if the picture is empty, or larger than PNG allows.
  public func pngBytes() throws(ImageError) -> [UInt8] {
    try PNG.encode(pixels, width: width, height: height, channels: 3, format: png_uint_32(PNG_FORMAT_RGB))
  }
}

extension GreyImage {
  /// The picture as a PNG file, 8-bit grey.
  ///
  /// - Throws: `ImageError` if the picture is empty, or larger than PNG allows.
  public func pngBytes() throws(ImageError) -> [UInt8] {
    try PNG.encode(pixels, width: width, height: height, channels: 1, format: png_uint_32(PNG_FORMAT_GRAY))
  }
}

extension PNG {
  static func encode(
    _ pixels: [UInt8], width: Int, height: Int, channels: Int, format: png_uint_32
  ) throws(ImageError) -> [UInt8] {
    // The library counts rows in 32 bits, and its own limit is a million pixels a side.
    guard width > 0, height > 0, width <= 1_000_000, height <= 1_000_000, pixels.count < 1 << 31 else {
      throw ImageError(
        name: "PNG output", reason: "\(width) x \(height) pixels do not fit a PNG file",
        nextStep: "write a picture of another size")
    }
    var writer = png_image()
    writer.version = png_uint_32(PNG_IMAGE_VERSION)
    writer.width = png_uint_32(width)
    writer.height = png_uint_32(height)
    writer.format = format
    defer { png_image_free(&writer) }
    // A filter byte a row; what cannot be compressed grows by less than a quarter, chunk headers included.
    let room = (pixels.count + height) / 4 * 5 + 4096
    return try [UInt8](unsafeUninitializedCapacity: room) { (buffer, count) throws(ImageError) in
      var size = png_alloc_size_t(room)
      let done = png_image_write_to_memory(&writer, buffer.baseAddress, &size, 0, pixels, 0, nil)
      guard done != 0 else {
        throw ImageError(
          name: "PNG output", reason: "encoding failed (\(message(of: writer)))",
          nextStep: "write a picture of another size")
      }
      count = Int(size)
    }
  }
}
