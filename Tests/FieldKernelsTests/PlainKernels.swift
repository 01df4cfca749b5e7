/// The field kernels, cell by cell and with branches: what the others are held to, to the last bit.
enum PlainKernels {
  /// Cells with a rim of one that repeats the edge.
  struct Grid {
    let width: Int
    let height: Int
    /// (heat, cos2, sin2, ends).
    var cells: [SIMD4<Float>]
    /// What may be read, meaningless, behind the last cell.
    static let slack = 8

    var stride: Int { width + 2 }
    func index(_ x: Int, _ y: Int) -> Int { (y + 1) * stride + x + 1 }

    init(width: Int, height: Int, cell: (_ x: Int, _ y: Int) -> SIMD4<Float>) {
      self.width = width
      self.height = height
      cells = []
      for y in -1...height {
        for x in -1...width { cells.append(cell(min(max(x, 0), width - 1), min(max(y, 0), height - 1))) }
      }
      cells += [SIMD4<Float>](repeating: SIMD4(repeating: .nan), count: Grid.slack)
    }
  }

  static func copy(heat: Float, cos2: Float, sin2: Float, ends: Float?) -> SIMD4<Float> {
    func unit(_ value: Float) -> Float { value > 0 && value < .infinity ? min(value, 1) : 0 }
    let isSound = abs(cos2) < 1e6 && abs(sin2) < 1e6
    return SIMD4(unit(heat), isSound ? cos2 : 0, isSound ? sin2 : 0, ends.map(unit) ?? 0)
  }

  struct Ridge: Equatable {
    var dx, dy, cos2, sin2: Float
  }

  /// The ridge at a cell, if there is one.
  static func ridge(in grid: Grid, _ x: Int, _ y: Int, minimum: Float, band: Float) -> Ridge? {
    func heat(_ dx: Int, _ dy: Int) -> Float { grid.cells[grid.index(x + dx, y + dy)][0] }
    let cell = grid.cells[grid.index(x, y)]
    let h = cell[0]
    let norm2 = cell[1] * cell[1] + cell[2] * cell[2]
    guard h >= minimum, norm2 >= 1e-4 else { return nil }
    let scale = 1 / norm2.squareRoot()
    let (c, s) = (cell[1] * scale, cell[2] * scale)
    let onePlus = abs(c) + 1
    let share = abs(s / onePlus)
    // The two neighbours that the normal leaves between, on either side.
    let straight = c < 0 ? (1, 0) : (0, 1)
    let slant = s < 0 ? (1, 1) : c < 0 ? (1, -1) : (-1, 1)
    let after = heat(straight.0, straight.1) + share * (heat(slant.0, slant.1) - heat(straight.0, straight.1))
    let before = heat(-straight.0, -straight.1) + share * (heat(-slant.0, -slant.1) - heat(-straight.0, -straight.1))
    let bend = h * h - before * after
    guard bend > 0 else { return nil }
    let q = h * (after - before) / (bend + bend)
    guard q * q <= band * band / 2 * onePlus else { return nil }
    let lesser = -q * (s / onePlus)
    return c < 0 ? Ridge(dx: q, dy: lesser, cos2: c, sin2: s) : Ridge(dx: lesser, dy: q, cos2: c, sin2: s)
  }

  /// Heat, agreement and ends at a position on an axis.
  static func sample(_ grid: Grid, x: Float, y: Float, dx: Float, dy: Float, t: Float) -> (Float, Float, Float) {
    let (px, py) = (x + t * dx, y + t * dy)
    guard px >= -0.5, py >= -0.5, px <= Float(grid.width) - 0.5, py <= Float(grid.height) - 0.5 else {
      return (0, 0, 0)
    }
    let (column, row) = (Int(px + 1), Int(py + 1))
    let (u, v) = (px + 1 - Float(column), py + 1 - Float(row))
    let i = row * grid.stride + column
    let up = grid.cells[i] + u * (grid.cells[i + 1] - grid.cells[i])
    let down = grid.cells[i + grid.stride] + u * (grid.cells[i + grid.stride + 1] - grid.cells[i + grid.stride])
    let mean = up + v * (down - up)
    return (mean[0], mean[1] * (dx * dx - dy * dy) + mean[2] * (2 * dx * dy), mean[3])
  }

  struct Counts: Equatable {
    var cells = 0
    var aligned = SIMD4<Int32>()
    var covered: [Bool] = []
    var onAxis = 0.0
    var inside = 0.0
  }

  static func count(
    _ grid: Grid, x: Float, y: Float, dx: Float, dy: Float, low: Float, length: Float, steps: Int, halfWidth: Int,
    minHeat: Float, squaredCosines: SIMD4<Float>
  ) -> Counts {
    let (c, s) = (dx * dx - dy * dy, 2 * dx * dy)
    var counts = Counts()
    for step in 0..<steps {
      let t = low + length * Float(step)
      var isCovered = false
      for side in -halfWidth...halfWidth {
        let px = x + t * dx - Float(side) * dy + 0.5
        let py = y + t * dy + Float(side) * dx + 0.5
        guard px >= 0, py >= 0, px < Float(grid.width), py < Float(grid.height) else { continue }
        let cell = grid.cells[grid.index(Int(px), Int(py))]
        counts.cells += 1
        counts.inside += Double(cell[0])
        if side == 0 { counts.onAxis += Double(cell[0]) }
        let dot = cell[1] * c + cell[2] * s
        guard cell[0] >= minHeat, dot > 0 else { continue }
        let norm2 = cell[1] * cell[1] + cell[2] * cell[2]
        for level in 0..<3 where norm2 * squaredCosines[level] <= dot * dot {
          counts.aligned[level] += 1
          if level == 0 { isCovered = true }
        }
      }
      counts.covered.append(isCovered)
    }
    return counts
  }
}
