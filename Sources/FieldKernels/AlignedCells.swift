import VectorIntrinsics

/// Counts the cells of a rectangle whose tangent agrees with its axis.
///
/// The rectangle has `steps` steps along the axis, at t = low + step * length from (x, y) on, and 2 * halfWidth + 1 cells
/// across at each: those nearest to the axis' normal. A cell is aligned within a tolerance tau if its heat is at least
/// `minHeat` and cos(2 d), with d the angle between its tangent and the axis, is at least cos(2 tau): the scalar product of
/// the two vectors at the doubled angle, squared, is at least `squaredCosines` times the squared norm of the cell's.
///
/// - Parameters:
///   - cells: the first cell, (0, 0), of interleaved planes (heat, cos2, sin2, any), `stride` cells from a row to the
///     next.
///   - width, height: of the grid, under 2^23; cells outside do not count.
///   - squaredCosines: of three tolerances; the last lane is not used.
///   - covered: a bit for each step, the lowest of a byte for the first of eight: whether it has a cell that is aligned
///     within the first tolerance.
/// - Returns: the number of cells; how many of these are aligned within each tolerance; the sum of the heats of the cells on
///   the axis, and of all cells.
public func countAligned(
  _ cells: UnsafePointer<SIMD4<Float>>, stride: Int, width: Int, height: Int, x: Float, y: Float, dx: Float, dy: Float,
  low: Float, length: Float, steps: Int, halfWidth: Int, minHeat: Float, squaredCosines: SIMD4<Float>,
  covered: UnsafeMutablePointer<UInt8>
) -> (cells: Int, aligned: SIMD4<Int32>, onAxis: Float, inside: Float) {
  let (c, s) = (dx * dx - dy * dy, 2 * dx * dy)
  let least = float_lanes(repeating: minHeat)
  var count = 0
  var (aligned0, aligned1, aligned2) = (0, 0, 0)
  var onAxis = float_lanes.zero
  var inside = float_lanes.zero
  for first in Swift.stride(from: 0, to: steps, by: 8) {
    let t = low + length * (laneNumbers + Float(first))
    let (xs, ys) = (x + t * dx, y + t * dy)
    let steps: UInt32 = steps - first < 8 ? 1 << UInt32(truncatingIfNeeded: steps - first) - 1 : 0xFF
    var coveredBits: UInt32 = 0
    for side in -halfWidth...halfWidth {
      let px = xs - Float(side) * dy + 0.5
      let py = ys + Float(side) * dx + 0.5
      let bits =
        steps & lanes_at_most(.zero, px) & lanes_at_most(.zero, py)
        & ~(lanes_at_most(float_lanes(repeating: Float(width)), px)
        | lanes_at_most(float_lanes(repeating: Float(height)), py))
      guard bits != 0 else { continue }
      let column = truncated(clamp(px, 0, Float(width - 1)))
      let row = truncated(clamp(py, 0, Float(height - 1)))
      let i = row &* Int32(truncatingIfNeeded: stride) &+ column
      let planes = EightCells(cells, at: i)
      let dot = planes.cos2 * c + planes.sin2 * s
      let norm2 = planes.cos2 * planes.cos2 + planes.sin2 * planes.sin2
      let square = dot * dot
      let candidates = bits & lanes_at_most(least, planes.heat) & ~lanes_at_most(dot, .zero)
      let first = candidates & lanes_at_most(norm2 * squaredCosines[0], square)
      coveredBits |= first
      count += bits.nonzeroBitCount
      aligned0 += first.nonzeroBitCount
      aligned1 += (candidates & lanes_at_most(norm2 * squaredCosines[1], square)).nonzeroBitCount
      aligned2 += (candidates & lanes_at_most(norm2 * squaredCosines[2], square)).nonzeroBitCount
      let counted = lanes_of(planes.heat, bits)
      inside += counted
      if side == 0 { onAxis += counted }
    }
    covered[first / 8] = UInt8(truncatingIfNeeded: coveredBits)
  }
  let counts = SIMD4<Int32>(
    Int32(truncatingIfNeeded: aligned0), Int32(truncatingIfNeeded: aligned1), Int32(truncatingIfNeeded: aligned2), 0)
  return (count, counts, onAxis.sum(), inside.sum())
}
