/// Where the cells of a field lie in the image: `image = scale * (cell + 0.5) - 0.5`, in x and in y apart.
///
/// A network that squashes the image to a square has two different scales; straight lines stay straight, so segments
/// are grown on the grid and only their ends are carried over.
public struct GridTransform: Equatable, Sendable {
  /// Image pixels per cell, horizontally.
  public var scaleX: Double
  /// Image pixels per cell, vertically.
  public var scaleY: Double

  public static let identity = GridTransform(scaleX: 1, scaleY: 1)

  public init(scaleX: Double, scaleY: Double) {
    self.scaleX = scaleX
    self.scaleY = scaleY
  }

  /// The transform from a grid that covers the whole image.
  public init(gridWidth: Int, gridHeight: Int, imageWidth: Int, imageHeight: Int) {
    self.init(scaleX: Double(imageWidth) / Double(gridWidth), scaleY: Double(imageHeight) / Double(gridHeight))
  }

  /// The image coordinates of a point of the grid.
  public func image(x: Double, y: Double) -> (x: Double, y: Double) {
    (scaleX * (x + 0.5) - 0.5, scaleY * (y + 0.5) - 0.5)
  }
}
