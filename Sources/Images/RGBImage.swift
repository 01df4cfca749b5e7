/// An 8-bit colour image in memory: interleaved R, G, B, row-major, no padding, sRGB values as stored.
public struct RGBImage: Equatable, Sendable {
  public let width: Int
  public let height: Int
  /// `3 * width * height` bytes.
  public var pixels: [UInt8]

  /// An image of the given pixels.
  ///
  /// - Precondition: `pixels.count == 3 * width * height`.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(pixels.count == 3 * width * height)
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// An image of one colour.
  public init(width: Int, height: Int, red: UInt8 = 0, green: UInt8 = 0, blue: UInt8 = 0) {
    self.width = width
    self.height = height
    pixels = [UInt8](unsafeUninitializedCapacity: 3 * width * height) { buffer, count in
      while count < 3 * width * height {
        buffer[count] = red
        buffer[count + 1] = green
        buffer[count + 2] = blue
        count += 3
      }
    }
  }
}
