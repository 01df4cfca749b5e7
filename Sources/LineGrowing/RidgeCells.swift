/// A cell through which a ridge of the heat runs.
struct RidgeCell {
  /// Position of the ridge at the cell, with fractions.
  var x: Float
  var y: Float
  var heat: Float
  /// The tangent t as a unit vector at the angle 2t.
  var cos2: Float
  var sin2: Float
  /// Index of the cell in the field's planes.
  var index: Int32
}

/// The region of interest: the cells of a field that lie on a ridge of its heat.
///
/// A cell is kept if the heat has a maximum across the tangent within a band around it. That thins the fields' soft
/// lines to chains of cells, tells close parallels apart by the valley between them, and leaves few cells to grow in.
struct RidgeCells: ~Copyable {
  private(set) var count = 0
  /// The cells, in the order of the grid.
  private(set) var cells = Buffer<RidgeCell>()
  /// For each cell of the planes its number among the ridge cells, or -1 if it is none or has been taken.
  private(set) var numbers = Buffer<Int32>()
  @inline(__always)
  subscript(number: Int) -> RidgeCell { cells[number] }

  /// Takes a ridge cell away, so that it is found only once.
  @inline(__always)
  func take(_ number: Int) { numbers[Int(cells[number].index)] = -1 }

  /// Whether a ridge cell has not been taken.
  @inline(__always)
  func isFree(_ number: Int) -> Bool { numbers[Int(cells[number].index)] >= 0 }

  /// Finds the cells with at least `minimum` heat whose ridge is within `band` cells.
  mutating func find(in planes: borrowing FieldPlanes, minimum: Float, band: Float) {
    count = 0
    numbers.reserve(planes.count)
    numbers.base.update(repeating: -1, count: planes.count)
    for row in 0..<planes.height {
      cells.grow(to: count + planes.width, keeping: count)
      for column in Swift.stride(from: 0, to: planes.width, by: Self.lanes) {
        findBlock(row, column, in: planes, minimum: minimum, band: band)
      }
    }
  }

  private static let lanes = 8
  private typealias Lanes = SIMD8<Float>

  /// Finds the ridge cells among eight of a row, all at once: each step is taken for every lane, and the cases of the
  /// normal's octant are choices of neighbours instead of branches.
  private mutating func findBlock(
    _ row: Int, _ column: Int, in planes: borrowing FieldPlanes, minimum: Float, band: Float
  ) {
    let first = planes.index(column, row)
    let stride = planes.stride
    let heats = planes.heat.base + first
    let h = load(heats)
    guard any(h .>= minimum) else { return }
    var c = load(planes.cos2.base + first)
    var s = load(planes.sin2.base + first)
    let norm2 = c * c + s * s
    let scale = 1 / norm2.squareRoot()
    c *= scale
    s *= scale
    // The tangent t from 2t, by the half-angle formulas; its normal is (-ty, tx) where s >= 0 and (ty, tx) elsewhere.
    let tx = root((1 + c) * 0.5)
    let ty = root((1 - c) * 0.5)
    let falling = s .< 0
    // Follow the normal, with its larger component positive, to the ring of eight neighbours; it leaves between two.
    let sideways = ty .> tx
    let larger = tx.replacing(with: ty, where: sideways)
    let share = ty.replacing(with: tx, where: sideways) / larger
    let straightAfter = load(heats + stride).replacing(with: load(heats + 1), where: sideways)
    let straightBefore = load(heats - stride).replacing(with: load(heats - 1), where: sideways)
    let slantAfter = load(heats + stride - 1).replacing(with: load(heats - stride + 1), where: sideways)
      .replacing(with: load(heats + stride + 1), where: falling)
    let slantBefore = load(heats - stride + 1).replacing(with: load(heats + stride - 1), where: sideways)
      .replacing(with: load(heats - stride - 1), where: falling)
    let after = straightAfter + share * (slantAfter - straightAfter)
    let before = straightBefore + share * (slantBefore - straightBefore)
    // Where the parabola through the logarithms of the three heats has its maximum, which is exact on a Gaussian
    // ridge; ln(a / b) is taken as 2 (a - b) / (a + b). The plain parabola is drawn to the cell's centre by 0.06.
    let fallBefore = (h - before) / (h + before)
    let fallAfter = (h - after) / (h + after)
    let bend = fallBefore + fallAfter
    let offset = ((fallBefore - fallAfter) / (2 * bend * larger))
      .replacing(with: .infinity, where: bend .<= 0)
      .replacing(with: .infinity, where: h .< minimum)
      .replacing(with: .infinity, where: norm2 .< 1e-4)
    let nx = (-ty).replacing(with: ty, where: sideways).replacing(with: ty, where: falling)
    let ny = tx.replacing(with: -tx, where: sideways).replacing(with: tx, where: falling)
    let xs = clamp(Lanes(repeating: Float(column)) + Self.places + offset * nx, to: Float(planes.width - 1))
    let ys = clamp(Lanes(repeating: Float(row)) + offset * ny, to: Float(planes.height - 1))
    // One bit a lane, so that what is kept is looped over without a guess at each.
    var kept = SIMD8<Int32>().replacing(with: Self.bits, where: offset * offset .<= band * band).wrappedSum()
    kept &= (1 << Int32(min(Self.lanes, planes.width - column))) - 1
    while kept != 0 {
      let lane = kept.trailingZeroBitCount
      kept &= kept - 1
      let index = Int32(truncatingIfNeeded: first + lane)
      cells[count] = RidgeCell(
        x: xs[lane], y: ys[lane], heat: h[lane], cos2: c[lane], sin2: s[lane], index: index)
      numbers[first + lane] = Int32(truncatingIfNeeded: count)
      count += 1
    }
  }

  private static let places: Lanes = [0, 1, 2, 3, 4, 5, 6, 7]
  private static let bits: SIMD8<Int32> = [1, 2, 4, 8, 16, 32, 64, 128]

  @inline(__always)
  private func clamp(_ value: Lanes, to limit: Float) -> Lanes {
    value.replacing(with: 0, where: value .< 0).replacing(with: limit, where: value .> limit)
  }

  @inline(__always)
  private func load(_ pointer: UnsafePointer<Float>) -> Lanes {
    UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
  }

  /// Square root of what rounding may have made negative.
  @inline(__always)
  private func root(_ value: Lanes) -> Lanes { value.replacing(with: 0, where: value .< 0).squareRoot() }
}
