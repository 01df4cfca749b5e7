import Lines

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A projective map of the plane, x' = (a x + b y + c) / (g x + h y + i) and likewise y'.
public struct Homography: Equatable, Sendable {
  /// Row-major.
  public var m: [Double]

  public static let identity = Homography(m: [1, 0, 0, 0, 1, 0, 0, 0, 1])

  /// - Precondition: nine numbers.
  public init(m: [Double]) {
    precondition(m.count == 9)
    self.m = m
  }

  /// The map that takes four corners to four others, no three of them on one line.
  ///
  /// - Returns: nil if there is none.
  public init?(from source: [(x: Double, y: Double)], to target: [(x: Double, y: Double)]) {
    guard source.count == 4, target.count == 4 else { return nil }
    // Two equations a corner in the eight unknowns; i = 1.
    var rows: [[Double]] = []
    for (p, q) in zip(source, target) {
      rows.append([p.x, p.y, 1, 0, 0, 0, -q.x * p.x, -q.x * p.y, q.x])
      rows.append([0, 0, 0, p.x, p.y, 1, -q.y * p.x, -q.y * p.y, q.y])
    }
    // Gauss-Jordan elimination with row pivots.
    for column in 0..<8 {
      guard let pivot = (column..<8).max(by: { abs(rows[$0][column]) < abs(rows[$1][column]) }),
        abs(rows[pivot][column]) > 1e-12
      else { return nil }
      rows.swapAt(column, pivot)
      for row in 0..<8 where row != column {
        let factor = rows[row][column] / rows[column][column]
        for index in column..<9 { rows[row][index] -= factor * rows[column][index] }
      }
    }
    self.init(m: (0..<8).map { rows[$0][8] / rows[$0][$0] } + [1])
  }

  /// Where a point goes; nil for points on or behind the horizon.
  public func map(x: Double, y: Double) -> (x: Double, y: Double)? {
    let w = m[6] * x + m[7] * y + m[8]
    guard w > 1e-9 else { return nil }
    return ((m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w)
  }

  /// Where a segment goes; straight lines stay straight. Nil if an end lies on or behind the horizon.
  public func map(_ segment: Segment) -> Segment? {
    guard let a = map(x: segment.x1, y: segment.y1), let b = map(x: segment.x2, y: segment.y2) else { return nil }
    var mapped = segment
    (mapped.x1, mapped.y1, mapped.x2, mapped.y2) = (a.x, a.y, b.x, b.y)
    return mapped
  }

  /// A random view of an image as a hand-held camera may take it: turned by up to 15 degrees, each corner shifted by up to
  /// 8 % of the sides, and magnified so far that the view, in the size of the image, shows nothing beyond its border: a
  /// black rim would make lines of its own.
  static func randomView(width: Int, height: Int, generator: inout SplitMix64) -> Homography {
    let (w, h) = (Double(width - 1), Double(height - 1))
    let view: [(x: Double, y: Double)] = [(0, 0), (w, 0), (w, h), (0, h)]
    let angle = generator.uniform(-15...15) * .pi / 180
    let (cosine, sine) = (cos(angle), sin(angle))
    let shape = view.map { corner -> (x: Double, y: Double) in
      let dx = corner.x + generator.uniform(-0.08...0.08) * w
      let dy = corner.y + generator.uniform(-0.08...0.08) * h
      return (x: cosine * dx - sine * dy, y: sine * dx + cosine * dy)
    }
    let (left, top) = (shape.map(\.x).min() ?? 0, shape.map(\.y).min() ?? 0)
    let (across, down) = ((shape.map(\.x).max() ?? 0) - left, (shape.map(\.y).max() ?? 0) - top)
    let scale = min(1, w / across, h / down) * generator.uniform(0.85...1)
    let x0 = generator.uniform(0...1) * (w - scale * across)
    let y0 = generator.uniform(0...1) * (h - scale * down)
    let part = shape.map { (x: x0 + scale * ($0.x - left), y: y0 + scale * ($0.y - top)) }
    // Images one pixel wide leave no room to move.
    return Homography(from: part, to: view) ?? .identity
  }

  /// The inverse map.
  ///
  /// - Returns: nil if there is none.
  public var inverse: Homography? {
    let adjugate = [
      m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
      m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
      m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3],
    ]
    guard abs(adjugate[8]) > 1e-12 else { return nil }
    return Homography(m: adjugate.map { $0 / adjugate[8] })
  }
}
