import VectorIntrinsics

/// Samples the stops of the cells nearest to an axis, once a cell: sample i is at `(x + t dx, y + t dy)` with
/// t = start + i; outside of the grid the edge goes on.
///
/// - Parameters:
///   - stops: the first cell of the logits (right, left, down, up), `pitch` vectors from one to the next and `rowPitch` from a row
///     to the next, without a rim.
///   - width, height: cells, under 2^23.
///   - ahead, behind: where `count` samples go, rounded up to whole eights, within ±6; what is no number says that no end is
///     near, -6. Right and left count for lines that lie, down and up for those that stand; ahead is where the axis leads.
public func sampleStops(
  _ stops: UnsafePointer<SIMD4<Float>>, pitch: Int, rowPitch: Int, width: Int, height: Int, x: Float, y: Float,
  dx: Float, dy: Float, start: Float, count: Int, ahead: UnsafeMutablePointer<Float>,
  behind: UnsafeMutablePointer<Float>
) {
  let lies = abs(dx) >= abs(dy)
  let (first, second) = (lies ? dx > 0 : dy > 0) ? (ahead, behind) : (behind, ahead)
  let (right, bottom) = (Float(width - 1), Float(height - 1))
  for i in stride(from: 0, to: count, by: 8) {
    let t = laneNumbers + (Float(i) + start)
    let columns = truncated(clamp(x + t * dx, 0, right) + 0.5)
    let rows = truncated(clamp(y + t * dy, 0, bottom) + 0.5)
    let cells = EightCells(
      stops, at: rows &* Int32(truncatingIfNeeded: rowPitch) &+ columns &* Int32(truncatingIfNeeded: pitch))
    store(clamp(lies ? cells.heat : cells.sin2, -6, 6), first + i)
    store(clamp(lies ? cells.cos2 : cells.ends, -6, 6), second + i)
  }
}
