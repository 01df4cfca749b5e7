/// An 8-bit grey image in memory: row-major, no padding.
public struct GreyImage: Equatable, Sendable {
  public let width: Int
  public let height: Int
  /// `width * height` bytes.
  public var pixels: [UInt8]

  /// An image of the given pixels.
  ///
  /// - Precondition: `pixels.count == width * height`.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(pixels.count == width * height)
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// An image of one value.
  public init(width: Int, height: Int, value: UInt8 = 0) {
    self.width = width
    self.height = height
    pixels = [UInt8](repeating: value, count: width * height)
  }
}
