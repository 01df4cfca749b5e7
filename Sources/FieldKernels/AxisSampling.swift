import VectorIntrinsics

/// Samples a field along an axis, bilinearly, once a cell: sample i is at `(x + t dx, y + t dy)` with t = start + i;
/// outside of the grid all is 0.
///
/// - Parameters:
///   - cells: the first cell, (0, 0), of interleaved planes (heat, cos2, sin2, ends) with a rim of one cell that repeats
///     the edge, `stride` cells from a row to the next.
///   - width, height: cells without the rim, under 2^23.
///   - heat, agreement, directed, ends: where `count` samples go, rounded up to whole eights. The agreement of the tangent
///     with the axis is the scalar product of its vector, as it is, and the axis' at the doubled angle; the directed heat is
///     the heat times the agreement, where that is in [0, 1].
public func sampleAxis(
  _ cells: UnsafePointer<SIMD4<Float>>, stride: Int, width: Int, height: Int, x: Float, y: Float, dx: Float, dy: Float,
  start: Float, count: Int, heat: UnsafeMutablePointer<Float>, agreement: UnsafeMutablePointer<Float>,
  directed: UnsafeMutablePointer<Float>, ends: UnsafeMutablePointer<Float>
) {
  let (c, s) = (dx * dx - dy * dy, 2 * dx * dy)
  // From the rim's corner on, where truncation rounds down.
  let corner = cells - stride - 1
  let (right, bottom) = (Float(width) - 0.5, Float(height) - 0.5)
  for first in Swift.stride(from: 0, to: count, by: 8) {
    let t = laneNumbers + (Float(first) + start)
    let (xs, ys) = (x + t * dx, y + t * dy)
    let (insideX, insideY) = (clamp(xs, -0.5, right), clamp(ys, -0.5, bottom))
    let (columns, rows) = (truncated(insideX + 1), truncated(insideY + 1))
    let u = insideX + 1 - float_of_lanes(columns)
    let v = insideY + 1 - float_of_lanes(rows)
    let isOutside = (xs .!= insideX) .| (ys .!= insideY)
    let i = rows &* Int32(truncatingIfNeeded: stride) &+ columns
    let (upLeft, upRight) = (EightCells(corner, at: i), EightCells(corner + 1, at: i))
    let (downLeft, downRight) = (EightCells(corner + stride, at: i), EightCells(corner + stride + 1, at: i))

    @inline(__always)
    func mean(_ a: float_lanes, _ b: float_lanes, _ c: float_lanes, _ d: float_lanes) -> float_lanes {
      let (up, down) = (a + u * (b - a), c + u * (d - c))
      return (up + v * (down - up)).replacing(with: 0, where: isOutside)
    }
    let cos2 = mean(upLeft.cos2, upRight.cos2, downLeft.cos2, downRight.cos2)
    let sin2 = mean(upLeft.sin2, upRight.sin2, downLeft.sin2, downRight.sin2)
    let heats = mean(upLeft.heat, upRight.heat, downLeft.heat, downRight.heat)
    let agreements = cos2 * c + sin2 * s
    store(heats, heat + first)
    store(agreements, agreement + first)
    store(heats * clamp(agreements, 0, 1), directed + first)
    store(mean(upLeft.ends, upRight.ends, downLeft.ends, downRight.ends), ends + first)
  }
}
