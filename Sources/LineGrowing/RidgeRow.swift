/// The ridges of the heat in one row of a field.
struct RidgeRow: ~Copyable {
  /// From a cell's centre to the ridge.
  private(set) var dx = Buffer<Float>()
  private(set) var dy = Buffer<Float>()
  /// The tangent t as a unit vector at the angle 2t.
  private(set) var cos2 = Buffer<Float>()
  private(set) var sin2 = Buffer<Float>()
  /// A bit for each cell, the lowest of a byte for the first of eight: whether a ridge runs through it. Nothing else
  /// means anything where none does.
  private(set) var kept = Buffer<UInt8>()

  /// How many bytes `kept` has.
  static func blocks(_ width: Int) -> Int { (width + 7) / 8 }

  /// Finds the cells of row `y` with at least `minimum` heat whose ridge is within `band` cells.
  mutating func find(_ y: Int, in planes: borrowing FieldPlanes, minimum: Float, band: Float) {
    let blocks = Self.blocks(planes.width)
    dx.reserve(8 * blocks)
    dy.reserve(8 * blocks)
    cos2.reserve(8 * blocks)
    sin2.reserve(8 * blocks)
    kept.reserve(blocks)
    let first = planes.index(0, y)
    SelectedKernels.findRidge(
      planes.heat.base + first, planes.cells.base + first, planes.stride, planes.width, minimum, band,
      (dx.base, dy.base, cos2.base, sin2.base), kept.base)
    // The last lanes may lie beyond the row.
    if planes.width % 8 != 0 { kept[blocks - 1] &= 1 << (planes.width % 8) - 1 }
  }
}
