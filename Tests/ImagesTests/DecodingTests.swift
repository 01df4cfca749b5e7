import Images
import Testing

private func decode(_ bytes: [UInt8], _ options: DecodingOptions = DecodingOptions()) throws -> RGBImage {
  try ImageDecoder.decode(bytes, name: "picture", options: options)
}

/// The colours in the middle of the four fields of a sample picture: top left, top right, bottom left, bottom right.
private func fields(_ image: RGBImage) -> [[Int]] {
  [(1, 1), (3, 1), (1, 3), (3, 3)].map { x, y in
    let offset = 3 * (y * image.height / 4 * image.width + x * image.width / 4)
    return image.pixels[offset..<offset + 3].map(Int.init)
  }
}

private func distance(_ a: [[Int]], _ b: [[Int]]) -> Int {
  zip(a.joined(), b.joined()).map { abs($0 - $1) }.max() ?? 0
}

private let red = [220, 40, 30]
private let green = [30, 200, 60]
private let blue = [40, 60, 210]
private let white = [250, 250, 250]

@Suite struct JPEGDecodingTests {
  @Test(
    arguments: [
      Sample.ycbcr444, Sample.ycbcr420, Sample.progressive, Sample.restarts, Sample.cmykAdobe, Sample.cmykPlain,
      Sample.ycck,
    ])
  func coloursComeOutAsPainted(bytes: [UInt8]) throws {
    let image = try decode(bytes)
    #expect(image.width == 32 && image.height == 16)
    #expect(distance(fields(image), [red, green, blue, white]) <= 6)
  }

  @Test func greyHasThreeEqualChannels() throws {
    let image = try decode(Sample.grey)
    #expect(distance(fields(image), [[40, 40, 40], [200, 200, 200], [60, 60, 60], [250, 250, 250]]) <= 3)
  }

  @Test(
    arguments: zip(
      1...8,
      [
        [red, green, blue, white], [green, red, white, blue], [white, blue, green, red], [blue, white, red, green],
        [red, blue, green, white], [blue, red, white, green], [white, green, blue, red], [green, white, red, blue],
      ]))
  func orientationIsApplied(value: Int, expected: [[Int]]) throws {
    for littleEndian in [false, true] {
      let bytes = withOrientation(Sample.ycbcr444, UInt8(value), littleEndian: littleEndian)
      let image = try decode(bytes)
      let size = try ImageDecoder.size(bytes, name: "picture")
      #expect(size == (value < 5 ? (32, 16) : (16, 32)))
      #expect(size == (image.width, image.height))
      #expect(distance(fields(image), expected) <= 6)
    }
  }

  @Test func everyPixelTurns() throws {
    let upright = try decode(Sample.progressive)
    let turned = try decode(withOrientation(Sample.progressive, 6, littleEndian: false))
    // A quarter turn clockwise: the upright column x, from the bottom up, becomes the row x.
    var expected: [UInt8] = []
    for x in 0..<upright.width {
      for y in (0..<upright.height).reversed() {
        let offset = 3 * (y * upright.width + x)
        expected += upright.pixels[offset..<offset + 3]
      }
    }
    #expect(turned.pixels == expected)
  }

  @Test func nonsenseInEXIFIsIgnored() throws {
    let plain = try decode(Sample.ycbcr444)
    for value in [0, 9, 255] as [UInt8] {
      #expect(try decode(withOrientation(Sample.ycbcr444, value, littleEndian: true)) == plain)
    }
    let whole = withOrientation(Sample.ycbcr444, 6, littleEndian: false)
    // Directory offsets and counts that lead out of the segment.
    for position in 12..<30 {
      var bytes = whole
      bytes[position] = 255
      #expect(throws: Never.self) { try decode(bytes) }
    }
  }

  @Test(arguments: [(32, 16, 32, 16), (17, 9, 32, 16), (16, 8, 16, 8), (1, 4, 8, 4), (1, 1, 4, 2), (64, 64, 32, 16)])
  func aSmallerPictureMayBeAskedFor(minimumWidth: Int, minimumHeight: Int, width: Int, height: Int) throws {
    let options = DecodingOptions(minimumSize: (minimumWidth, minimumHeight))
    let image = try decode(Sample.ycbcr444, options)
    #expect(image.width == width && image.height == height)
    #expect(distance(fields(image), [red, green, blue, white]) <= 8)
    let turned = try decode(
      withOrientation(Sample.ycbcr444, 8, littleEndian: false),
      DecodingOptions(minimumSize: (minimumHeight, minimumWidth)))
    #expect(turned.width == height && turned.height == width)
  }

