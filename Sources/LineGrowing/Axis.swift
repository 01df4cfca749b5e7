/// A straight line through the plane: a point on it and its unit direction.
struct Axis {
  var x: Float = 0
  var y: Float = 0
  var dx: Float = 1
  var dy: Float = 0

  /// Position along the axis of the foot of a point, from (x, y) on.
  @inline(__always)
  func along(_ px: Float, _ py: Float) -> Float { (px - x) * dx + (py - y) * dy }

  /// Signed distance of a point from the axis.
  @inline(__always)
  func across(_ px: Float, _ py: Float) -> Float { (py - y) * dx - (px - x) * dy }

  /// The same line in the direction that is less than a right angle from another's.
  func turned(along other: Axis) -> Axis {
    dx * other.dx + dy * other.dy < 0 ? Axis(x: x, y: y, dx: -dx, dy: -dy) : self
  }

  /// cos 2t and sin 2t of the axis' direction t.
  var doubled: (cos: Float, sin: Float) { (dx * dx - dy * dy, 2 * dx * dy) }
}

/// The cell whose centre is nearest to a coordinate; anything outside to the left stays there. A library call for
/// rounding would cost more than what is done with the cell.
@inline(__always)
func nearestCell(_ coordinate: Float) -> Int { coordinate < -0.5 ? -1 : Int(coordinate + 0.5) }
