#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// cos(2 a) of an angle in degrees, 0 to 45: the bound on scalar products of doubled-angle unit vectors.
func cosineOfDoubled(degrees: Double) -> Float {
  Float(cos(2 * min(max(degrees, 0), 45) * Double.pi / 180))
}

/// The unit vector at half the angle of (cos2, sin2), of any norm; (1, 0) if it is zero.
func direction(cos2: Float, sin2: Float) -> (dx: Float, dy: Float) {
  let norm = (cos2 * cos2 + sin2 * sin2).squareRoot()
  guard norm > 0 else { return (1, 0) }
  let dx = max(0, (1 + cos2 / norm) / 2).squareRoot()
  let dy = max(0, (1 - cos2 / norm) / 2).squareRoot()
  return (dx, sin2 < 0 ? -dy : dy)
}