  /// Of a picture whose sides are no multiples of the factor, a fraction of a pixel hangs over, on the side that orientation gives it.
  @Test(arguments: [UInt8](1...8), [2, 4, 8])
  func aShrunkPictureKnowsItsPlaceInTheWhole(orientation: UInt8, factor: Int) throws {
    var bytes = withOrientation(Sample.ycbcr444, orientation, littleEndian: true)
    // Height and width of the frame header: 13 x 29, with the same blocks.
    let frame = try #require(bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
    bytes.replaceSubrange(frame + 5..<frame + 9, with: [0, 13, 0, 29])
    let whole = try decode(bytes)
    let least = orientation < 5 ? (29 / factor + 1, 13 / factor + 1) : (13 / factor + 1, 29 / factor + 1)
    let shrunk = try ImageDecoder.decodeShrunk(bytes, name: "picture", options: DecodingOptions(minimumSize: least))
    #expect(shrunk.factor == factor && (shrunk.width, shrunk.height) == (whole.width, whole.height))
    #expect((shrunk.image.width, shrunk.image.height) == least)
    let (borders, shrunkBorders) = (borders(of: whole), borders(of: shrunk.image))
    #expect(shrunk.whole(x: shrunkBorders.x, y: shrunkBorders.y) == borders)
    #expect(try ImageDecoder.decodeShrunk(bytes, name: "picture", options: DecodingOptions()).factor == 1)
  }

  /// Where the first row and the first column change their colour.
  private func borders(of image: RGBImage) -> (x: Double, y: Double) {
    func differs(_ offset: Int) -> Bool {
      (0..<3).contains { abs(Int(image.pixels[3 * offset + $0]) - Int(image.pixels[$0])) > 60 }
    }
    let x = (0..<image.width).first(where: differs) ?? 0
    let y = (0..<image.height).first { differs($0 * image.width) } ?? 0
    return (Double(x) - 0.5, Double(y) - 0.5)
  }

  @Test func strayBytesBetweenSegmentsAreHarmless() throws {
    let bytes = Sample.ycbcr444
    #expect(try decode(Array(bytes[..<20]) + [1, 2, 3] + Array(bytes[20...])) == decode(bytes))
    #expect(try decode(bytes + [0, 1, 2]) == decode(bytes))
  }

  /// The sample with an EXIF segment that holds the orientation after another tag.
  private func withOrientation(_ bytes: [UInt8], _ value: UInt8, littleEndian: Bool) -> [UInt8] {
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      let big = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
      return littleEndian ? big.reversed() : big
    }
    var tiff: [UInt8] = Array((littleEndian ? "II" : "MM").utf8) + number(42, 2) + number(8, 4) + number(2, 2)
    tiff += number(0x0100, 2) + number(4, 2) + number(1, 4) + number(32, 4)
    tiff += number(0x0112, 2) + number(3, 2) + number(1, 4) + number(Int(value), 2) + [0, 0] + number(0, 4)
    let segment = Array("Exif\0\0".utf8) + tiff
    return [0xFF, 0xD8, 0xFF, 0xE1, 0, UInt8(segment.count + 2)] + segment + bytes[2...]
  }
}

@Suite struct PNGDecodingTests {
  private let pixels: [UInt8] = [
    0, 0, 0, 255, 0, 0, 0, 128, 0, 10, 20, 250,
    255, 255, 255, 1, 2, 3, 77, 88, 99, 200, 100, 50,
  ]

  @Test(arguments: [Sample.pngRGB, Sample.pngRGB16])
  func colour(bytes: [UInt8]) throws {
    #expect(try decode(bytes) == RGBImage(width: 4, height: 2, pixels: pixels))
    #expect(try ImageDecoder.size(bytes, name: "picture") == (4, 2))
  }

