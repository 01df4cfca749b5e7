/// Which pixels a shape covers, and how much of each: 0 to 1. Pixel centres are at integer coordinates.
enum Coverage {
  /// A straight stroke of the given width with square ends.
  ///
  /// A pixel's share is the area of its unit square inside the stroke: exact along the sides, in any direction, and at
  /// the ends of horizontal and vertical strokes; the product of the shares in length and in width elsewhere.
  ///
  /// - Complexity: O(pixels covered).
  static func stroke(
    x1: Double, y1: Double, x2: Double, y2: Double, strokeWidth: Double, width: Int, height: Int,
    _ paint: (_ x: Int, _ y: Int, _ share: Float) -> Void
  ) {
    let (dx, dy) = (x2 - x1, y2 - y1)
    let length = (dx * dx + dy * dy).squareRoot()
    guard length > 0, length.isFinite, strokeWidth > 0, strokeWidth.isFinite else { return }
    let (ux, uy) = (dx / length, dy / length)
    let half = strokeWidth / 2
    let square = SquareProfile(ux, uy)
    let reach = half + square.reach
    for y in pixels(from: min(y1, y2) - reach, to: max(y1, y2) + reach, count: height) {
      // Where along the row both distances, across the stroke and along it, can be within reach.
      let rowY = Double(y) - y1
      var span = (low: min(x1, x2) - reach, high: max(x1, x2) + reach)
      narrow(&span, x1, slope: -uy, constant: ux * rowY, low: -reach, high: reach)
      narrow(&span, x1, slope: ux, constant: uy * rowY, low: -square.reach, high: length + square.reach)
      for x in pixels(from: span.low, to: span.high, count: width) {
        let columnX = Double(x) - x1
        let across = ux * rowY - uy * columnX
        let along = ux * columnX + uy * rowY
        let share = square.share(across, -half, half) * square.share(along, 0, length)
        if share > 0 { paint(x, y, Float(share)) }
      }
    }
  }

  /// The pixels nearest to a line, one in each column, or in each row if it is steeper than 45 degrees.
  ///
  /// - Complexity: O(pixels covered).
  static func thinLine(
    x1: Double, y1: Double, x2: Double, y2: Double, width: Int, height: Int, _ paint: (_ x: Int, _ y: Int) -> Void
  ) {
    let (dx, dy) = (x2 - x1, y2 - y1)
    guard (dx * dx + dy * dy).isFinite else { return }
    let steep = abs(dy) > abs(dx)
    let (from, to) = steep ? (y1, y2) : (x1, x2)
    let slope = steep ? dx / dy : dx == 0 ? 0 : dy / dx
    let along = pixels(
      from: min(from, to).rounded(), to: max(from, to).rounded(), count: steep ? height : width)
    for step in along {
      let across = ((steep ? x1 : y1) + (Double(step) - from) * slope).rounded()
      guard across >= 0, across < Double(steep ? width : height) else { continue }
      if steep { paint(Int(across), step) } else { paint(step, Int(across)) }
    }
  }

  /// A filled circle.
  ///
  /// - Complexity: O(pixels of the square around it).
  static func dot(
    x: Double, y: Double, radius: Double, width: Int, height: Int,
    _ paint: (_ x: Int, _ y: Int, _ share: Float) -> Void
  ) {
    guard x.isFinite, y.isFinite, radius > 0, radius.isFinite else { return }
    let reach = radius + 0.5
    for row in pixels(from: y - reach, to: y + reach, count: height) {
      for column in pixels(from: x - reach, to: x + reach, count: width) {
        let (dx, dy) = (Double(column) - x, Double(row) - y)
        let distance = (dx * dx + dy * dy).squareRoot()
        let share = min(max(reach - distance, 0), 1, 2 * radius)
        if share > 0 { paint(column, row, Float(share)) }
      }
    }
  }

  /// The pixels of 0..<count whose centres lie between two positions.
  private static func pixels(from low: Double, to high: Double, count: Int) -> Range<Int> {
    let first = max(low.rounded(.up), 0)
    let last = min(high.rounded(.down), Double(count - 1))
    return first <= last ? Int(first)..<Int(last) + 1 : 0..<0
  }

  /// Keeps the part of the span in which `low <= slope * (x - origin) + constant <= high`.
  private static func narrow(
    _ span: inout (low: Double, high: Double), _ origin: Double, slope: Double, constant: Double, low: Double,
    high: Double
  ) {
    // A slope of nearly 0 says nothing of x: the shares decide.
    guard abs(slope) > 1e-9 else { return }
    let first = origin + (low - constant) / slope
    let second = origin + (high - constant) / slope
    span.low = max(span.low, min(first, second))
    span.high = min(span.high, max(first, second))
  }
}

/// A unit square seen along a direction, or across it: a trapezoid, the convolution of two boxes as wide as the
/// direction's components.
private struct SquareProfile {
  private let sum: Double
  private let difference: Double
  private let product: Double

  init(_ ux: Double, _ uy: Double) {
    let (a, b) = (abs(ux), abs(uy))
    sum = (a + b) / 2
    difference = abs(a - b) / 2
    product = a * b
  }

  /// The farthest that the square reaches from its centre.
  var reach: Double { sum }

  /// The part of the square, around `centre`, that lies between two positions.
  func share(_ centre: Double, _ low: Double, _ high: Double) -> Double {
    max(0, upTo(high - centre) - upTo(low - centre))
  }

  /// The part of the square that lies below the position `t`, seen from its centre.
  private func upTo(_ t: Double) -> Double {
    if t <= -sum { return 0 }
    if t >= sum { return 1 }
    // Nearly a box: its slopes are too steep to divide by.
    if product < 1e-4 { return min(max(t + 0.5, 0), 1) }
    if t < -difference { return (t + sum) * (t + sum) / (2 * product) }
    if t > difference { return 1 - (sum - t) * (sum - t) / (2 * product) }
    return 0.5 + t / (sum + difference)
  }
}
