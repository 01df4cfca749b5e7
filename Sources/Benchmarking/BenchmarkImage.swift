import Images

/// One image to time with: its file's bytes.
public struct BenchmarkImage: Sendable {
  public let name: String
  public let bytes: [UInt8]

  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// Drawn bars of random place and shade, 640 x 480, always the same: what to time with where there is no photograph.
  public static func drawn() throws(ImageError) -> BenchmarkImage {
    var image = RGBImage(width: 640, height: 480, red: 120, green: 120, blue: 120)
    var state: UInt64 = 1
    func random(_ bound: Double) -> Double {
      // Knuth's MMIX generator; its high bits are good enough to draw with.
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 33) / 0x1p31 * bound
    }
    for _ in 0..<60 {
      let shade = UInt8(random(255))
      let color = Color(shade, UInt8(random(255)), shade)
      image.drawLine(
        x1: random(640), y1: random(480), x2: random(640), y2: random(480), color: color, lineWidth: 4 + random(40))
    }
    return BenchmarkImage(name: "a drawn image", bytes: try image.pngBytes())
  }
}
