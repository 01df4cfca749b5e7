import Lines

/// The cells of a field, with a rim of one cell around each plane: what is read next to a cell needs no case for the
/// border. They are written where they are, or copied and cleaned: nothing that is not a number gets any further.
struct FieldPlanes: ~Copyable {
  private(set) var width = 0
  private(set) var height = 0
  /// Cells from a row of the planes to the next.
  private(set) var stride = 0
  /// Heat in [0, 1]; the rim repeats the edge, here and below.
  private(set) var heat = Buffer<Float>()
  /// What the field says of each cell, in one place: heat, cos 2t and sin 2t of the tangent, and the likelihood that a line
  /// ends there.
  private(set) var cells = Buffer<SIMD4<Float>>()
  /// Whether the field says where lines end; if not, that is 0.
  private(set) var hasEnds = false
  /// How soon, if it says that; read where they are.
  var stops: StopCells?

  /// Index in the planes of the cell in row `y`, column `x`; -1 and the size are the rim.
  @inline(__always)
  func index(_ x: Int, _ y: Int) -> Int { (y + 1) * stride + x + 1 }

  /// How many cells the planes have, the rim included.
  var count: Int { stride * (height + 2) }

  /// Values that may be read, meaningless, behind the last cell of a plane.
  static let slack = 8

  /// Whether a field has cells, sides of which a float tells all halves of cells apart, and no more cells than 32 bits can
  /// number.
  static func admits(width: Int, height: Int) -> Bool {
    width > 0 && height > 0 && width < 1 << 23 && height < 1 << 23 && (width + 2) * (height + 2) < Int(Int32.max)
  }

  /// Whether besides its planes are of its size.
  static func canCopy(_ field: borrowing LineField) -> Bool {
    guard admits(width: field.width, height: field.height) else { return false }
    let count = field.width * field.height
    return field.heat.count == count && field.cos2.count == count && field.sin2.count == count
      && (field.ends.isEmpty || field.ends.count == count)
      && (field.stops.isEmpty || (field.stops.count == count && !field.ends.isEmpty))
  }

  /// Makes room for a field; the contents are then unspecified.
  mutating func reserve(width: Int, height: Int, hasEnds: Bool) -> FieldCells {
    self.width = width
    self.height = height
    self.hasEnds = hasEnds
    stride = width + 2
    heat.reserve(count + Self.slack)
    cells.reserve(count + Self.slack)
    return FieldCells(
      width: width, height: height, stride: stride, heat: heat.base + index(0, 0), cells: cells.base + index(0, 0))
  }

  /// Copies a field that `canCopy` allows: heat and ends that are not finite numbers become 0, as do tangents that are not
  /// finite or absurdly long.
  mutating func copy(_ field: borrowing LineField) {
    let room = reserve(width: field.width, height: field.height, hasEnds: !field.ends.isEmpty)
    field.heat.withUnsafeBufferPointer { heats in
      field.cos2.withUnsafeBufferPointer { cos2 in
        field.sin2.withUnsafeBufferPointer { sin2 in
          field.ends.withUnsafeBufferPointer { ends in
            guard let heats = heats.baseAddress, let cos2 = cos2.baseAddress, let sin2 = sin2.baseAddress else {
              return
            }
            for y in 0..<height {
              let (from, to) = (y * width, y * room.stride)
              SelectedKernels.copyRow(
                heats + from, cos2 + from, sin2 + from, hasEnds ? ends.baseAddress.map { $0 + from } : nil, width,
                room.heat + to, room.cells + to)
            }
          }
        }
      }
    }
    addRims()
  }

  /// Repeats the edge around the cells that have been written.
  func addRims() {
    addRim(heat)
    addRim(cells)
  }

  private func addRim<Value>(_ plane: borrowing Buffer<Value>) {
    for y in 0..<height {
      let row = plane.base + index(0, y)
      row[-1] = row[0]
      row[width] = row[width - 1]
    }
    (plane.base + index(-1, -1)).update(from: plane.base + index(-1, 0), count: stride)
    (plane.base + index(-1, height)).update(from: plane.base + index(-1, height - 1), count: stride)
  }

  /// The positions between which an axis through the grid runs inside of it, up to the outer cells' edges.
  func range(of axis: Axis) -> (low: Float, high: Float) {
    var low = -Float.infinity
    var high = Float.infinity
    func clip(_ start: Float, _ slope: Float, _ size: Int) {
      guard abs(slope) > 1e-6 else { return }
      let a = (-0.45 - start) / slope
      let b = (Float(size) - 0.55 - start) / slope
      low = max(low, min(a, b))
      high = min(high, max(a, b))
    }
    clip(axis.x, axis.dx, width)
    clip(axis.y, axis.dy, height)
    return (low, high)
  }
}
