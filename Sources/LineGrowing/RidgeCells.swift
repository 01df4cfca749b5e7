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
  /// For each cell of the planes 1 if it is a ridge cell that has not been taken, else 0; the rim is 0.
  private(set) var free = Buffer<UInt8>()
  /// For each ridge cell of the planes its number; unspecified for the others.
  private(set) var numbers = Buffer<Int32>()
  private var row = RidgeRow()

  @inline(__always)
  subscript(number: Int) -> RidgeCell { cells[number] }

  /// Takes a ridge cell away, by its index in the planes, so that it is found only once.
  @inline(__always)
  func take(_ index: Int) { free[index] = 0 }

  /// A bit for each of three cells of a row, from an index on: whether it is free. They are loaded byte by byte, since
  /// `take` has just written some of them, and a wider load would have to wait for these writes.
  @inline(__always)
  func freeBits(_ index: Int) -> UInt {
    UInt(free[index]) | UInt(free[index + 1]) << 1 | UInt(free[index + 2]) << 2
  }

  /// Finds the cells with at least `minimum` heat whose ridge is within `band` cells.
  mutating func find(in planes: borrowing FieldPlanes, minimum: Float, band: Float) {
    count = 0
    numbers.reserve(planes.count)
    free.reserve(planes.count + FieldPlanes.slack)
    free.base.update(repeating: 0, count: planes.count)
    for y in 0..<planes.height {
      cells.grow(to: count + planes.width, keeping: count)
      row.find(y, in: planes, minimum: minimum, band: band)
      collect(y, planes)
    }
  }

  /// Appends the cells of a row.
  private mutating func collect(_ y: Int, _ planes: borrowing FieldPlanes) {
    let first = planes.index(0, y)
    let (right, bottom) = (Float(planes.width - 1), Float(planes.height - 1))
    for block in 0..<RidgeRow.blocks(planes.width) {
      var bits = row.kept[block]
      while bits != 0 {
        let x = 8 * block + bits.trailingZeroBitCount
        bits &= bits - 1
        let index = first + x
        cells[count] = RidgeCell(
          x: min(max(Float(x) + row.dx[x], 0), right), y: min(max(Float(y) + row.dy[x], 0), bottom),
          heat: planes.heat[index], cos2: row.cos2[x], sin2: row.sin2[x], index: Int32(truncatingIfNeeded: index))
        free[index] = 1
        numbers[index] = Int32(truncatingIfNeeded: count)
        count += 1
      }
    }
  }
}
