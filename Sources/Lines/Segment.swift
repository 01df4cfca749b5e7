/// A line segment found in an image.
///
/// Coordinates are pixels of the original image, x to the right and y down, with the centre of the top left pixel at
/// (0, 0). The two ends are in no particular order.
public struct Segment: Equatable, Sendable {
  public var x1: Double
  public var y1: Double
  public var x2: Double
  public var y2: Double
  /// How much the segment deserves to be believed, in [0, 1]; segments are sorted by it, best first.
  public var score: Double
  /// Width of the line's support across its axis, in pixels of the original image; 0 if unknown.
  public var width: Double
  /// -log10 of the number of false alarms (Desolneux, Moisan, Morel): larger is more meaningful, 0 means one false
  /// alarm is expected per image by chance; 0 if unknown.
  public var meaningfulness: Double

  public init(
    x1: Double, y1: Double, x2: Double, y2: Double, score: Double = 1, width: Double = 0, meaningfulness: Double = 0
  ) {
    self.x1 = x1
    self.y1 = y1
    self.x2 = x2
    self.y2 = y2
    self.score = score
    self.width = width
    self.meaningfulness = meaningfulness
  }

  /// Distance between the two ends, in pixels.
  public var length: Double {
    let dx = x2 - x1
    let dy = y2 - y1
    return (dx * dx + dy * dy).squareRoot()
  }
}
