import VectorIntrinsics

/// Finds where ridges of the heat run through a row of a field: where the heat has a maximum across the tangent.
///
/// The normal (nx, ny) at a right angle to the tangent t, its larger component positive, leaves the ring of eight
/// neighbours between two of them, where the heats `before` and `after` are interpolated. The parabola through the
/// logarithms of the three heats, which is exact on a Gaussian ridge, has its maximum, with ln(a / b) taken as
/// 2 (a - b) / (a + b), at
///
///     q = h (after - before) / (2 (h^2 - before after))
///
/// steps of the larger component; there is one if h^2 > before after. (The plain parabola is drawn to the cell's centre
/// by 0.06.) Neither angles nor roots of them are needed: with c = cos 2t and s = sin 2t the larger component is sideways
/// where c < 0, its square is (1 + |c|) / 2, and the smaller is |s| / (1 + |c|) times as large.
///
/// Eight cells are worked on at once: each step is taken for every lane, and the cases of the normal's octant are
/// choices of neighbours instead of branches.
///
/// - Parameters:
///   - heat: the first cell of the row in a plane with a rim of one cell, `stride` cells from a row to the next; up to
///     eight cells behind the last of the row below are read.
///   - cells: the first cell of the row, (heat, cos2, sin2, any); up to seven behind the last are read.
///   - width: cells of the row.
///   - minimum: cells with less heat lie on no ridge.
///   - band: largest distance of the ridge from the cell, in cells.
///   - row: where the rest of the row goes, `width` rounded up to whole eights of each: the way from a cell's centre to
///     the ridge, and the tangent as a unit vector at the angle 2t; they mean nothing where a cell is not kept.
///   - kept: a bit for each cell, the lowest of a byte for the first of eight: whether a ridge runs through it.
public func findRidge(
  heat: UnsafePointer<Float>, cells: UnsafePointer<SIMD4<Float>>, stride: Int, width: Int, minimum: Float, band: Float,
  into row: (
    dx: UnsafeMutablePointer<Float>, dy: UnsafeMutablePointer<Float>, cos2: UnsafeMutablePointer<Float>,
    sin2: UnsafeMutablePointer<Float>
  ), kept: UnsafeMutablePointer<UInt8>
) {
  let least = float_lanes(repeating: minimum)
  let halfBand2 = float_lanes(repeating: band * band / 2)
  for x in Swift.stride(from: 0, to: width, by: 8) {
    let h = load(heat + x)
    var bits = lanes_at_most(least, h)
    guard bits != 0 else {
      kept[x / 8] = 0
      continue
    }
    let planes = EightCells(cells + x, pitch: 1)
    var (c, s) = (planes.cos2, planes.sin2)
    let norm2 = c * c + s * s
    let scale = 1 / square_root(norm2)
    c *= scale
    s *= scale
    let sideways = c .< 0
    let falling = s .< 0
    let onePlus = (-c).replacing(with: c, where: c .> 0) + 1
    let slope = s / onePlus

    let (above, below) = (heat + x - stride, heat + x + stride)
    let straightAfter = load(below).replacing(with: load(heat + x + 1), where: sideways)
    let straightBefore = load(above).replacing(with: load(heat + x - 1), where: sideways)
    let slantAfter = load(below - 1).replacing(with: load(above + 1), where: sideways)
      .replacing(with: load(below + 1), where: falling)
    let slantBefore = load(above + 1).replacing(with: load(below - 1), where: sideways)
      .replacing(with: load(above - 1), where: falling)
    let share = slope.replacing(with: -slope, where: falling)
    let after = straightAfter + share * (slantAfter - straightAfter)
    let before = straightBefore + share * (slantBefore - straightBefore)

    let bend = h * h - before * after
    let q = h * (after - before) / (bend + bend)
    // |q| times the length of a step, squared, is q^2 * 2 / (1 + |c|).
    bits &= lanes_at_most(q * q, halfBand2 * onePlus)
    bits &= lanes_at_most(float_lanes(repeating: 1e-4), norm2)
    bits &= ~lanes_at_most(bend, float_lanes(repeating: 0))
    kept[x / 8] = UInt8(truncatingIfNeeded: bits)
    let lesser = -q * slope
    store(lesser.replacing(with: q, where: sideways), row.dx + x)
    store(q.replacing(with: lesser, where: sideways), row.dy + x)
    store(c, row.cos2 + x)
    store(s, row.sin2 + x)
  }
}
