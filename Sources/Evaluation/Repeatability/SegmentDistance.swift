import Lines

/// How far apart two segments are (SOLD2, Pautrat et al., CVPR 2021; DeepLSD, CVPR 2023).
public enum SegmentDistance: String, Sendable, CaseIterable {
  /// The mean distance of the two pairs of ends, in the better of the two orders: for ends that matter.
  case structural
  /// The mean distance of each segment's ends from the other's line, if at least half of the shorter one lies beside the
  /// longer: for lines whose ends may differ.
  case orthogonal

  /// The distance in pixels; nil where the segments cannot be the same.
  public func between(_ a: Segment, _ b: Segment) -> Double? {
    switch self {
    case .structural:
      let straight = hypotenuse(a.x1 - b.x1, a.y1 - b.y1) + hypotenuse(a.x2 - b.x2, a.y2 - b.y2)
      let crossed = hypotenuse(a.x1 - b.x2, a.y1 - b.y2) + hypotenuse(a.x2 - b.x1, a.y2 - b.y1)
      return min(straight, crossed) / 2
    case .orthogonal:
      guard let onA = SegmentDistance.projection(of: b, on: a), let onB = SegmentDistance.projection(of: a, on: b),
        onA.overlap >= 0.5 || onB.overlap >= 0.5
      else { return nil }
      return (onA.distance + onB.distance) / 2
    }
  }

  /// The mean distance of a segment's ends from the other's line, and the part of the other that it covers.
  private static func projection(of segment: Segment, on other: Segment) -> (distance: Double, overlap: Double)? {
    let length = other.length
    guard length > 0 else { return nil }
    let (ux, uy) = ((other.x2 - other.x1) / length, (other.y2 - other.y1) / length)
    func coordinates(_ x: Double, _ y: Double) -> (along: Double, across: Double) {
      let (dx, dy) = (x - other.x1, y - other.y1)
      return (dx * ux + dy * uy, abs(dx * uy - dy * ux))
    }
    let first = coordinates(segment.x1, segment.y1)
    let second = coordinates(segment.x2, segment.y2)
    let covered = min(max(first.along, second.along), length) - max(min(first.along, second.along), 0)
    return ((first.across + second.across) / 2, max(covered, 0) / length)
  }
}

private func hypotenuse(_ x: Double, _ y: Double) -> Double { (x * x + y * y).squareRoot() }
