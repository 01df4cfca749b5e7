/// Heat-weighted moments of the cells of a region: adding a cell and fitting the axis both cost a constant.
struct Moments {
  /// Positions are taken from here on, so that the squares of large coordinates do not cancel.
  private var originX: Float
  private var originY: Float
  private(set) var weight = 0.0
  private var x = 0.0
  private var y = 0.0
  private var xx = 0.0
  private var xy = 0.0
  private var yy = 0.0

  init(aroundX originX: Float, y originY: Float) {
    self.originX = originX
    self.originY = originY
  }

  @inline(__always)
  mutating func add(_ px: Float, _ py: Float, weight: Float) {
    let u = Double(px - originX)
    let v = Double(py - originY)
    let w = Double(weight)
    self.weight += w
    x += w * u
    y += w * v
    xx += w * u * u
    xy += w * u * v
    yy += w * v * v
  }

  /// The axis of least weighted squared distance, through the centre of mass: the eigenvector of the larger
  /// eigenvalue of the covariance, in closed form. A single point has none; it gets `fallback`'s direction.
  func axis(fallback: (dx: Float, dy: Float)) -> Axis {
    guard weight > 0 else { return Axis(x: originX, y: originY, dx: fallback.dx, dy: fallback.dy) }
    let mx = x / weight
    let my = y / weight
    let half = ((xx / weight - mx * mx) - (yy / weight - my * my)) / 2
    let b = xy / weight - mx * my
    let root = (half * half + b * b).squareRoot()
    var axis = Axis(x: originX + Float(mx), y: originY + Float(my), dx: fallback.dx, dy: fallback.dy)
    guard root > 1e-6 else { return axis }
    // Of the two forms of the eigenvector, the one that does not cancel.
    let dx = half > 0 ? half + root : b
    let dy = half > 0 ? b : root - half
    let scale = 1 / (dx * dx + dy * dy).squareRoot()
    axis.dx = Float(dx * scale)
    axis.dy = Float(dy * scale)
    return axis
  }
}
