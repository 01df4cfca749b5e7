/// Heat-weighted moments of the cells of a region: adding a cell and fitting the axis both cost a constant.
struct Moments {
  /// Positions are taken from here on, so that single precision suffices on huge grids.
  private var originX: Float
  private var originY: Float
  private(set) var weight: Float = 0
  private var x: Float = 0
  private var y: Float = 0
  private var xx: Float = 0
  private var xy: Float = 0
  private var yy: Float = 0

  init(aroundX originX: Float, y originY: Float) {
    self.originX = originX
    self.originY = originY
  }

  @inline(__always)
  mutating func add(_ px: Float, _ py: Float, weight w: Float) {
    let u = px - originX
    let v = py - originY
    weight += w
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
    var axis = Axis(x: originX + mx, y: originY + my, dx: fallback.dx, dy: fallback.dy)
    guard root > 1e-6 else { return axis }
    // Of the two forms of the eigenvector, the one that does not cancel.
    let dx = half > 0 ? half + root : b
    let dy = half > 0 ? b : root - half
    let scale = 1 / (dx * dx + dy * dy).squareRoot()
    axis.dx = dx * scale
    axis.dy = dy * scale
    return axis
  }
}
