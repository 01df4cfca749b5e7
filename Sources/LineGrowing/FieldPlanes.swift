import Lines

/// A clean copy of a field, with a rim of one cell around each plane: what is read next to a cell needs no case for the
/// border, and nothing that is not a number gets any further.
struct FieldPlanes: ~Copyable {
  private(set) var width = 0
  private(set) var height = 0
  /// Cells from a row of the planes to the next.
  private(set) var stride = 0
  /// Heat in [0, 1], 0 where the field's is not a finite number; the rim repeats the edge.
  private(set) var heat = Buffer<Float>()
  /// Tangent vectors as they are, 0 where they are not finite or absurdly long.
  private(set) var cos2 = Buffer<Float>()
  private(set) var sin2 = Buffer<Float>()

  /// Index in the planes of the cell in row `y`, column `x`; -1 and the size are the rim.
  @inline(__always)
  func index(_ x: Int, _ y: Int) -> Int { (y + 1) * stride + x + 1 }

  /// How many cells the planes have, the rim included.
  var count: Int { stride * (height + 2) }

  /// Values that may be read, meaningless, behind the last cell of a plane.
  static let slack = 8

  /// Whether a field has cells, planes of its size, and no more cells than 32 bits can number.
  static func canCopy(_ field: borrowing LineField) -> Bool {
    guard field.width > 0, field.height > 0, field.width < 1 << 30, field.height < 1 << 30 else { return false }
    let count = field.width * field.height
    return field.heat.count == count && field.cos2.count == count && field.sin2.count == count
      && (field.width + 2) * (field.height + 2) < Int(Int32.max)
  }

  /// Copies a field that `canCopy` allows.
  mutating func copy(_ field: borrowing LineField) {
    width = field.width
    height = field.height
    stride = width + 2
    heat.reserve(count + Self.slack)
    cos2.reserve(count + Self.slack)
    sin2.reserve(count + Self.slack)
    copy(field.heat, to: heat.base) { $0 >= 0 && $0 < .infinity ? min($0, 1) : 0 }
    copy(field.cos2, to: cos2.base) { abs($0) < 1e6 ? $0 : 0 }
    copy(field.sin2, to: sin2.base) { abs($0) < 1e6 ? $0 : 0 }
  }

  @inline(__always)
  private func copy(_ plane: [Float], to target: UnsafeMutablePointer<Float>, clean: (Float) -> Float) {
    plane.withUnsafeBufferPointer { source in
      guard let source = source.baseAddress else { return }
      for row in 0..<height {
        let from = source + row * width
        let to = target + index(0, row)
        for i in 0..<width { to[i] = clean(from[i]) }
        to[-1] = to[0]
        to[width] = to[width - 1]
      }
    }
    (target + index(-1, -1)).update(from: target + index(-1, 0), count: stride)
    (target + index(-1, height)).update(from: target + index(-1, height - 1), count: stride)
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

  /// Heat and tangent vector at a point between cells, bilinear; nil outside of the grid.
  @inline(__always)
  func sample(x: Float, y: Float) -> (heat: Float, cos2: Float, sin2: Float)? {
    guard x >= -0.5, y >= -0.5, x <= Float(width) - 0.5, y <= Float(height) - 0.5 else { return nil }
    // From the rim's corner on, where truncation rounds down.
    let column = Int(x + 1)
    let row = Int(y + 1)
    let u = x + 1 - Float(column)
    let v = y + 1 - Float(row)
    let weights = SIMD4<Float>((1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v)
    let i = row * stride + column
    return (
      (weights * corners(heat, i)).sum(), (weights * corners(cos2, i)).sum(), (weights * corners(sin2, i)).sum()
    )
  }

  @inline(__always)
  private func corners(_ plane: borrowing Buffer<Float>, _ i: Int) -> SIMD4<Float> {
    SIMD4(plane[i], plane[i + 1], plane[i + stride], plane[i + stride + 1])
  }
}
