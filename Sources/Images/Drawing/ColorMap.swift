/// Colours for numbers. Equal steps of the number look like equal steps of the colour: each map is a path through
/// OKLab space, walked at constant speed.
public struct ColorMap: Sendable {
  private let colors: [Color]
  private let isCyclic: Bool

  /// The colour of a value in 0...1. A cyclic map takes any value modulo 1; the others clamp. NaN is as 0.
  public func color(at value: Float) -> Color {
    guard value.isFinite else { return value > 0 && !isCyclic ? colors[colors.count - 1] : colors[0] }
    if isCyclic {
      let turn = value - value.rounded(.down)
      return colors[Int(turn * Float(colors.count)) % colors.count]
    }
    return colors[Int(min(max(value, 0), 1) * Float(colors.count - 1) + 0.5)]
  }

  /// Black through violet, red and orange to a light yellow: for heat.
  public static let heat = ColorMap { t in
    OKLCh(lightness: 0.98 * t, chroma: 0.24 * (1 - t) + 0.06 * t, hue: 285 + 185 * t)
  }

  /// Violet through red and orange to yellow, light enough to be seen on a photograph: for scores.
  public static let score = ColorMap { t in
    OKLCh(lightness: 0.5 + 0.45 * t, chroma: 0.25 - 0.06 * t, hue: 290 + 180 * t)
  }

  /// Black to white.
  public static let grey = ColorMap { t in OKLCh(lightness: t, chroma: 0, hue: 0) }

  /// All hues at one lightness, red at both ends: for angles, one turn of the map for a turn of the angle's period.
  public static let angle = ColorMap(isCyclic: true) { t in OKLCh(lightness: 0.75, chroma: 0.125, hue: 25 + 360 * t) }

  /// - Parameter path: from 0...1 to colours, continuous; for a cyclic map with equal ends.
  init(isCyclic: Bool = false, path: (Double) -> OKLCh) {
    self.isCyclic = isCyclic
    let fine = 2048
    let points = (0...fine).map { path(Double($0) / Double(fine)).inGamut }
    var lengths = [0.0]
    for (from, to) in zip(points, points.dropFirst()) {
      let (p, q) = (from.lab, to.lab)
      let (dl, da, db) = (q.l - p.l, q.a - p.a, q.b - p.b)
      lengths.append(lengths[lengths.count - 1] + (dl * dl + da * da + db * db).squareRoot())
    }
    let count = 256
    let total = lengths[fine]
    var index = 0
    colors = (0..<count).map { step in
      // A cyclic map's last colour is one step before its first.
      let length = total * Double(step) / Double(isCyclic ? count : count - 1)
      while index < fine, lengths[index] < length { index += 1 }
      return points[index].color
    }
  }
}