  @Test func transparencyIsLaidOnWhite() throws {
    // Alpha 0, 255, 128, 64; then 0, 255, 255, 128.
    let expected: [UInt8] = [
      255, 255, 255, 255, 0, 0, 127, 191, 127, 194, 196, 254,
      255, 255, 255, 1, 2, 3, 77, 88, 99, 227, 177, 152,
    ]
    #expect(try decode(Sample.pngRGBA).pixels == expected)
    #expect(try decode(Sample.pngGreyAlpha).pixels == [100, 100, 100, 255, 255, 255])
    #expect(
      try decode(Sample.pngPalette).pixels == [255, 0, 0, 0, 255, 0, 255, 255, 255, 9, 8, 7])
  }

  @Test func greyOfOneAndSixteenBits() throws {
    #expect(try decode(Sample.pngGrey16).pixels == [0, 0, 0, 128, 128, 128, 255, 255, 255])
    let bits: [UInt8] = [1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0]
    #expect(try decode(Sample.pngBits).pixels == bits.flatMap { [UInt8](repeating: 255 * $0, count: 3) })
  }

  @Test func interlaced() throws {
    #expect(try decode(Sample.pngInterlaced).pixels == (0..<63).flatMap { [UInt8](repeating: 4 * $0, count: 3) })
  }
}

@Suite struct PNMDecodingTests {
  private func bytes(_ header: String, _ samples: [UInt8] = []) -> [UInt8] { Array(header.utf8) + samples }

  @Test func textAndBinary() throws {
    let expected = RGBImage(width: 2, height: 1, pixels: [1, 2, 3, 40, 50, 255])
    #expect(try decode(bytes("P6 2 1 255\n", [1, 2, 3, 40, 50, 255])) == expected)
    #expect(try decode(bytes("P3\n2 1\n255\n1 2 3\n40\t50 255")) == expected)
    let grey = RGBImage(width: 1, height: 3, pixels: [0, 0, 0, 7, 7, 7, 255, 255, 255])
    #expect(try decode(bytes("P5\n1\n3\n255\n", [0, 7, 255])) == grey)
    #expect(try decode(bytes("P2 1 3 255 0 7 255\n")) == grey)
  }

  @Test func commentsAndOtherMaxima() throws {
    let image = try decode(bytes("P5 # made by hand\n# 9 9\n3 #width\r1\n 15 ", [0, 7, 15]))
    #expect(image.pixels == [0, 0, 0, 119, 119, 119, 255, 255, 255])
    #expect(try decode(bytes("P2 2 1 65535 32768 # half\n 65535")).pixels == [128, 128, 128, 255, 255, 255])
    #expect(try decode(bytes("P5 2 1 1000\n", [0x01, 0xF4, 0x03, 0xE8])).pixels == [128, 128, 128, 255, 255, 255])
  }

  @Test(
    arguments: [
      "P5", "P5 ", "P5 2", "P5 2 2 255", "P5 2 2 255\n123", "P2 2 1 255 7", "P6 -1 2 255 abc", "P5 2 1 0\nab",
      "P5 2 1 65536\nabcd", "P5 2 1 255xab", "P5 99999999999999999999 1 255 a", "P5 2000000000 2000000000 255\nab",
      "P5 0 5 255\n", "P2 1 1 10 11", "P5 1 1 10\nz", "P3 1 1 255 1 2 x", "P5 # no end",
    ])
  func whatIsWrongIsRefused(text: String) {
    #expect(throws: ImageError.self) { try decode(bytes(text)) }
  }
}

@Suite struct EncodingTests {
  private static func noise(_ width: Int, _ height: Int) -> RGBImage {
    var generator = SplitMix(seed: 7)
    return RGBImage(
      width: width, height: height,
      pixels: (0..<3 * width * height).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
  }

  @Test(arguments: [(1, 1), (1, 9), (9, 1), (7, 21), (64, 33), (20_000, 2)])
  func whatIsEncodedIsDecoded(width: Int, height: Int) throws {
    let image = Self.noise(width, height)
    #expect(try decode(image.pngBytes()) == image)
    #expect(try decode(image.ppmBytes()) == image)
    let grey = GreyImage(width: width, height: height, pixels: Array(image.pixels.prefix(width * height)))
    let expected = RGBImage(width: width, height: height, pixels: grey.pixels.flatMap { [$0, $0, $0] })
    #expect(try decode(grey.pngBytes()) == expected)
    #expect(try decode(grey.pgmBytes()) == expected)
  }

  @Test func anEmptyPictureIsAnError() {
    #expect(throws: ImageError.self) { try RGBImage(width: 0, height: 5).pngBytes() }
  }
}
