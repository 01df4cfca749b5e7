/// A picture that was decoded at a fraction of its size, or whole, and where its pixels lie in the whole one.
public struct ShrunkImage: Sendable {
  public var image: RGBImage
  /// The size of the whole picture, upright.
  public var width: Int
  public var height: Int
  /// Pixels of the whole picture that a pixel covers in each direction: 1, 2, 4 or 8.
  public var factor: Int
  /// Pixels by which the first column and the first row reach out of the whole picture. Where sizes are no multiples of the
  /// factor, the last ones of the picture as it is stored do; if it is mirrored or turned, these come first.
  public var overhang: (x: Int, y: Int)

  /// The coordinates in the whole picture of a point of the shrunk one, both with pixel centres at integers; on the whole one's
  /// border where the shrunk one's pixels reach out of it.
  public func whole(x: Double, y: Double) -> (x: Double, y: Double) {
    func whole(_ position: Double, _ overhang: Int, _ size: Int) -> Double {
      min(max(Double(factor) * (position + 0.5) - 0.5 - Double(overhang), -0.5), Double(size) - 0.5)
    }
    return (whole(x, overhang.x, width), whole(y, overhang.y, height))
  }
}

extension ShrunkImage {
  init(whole image: RGBImage) {
    self.init(image: image, width: image.width, height: image.height, factor: 1, overhang: (0, 0))
  }
}
