/// A colour as stored in an `RGBImage`.
public typealias RGBColour = (red: UInt8, green: UInt8, blue: UInt8)

/// The colour of a score, the same in pictures and SVG: from violet (0) over red and orange to light yellow (1), so
/// that better is brighter on a dark ground.
public func scoreColour(_ score: Double) -> RGBColour {
  interpolate(
    [(125, 25, 175), (190, 45, 145), (225, 85, 100), (245, 135, 65), (255, 195, 50), (245, 250, 70)], at: score)
}

/// The colour of heat in [0, 1]: black, violet, red, orange, yellow, white, ever lighter.
func heatColour(_ heat: Double) -> RGBColour {
  interpolate(
    [(0, 0, 0), (50, 10, 95), (125, 25, 110), (195, 50, 75), (240, 110, 30), (250, 190, 40), (255, 255, 220)],
    at: heat)
}

/// The colour of a hue in [0, 1], 0 and 1 the same: red, yellow, green, cyan, blue, magenta; black at brightness 0.
func hueColour(_ hue: Double, brightness: Double) -> RGBColour {
  let brightness = clamped(brightness)
  func channel(_ offset: Double) -> UInt8 {
    let position = 6 * (hue + offset - (hue + offset).rounded(.down))
    return UInt8((255 * brightness * min(max(abs(position - 3) - 1, 0), 1)).rounded())
  }
  return (channel(0), channel(2.0 / 3), channel(1.0 / 3))
}

/// The colour at a position in [0, 1] along evenly spaced stops.
private func interpolate(_ stops: [(Double, Double, Double)], at position: Double) -> RGBColour {
  let position = clamped(position) * Double(stops.count - 1)
  let index = min(Int(position), stops.count - 2)
  let (a, b, t) = (stops[index], stops[index + 1], position - Double(index))
  func mix(_ a: Double, _ b: Double) -> UInt8 { UInt8((a + t * (b - a)).rounded()) }
  return (mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

/// The nearest value in [0, 1]; 0 for NaN.
private func clamped(_ value: Double) -> Double { value.isNaN ? 0 : min(max(value, 0), 1) }
