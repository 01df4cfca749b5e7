import CPNG

extension RGBImage {
  /// The picture as a PNG file, 8-bit sRGB.
  ///
  /// - Throws: `ImageError` if the picture is empty, or larger than PNG allows.
  public func pngBytes() throws(ImageError) -> [UInt8] {
    try PNG.encode(pixels, width: width, height: height, format: png_uint_32(PNG_FORMAT_RGB))
  }
}

extension GreyImage {
  /// The picture as a PNG file, 8-bit grey.
  ///
  /// - Throws: `ImageError` if the picture is empty, or larger than PNG allows.
  public func pngBytes() throws(ImageError) -> [UInt8] {
    try PNG.encode(pixels, width: width, height: height, format: png_uint_32(PNG_FORMAT_GRAY))
  }
}

extension GreyImage {
  /// A PNG file to be laid over a picture: clear where the value is 0, of the given colour elsewhere; 1 bit a pixel.
  ///
  /// - Throws: `ImageError` if the picture is empty, or larger than PNG allows.
  public func stencilPNGBytes(red: UInt8, green: UInt8, blue: UInt8) throws(ImageError) -> [UInt8] {
    // The header's name for it, PNG_FORMAT_RGBA_COLORMAP, is a macro that is not imported.
    let format = PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA | PNG_FORMAT_FLAG_COLORMAP
    return try PNG.encode(
      pixels.map { $0 == 0 ? 0 : 1 }, width: width, height: height, format: png_uint_32(format),
      palette: [0, 0, 0, 0, red, green, blue, 255])
  }
}

extension PNG {
  /// - Parameter palette: four bytes a colour, where the format asks for one.
  static func encode(
    _ pixels: [UInt8], width: Int, height: Int, format: png_uint_32, palette: [UInt8] = []
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
    writer.colormap_entries = png_uint_32(palette.count / 4)
    // A fifth of the time for a third more bytes.
    writer.flags = png_uint_32(PNG_IMAGE_FLAG_FAST)
    defer { png_image_free(&writer) }
    // A filter byte a row; what cannot be compressed grows by less than a quarter, chunk headers included.
    let room = (pixels.count + height) / 4 * 5 + 4096
    return try [UInt8](unsafeUninitializedCapacity: room) { (buffer, count) throws(ImageError) in
      var size = png_alloc_size_t(room)
      let done = png_image_write_to_memory(&writer, buffer.baseAddress, &size, 0, pixels, 0, palette)
      guard done != 0 else {
        throw ImageError(
          name: "PNG output", reason: "encoding failed (\(message(of: writer)))",
          nextStep: "write a picture of another size")
      }
      count = Int(size)
    }
  }
}
