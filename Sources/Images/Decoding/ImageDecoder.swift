/// How a picture is decoded.
public struct DecodingOptions: Sendable {
  /// Pictures of more pixels are refused before memory is asked for.
  public var maximumPixels: Int = 1 << 28
  /// If set, a JPEG may come back at 1/2, 1/4 or 1/8 of its size, rounded up, but no smaller than this in either
  /// direction. Shrinking in the DCT is cheaper than decoding whole and shrinking then. `ImageDecoder.decodeShrunk` says
  /// where the pixels lie in the whole picture.
  public var minimumSize: (width: Int, height: Int)?

  public init(maximumPixels: Int = 1 << 28, minimumSize: (width: Int, height: Int)? = nil) {
    self.maximumPixels = maximumPixels
    self.minimumSize = minimumSize
  }
}

/// Decodes PNG, JPEG, PGM and PPM, whichever the bytes are.
///
/// Any bytes are safe: what cannot be decoded whole is an `ImageError`, never a part of a picture.
public enum ImageDecoder {
  /// The size of a picture, upright, from its header alone.
  ///
  /// - Parameter name: what messages call the picture, usually its path.
  public static func size(_ bytes: [UInt8], name: String) throws(ImageError) -> (width: Int, height: Int) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(ImageError) in
      switch try format(bytes, name: name) {
      case .png: try PNGDecoding.size(bytes, name: name)
      case .jpeg: try JPEGHeader(bytes, name: name).uprightSize
      default: try PNMHeader(bytes, name: name).size
      }
    }
  }

  /// The picture, upright, as 8-bit RGB.
  ///
  /// PNG: 1 to 16 bits, grey, palette, interlaced; transparency is laid on white, as a page shows it, so that dark line
  /// art on a clear ground keeps its lines. JPEG: baseline and progressive, grey, YCbCr, CMYK and YCCK (with Adobe's
  /// inversion), turned as its EXIF orientation says. PGM and PPM: text and binary, any maximum value.
  /// The values are sRGB as stored; 16-bit samples are rounded to 8.
  ///
  /// - Parameter name: what messages call the picture, usually its path.
  /// - Throws: `ImageError` if the bytes are no picture of these formats, damaged, cut short or too large.
  /// - Complexity: O(pixels + bytes) in time and memory.
  public static func decode(
    _ bytes: [UInt8], name: String, options: DecodingOptions = DecodingOptions()
  ) throws(ImageError) -> RGBImage {
    try decodeShrunk(bytes, name: name, options: options).image
  }

  /// As `decode`, with the place of the pixels in the whole picture: they may be fewer where the options have a minimum size.
  public static func decodeShrunk(
    _ bytes: [UInt8], name: String, options: DecodingOptions
  ) throws(ImageError) -> ShrunkImage {
    try bytes.withUnsafeBufferPointer { (bytes) throws(ImageError) in
      switch try format(bytes, name: name) {
      case .png: ShrunkImage(whole: try PNGDecoding.decode(bytes, name: name, options: options))
      case .jpeg: try JPEGDecoding.decode(bytes, name: name, options: options)
      default: ShrunkImage(whole: try PNMDecoding.decode(bytes, name: name, options: options))
      }
    }
  }

  /// PNG, JPEG or PNM; everything else is an error.
  private static func format(_ bytes: UnsafeBufferPointer<UInt8>, name: String) throws(ImageError) -> ImageFormat {
    if bytes.isEmpty {
      throw ImageError(name: name, reason: "the file is empty", nextStep: "copy or download it again")
    }
    switch ImageFormat(bytes) {
    case .other(let format):
      throw ImageError(
        name: name, reason: "the content is \(format), which is not read",
        nextStep: "convert it to PNG first, for example with ImageMagick: magick FILE picture.png")
    case let format?:
      return format
    case nil:
      throw ImageError(
        name: name, reason: "the content is not a picture of a known format",
        nextStep: "give a PNG, JPEG, PGM or PPM file")
    }
  }
}

extension DecodingOptions {
  /// Refuses sizes that are empty or too large.
  func check(width: Int, height: Int, name: String) throws(ImageError) {
    guard width > 0, height > 0 else {
      throw ImageError(
        name: name, reason: "the picture has no pixels (\(width) x \(height))", nextStep: "give another picture")
    }
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, pixels <= min(maximumPixels, Int.max / 8) else {
      throw ImageError(
        name: name, reason: "\(width) x \(height) pixels are more than the \(maximumPixels) that are accepted",
        nextStep: "shrink the picture or cut it into tiles")
    }
  }
}
