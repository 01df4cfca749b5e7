import Images
import Testing

/// Files as they come: cut short, damaged, or something else altogether.
@Suite struct HostileBytesTests {
  static let files: [(name: String, bytes: [UInt8])] = [
    ("ycbcr420", Sample.ycbcr420), ("progressive", Sample.progressive), ("restarts", Sample.restarts),
    ("grey", Sample.grey), ("cmykAdobe", Sample.cmykAdobe), ("ycck", Sample.ycck),
    ("pngRGB16", Sample.pngRGB16), ("pngRGBA", Sample.pngRGBA), ("pngPalette", Sample.pngPalette),
    ("pngInterlaced", Sample.pngInterlaced), ("ppm", Array("P6 3 2 255\n012345678901234567".utf8)),
    ("text", Array("P3 # a\n3 1 99\n0 1 2 3 4 5 6 7 8".utf8)),
  ]

  /// A cut file is an error, unless only what follows the last pixel is missing: then the picture is the whole one.
  @Test(arguments: files)
  func cutAtEveryLength(name: String, bytes: [UInt8]) throws {
    let whole = try ImageDecoder.decode(bytes, name: name)
    var decoded = 0
    for count in 0..<bytes.count {
      let cut = Array(bytes.prefix(count))
      do {
        let image = try ImageDecoder.decode(cut, name: name)
        #expect(image == whole, "\(name) cut to \(count) of \(bytes.count) bytes")
        decoded += 1
      } catch {
        #expect(error.name == name && !error.reason.isEmpty && !error.nextStep.isEmpty)
      }
    }
    #expect(decoded <= 24, "\(name): the end of the file does not matter")
  }

  @Test(arguments: files)
  func randomDamageIsSurvived(name: String, bytes: [UInt8]) {
    var generator = SplitMix(seed: 1)
    // Small limits, so that a damaged size asks for little memory.
    let options = DecodingOptions(maximumPixels: 1 << 20)
    for round in 0..<400 {
      var damaged = bytes
      for _ in 0...round % 4 {
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        damaged[index] = UInt8(truncatingIfNeeded: generator.next())
      }
      // Any error will do: the types say that it is an `ImageError`.
      if let image = try? ImageDecoder.decode(damaged, name: name, options: options) {
        #expect(image.pixels.count == 3 * image.width * image.height)
      }
      _ = try? ImageDecoder.size(damaged, name: name)
    }
  }

  @Test(
    arguments: [
      ([], "the file is empty"),
      (Array("hello".utf8), "the content is not a picture of a known format"),
      (Array("RIFF____WEBPVP8 ".utf8), "the content is WebP, which is not read"),
      (Array("GIF89a".utf8), "the content is GIF, which is not read"),
      (Array("BM123".utf8), "the content is BMP, which is not read"),
      ([0x49, 0x49, 0x2A, 0, 8], "the content is TIFF, which is not read"),
      (Array("\0\0\0\u{18}ftypheic".utf8), "the content is HEIC, which is not read"),
      (Array("\0\0\0\u{18}ftypavif".utf8), "the content is AVIF, which is not read"),
      ([0xFF, 0xD8, 0xFF], "the JPEG data ends before the picture does"),
      ([0x89, 0x50, 0x4E, 0x47], "the PNG data ends before the picture does"),
    ] as [([UInt8], String)])
  func whatItIsIsSaid(bytes: [UInt8], reason: String) {
    let error = #expect(throws: ImageError.self) { try ImageDecoder.decode(bytes, name: "a/b.jpg") }
    #expect(error?.name == "a/b.jpg")
    #expect(error?.reason == reason)
    #expect(throws: ImageError.self) { try ImageDecoder.size(bytes, name: "a/b.jpg") }
  }

  @Test func sizesAreCheckedBeforeMemoryIsAskedFor() throws {
    // 2147483647 x 2147483647 pixels, and the header's checksum left as it was: libpng would refuse for either reason.
    var png = Sample.pngRGB
    png.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
    #expect(throws: ImageError.self) { try ImageDecoder.decode(png, name: "p") }
    // The height and width of the frame header.
    var jpeg = Sample.ycbcr444
    let frame = try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
    jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xFF, 0xFF, 0xFF])
    let error = #expect(throws: ImageError.self) { try ImageDecoder.decode(jpeg, name: "p") }
    #expect(error?.reason == "65535 x 65535 pixels are more than the 268435456 that are accepted")
    #expect(throws: ImageError.self) {
      try ImageDecoder.decode(Sample.ycbcr444, name: "p", options: DecodingOptions(maximumPixels: 511))
    }
    #expect(throws: Never.self) {
      try ImageDecoder.decode(Sample.ycbcr444, name: "p", options: DecodingOptions(maximumPixels: 512))
    }
  }
}
