import Lines

/// The region of interest: the cells of a field that lie on a ridge of its heat, with sub-cell positions.
///
/// A cell is kept if the heat has a maximum across the tangent within `ridgeBand` of it. That thins the fields' soft
/// lines to chains of cells, tells close parallels apart by the valley between them, and leaves few cells to grow in.
struct RidgeCells: ~Copyable {
  private(set) var width = 0
  private(set) var height = 0
  /// Cells from a row of the padded planes to the next; both planes have a rim of one cell.
  private(set) var stride = 0
  /// The field's heat, with what is not a finite number and at least `minimum` set to 0, and the rim a copy of its edge.
  private(set) var heatPlane = Buffer<Float>()
  /// For each cell its number among the ridge cells, or -1.
  private(set) var numberPlane = Buffer<Int32>()

  /// How many ridge cells there are; the arrays below have one entry for each, in the order of the grid.
  private(set) var count = 0
  /// Position of the ridge at the cell, with fractions.
  private(set) var x = Buffer<Float>()
  private(set) var y = Buffer<Float>()
  private(set) var heat = Buffer<Float>()
  /// The cell's tangent t as a unit vector at the angle 2t.
  private(set) var cos2 = Buffer<Float>()
  private(set) var sin2 = Buffer<Float>()
  /// Index in the padded planes.
  private(set) var cell = Buffer<Int32>()

  /// Index in the padded planes of the cell in row `y`, column `x`; -1 and the size are the rim.
  @inline(__always)
  func index(_ x: Int, _ y: Int) -> Int { (y + 1) * stride + x + 1 }

  /// Finds the ridge cells of a field.
  mutating func find(in field: borrowing LineField, minimum: Float, band: Float) {
    width = field.width
    height = field.height
    stride = width + 2
    count = 0
    let padded = stride * (height + 2)
    heatPlane.reserve(padded)
    numberPlane.reserve(padded)
    numberPlane.base.update(repeating: -1, count: padded)
    field.heat.withUnsafeBufferPointer { pad($0) }
    field.cos2.withUnsafeBufferPointer { cos2 in
      field.sin2.withUnsafeBufferPointer { sin2 in
        for row in 0..<height { findRow(row, cos2: cos2, sin2: sin2, minimum: minimum, band: band) }
      }
    }
  }

  /// Copies the heat into its padded plane.
  private func pad(_ heat: UnsafeBufferPointer<Float>) {
    guard let source = heat.baseAddress else { return }
    for row in 0..<height {
      let from = source + row * width
      let to = heatPlane.base + index(0, row)
      for i in 0..<width {
        let value = from[i]
        to[i] = value >= 0 && value < .infinity ? min(value, 1) : 0
      }
      to[-1] = to[0]
      to[width] = to[width - 1]
    }
    (heatPlane.base + index(-1, -1)).update(from: heatPlane.base + index(-1, 0), count: stride)
    (heatPlane.base + index(-1, height)).update(from: heatPlane.base + index(-1, height - 1), count: stride)
  }

  private mutating func findRow(
    _ row: Int, cos2: UnsafeBufferPointer<Float>, sin2: UnsafeBufferPointer<Float>, minimum: Float, band: Float
  ) {
    reserve(count + width)
    let heats = heatPlane.base + index(0, row)
    for column in 0..<width {
      let h = heats[column]
      guard h >= minimum else { continue }
      let i = row * width + column
      let norm2 = cos2[i] * cos2[i] + sin2[i] * sin2[i]
      guard norm2 > 1e-4, norm2 < .infinity else { continue }
      let scale = 1 / norm2.squareRoot()
      let c = cos2[i] * scale
      let s = sin2[i] * scale
      // The normal of the tangent t, from 2t by the half-angle formulas.
      let tx = max(0, (1 + c) / 2).squareRoot()
      let ty = max(0, (1 - c) / 2).squareRoot()
      let nx = s < 0 ? ty : -ty
      let ny = tx
      // Heat where the normal leaves the ring of eight neighbours, between two of them.
      let before: Float
      let after: Float
      let step: Float
      if abs(nx) > abs(ny) {
        step = 1 / abs(nx)
        let slope = ny / nx
        let share = abs(slope)
        let down = slope > 0 ? stride : -stride
        after = heats[column + 1] * (1 - share) + heats[column + 1 + down] * share
        before = heats[column - 1] * (1 - share) + heats[column - 1 - down] * share
      } else {
        step = 1 / ny
        let slope = nx / ny
        let share = abs(slope)
        let right = slope > 0 ? 1 : -1
        after = heats[column + stride] * (1 - share) + heats[column + stride + right] * share
        before = heats[column - stride] * (1 - share) + heats[column - stride - right] * share
      }
      let forward: Float = abs(nx) > abs(ny) && nx < 0 ? -1 : 1
      // Where the parabola through the logarithms of the three heats has its maximum, which is exact on a Gaussian
      // ridge; ln(a / b) is taken as 2 (a - b) / (a + b). The plain parabola is drawn to the cell's centre by 0.06.
      let fallBefore = (h - before) / (h + before)
      let fallAfter = (h - after) / (h + after)
      guard fallBefore + fallAfter > 0 else { continue }
      let offset = forward * step * (fallBefore - fallAfter) / (2 * (fallBefore + fallAfter))
      guard abs(offset) <= band else { continue }
      let number = count
      count += 1
      x[number] = min(max(Float(column) + offset * nx, 0), Float(width - 1))
      y[number] = min(max(Float(row) + offset * ny, 0), Float(height - 1))
      self.heat[number] = h
      self.cos2[number] = c
      self.sin2[number] = s
      let padded = index(column, row)
      cell[number] = Int32(truncatingIfNeeded: padded)
      numberPlane[padded] = Int32(truncatingIfNeeded: number)
    }
  }

  /// Makes room for `total` ridge cells, keeping those found.
  private mutating func reserve(_ total: Int) {
    x.grow(to: total, keeping: count)
    y.grow(to: total, keeping: count)
    heat.grow(to: total, keeping: count)
    cos2.grow(to: total, keeping: count)
    sin2.grow(to: total, keeping: count)
    cell.grow(to: total, keeping: count)
  }
}

extension RidgeCells {
  /// The heat at a point between cells, bilinear; 0 outside of the grid.
  @inline(__always)
  func heat(atX px: Float, y py: Float) -> Float {
    guard px >= -0.5, py >= -0.5, px <= Float(width) - 0.5, py <= Float(height) - 0.5 else { return 0 }
    let fx = px.rounded(.down)
    let fy = py.rounded(.down)
    let u = px - fx
    let v = py - fy
    let i = index(Int(fx), Int(fy))
    let top = heatPlane[i] + u * (heatPlane[i + 1] - heatPlane[i])
    let bottom = heatPlane[i + stride] + u * (heatPlane[i + stride + 1] - heatPlane[i + stride])
    return top + v * (bottom - top)
  }
}
