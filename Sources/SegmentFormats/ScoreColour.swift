/// The colour of a score, the same in pictures and SVG: from violet (0) over red and orange to light yellow (1), so
/// that better is brighter on a dark ground.
public func scoreColour(_ score: Double) -> (red: UInt8, green: UInt8, blue: UInt8) {
  let stops: [(Double, Double, Double)] = [
    (125, 25, 175), (190, 45, 145), (225, 85, 100), (245, 135, 65), (255, 195, 50), (245, 250, 70),
  ]
  let position = (score.isFinite ? min(max(score, 0), 1) : 0) * Double(stops.count - 1)
  let index = min(Int(position), stops.count - 2)
  let (a, b, t) = (stops[index], stops[index + 1], position - Double(index))
  func mix(_ a: Double, _ b: Double) -> UInt8 { UInt8((a + t * (b - a)).rounded()) }
  return (mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}
