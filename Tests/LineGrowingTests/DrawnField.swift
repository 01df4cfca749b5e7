import Lines

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A field drawn analytically, as a network would give it: each line a ridge of heat `exp(-d^2 / 2 sigma^2)` with the
/// distance d to the line, and its tangent wherever it is the hottest.
struct DrawnField {
  var field: LineField

  init(width: Int, height: Int) { field = LineField(width: width, height: height) }

  mutating func draw(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, heat: Double = 0.9, sigma: Double = 0.85
  ) {
    let dx = x2 - x1
    let dy = y2 - y1
    let length2 = dx * dx + dy * dy
    let angle = 2 * atan2(dy, dx)
    for y in 0..<field.height {
      for x in 0..<field.width {
        let t = min(max(((Double(x) - x1) * dx + (Double(y) - y1) * dy) / length2, 0), 1)
        let ex = Double(x) - x1 - t * dx
        let ey = Double(y) - y1 - t * dy
        let value = Float(heat * exp(-(ex * ex + ey * ey) / (2 * sigma * sigma)))
        let i = y * field.width + x
        guard value > field.heat[i] else { continue }
        field.heat[i] = value
        field.cos2[i] = Float(cos(angle))
        field.sin2[i] = Float(sin(angle))
      }
    }
  }
}

/// Larger distance of the two ends of a segment from those of another, in the better of both orders.
func endError(_ s: Segment, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> Double {
  func distance(_ x: Double, _ y: Double) -> Double { (x * x + y * y).squareRoot() }
  return min(
    max(distance(s.x1 - x1, s.y1 - y1), distance(s.x2 - x2, s.y2 - y2)),
    max(distance(s.x1 - x2, s.y1 - y2), distance(s.x2 - x1, s.y2 - y1)))
}

/// Angle between a segment and a direction, in degrees, 0 to 90.
func angleError(_ s: Segment, _ dx: Double, _ dy: Double) -> Double {
  let u = s.x2 - s.x1
  let v = s.y2 - s.y1
  return atan2(abs(u * dy - v * dx), abs(u * dx + v * dy)) * 180 / .pi
}

/// A small random generator of fixed sequence (Steele, Lea and Flood, 2014).
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// In [0, 1).
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
