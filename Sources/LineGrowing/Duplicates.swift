import Lines

/// Segments that tell of one line twice: two regions may grow on one broad line, and the fit to the image's edges may bring two
/// onto one edge. And their companions, a little further apart: the two edges of a narrow frame, of which annotators draw one more
/// often than both.
///
/// Scratch memory is kept from frame to frame; use one for each thread.
public struct Duplicates: ~Copyable {
  /// Sine of the largest angle between two segments of one line.
  static let largestSine: Float = 0.14  // 8 degrees
  /// A duplicate or companion runs along a better segment for more than this share of itself.
  static let share: Float = 0.5
  /// How much further apart companions may be than duplicates.
  static let companionReach: Float = 2.25

  private var originals = Buffer<Original>()

  public init() {}

  /// A segment as an axis from its first end to its second, and its length; not private, which the compiler cannot lay out from
  /// another module.
  struct Original {
    var axis: Axis
    var length: Float

    init?(_ segment: Segment) {
      length = Float(segment.length)
      guard length > 0 else { return nil }
      axis = Axis(
        x: Float(segment.x1), y: Float(segment.y1), dx: Float(segment.x2 - segment.x1) / length,
        dy: Float(segment.y2 - segment.y1) / length)
    }
  }

  /// What a segment is to a better one.
  private enum Relation {
    case none, companion, duplicate

    /// The segment's score, from what it would be alone.
    func score(of score: Double) -> Double {
      switch self {
      case .none: score
      case .companion: BandedScore.companion(score)
      case .duplicate: BandedScore.otherReadings * score
      }
    }
  }

  /// Gives each segment that runs along a better one a score under `BandedScore.otherReadings`, and each that runs beside one
  /// a score under `BandedScore.border`; those that have one already are left alone. What is better may be a duplicate itself:
  /// then it counts for nothing.
  ///
  /// - Parameters:
  ///   - segments: best score first; so they are afterwards.
  ///   - distance: how far apart two segments of one line may be, in pixels: about a cell of the field, which does not tell
  ///     lines apart that are nearer.
  ///   - minScore: duplicates that score less then are removed.
  /// - Complexity: quadratic in the segments.
  public mutating func demote(_ segments: inout [Segment], within distance: Double, minScore: Double) {
    var (count, isChanged) = (0, false)
    originals.reserve(segments.count)
    for index in segments.indices {
      guard segments[index].score >= BandedScore.otherReadings else { break }
      guard let this = Original(segments[index]) else { continue }
      let relation = relation(of: this, toFirst: count, within: Float(distance))
      let score = relation.score(of: segments[index].score)
      isChanged = isChanged || score != segments[index].score
      segments[index].score = score
      guard relation != .duplicate else { continue }
      originals[count] = this
      count += 1
    }
    guard isChanged else { return }
    segments.removeAll { $0.score < minScore }
    segments.sortByScore()
  }

  private func relation(of this: Original, toFirst count: Int, within distance: Float) -> Relation {
    var found = Relation.none
    let reach = Self.companionReach * distance
    let (axis, length) = (this.axis, this.length)
    let (middleX, middleY) = (axis.x + length / 2 * axis.dx, axis.y + length / 2 * axis.dy)
    for i in 0..<count {
      let other = originals[i].axis
      // More than half of a segment has its middle in it: this tells nearly all of the others.
      guard abs(other.across(middleX, middleY)) <= reach else { continue }
      let sine = other.dx * axis.dy - other.dy * axis.dx
      guard abs(sine) <= Self.largestSine else { continue }
      // The shares of this segment between which it is beside the other, and near the other's line.
      let cosine = other.dx * axis.dx + other.dy * axis.dy
      let beside = range(from: other.along(axis.x, axis.y), by: length * cosine, within: 0...originals[i].length)
      let across = other.across(axis.x, axis.y)
      func runsAlong(within distance: Float) -> Bool {
        let near = range(from: across, by: length * sine, within: -distance...distance)
        return min(near.high, beside.high) - max(near.low, beside.low) > Self.share
      }
      guard runsAlong(within: reach) else { continue }
      if runsAlong(within: distance) { return .duplicate }
      found = .companion
    }
    return found
  }

  /// Between which shares of the way from a value on, by `change` in all, it lies within bounds; nowhere if high <= low.
  @inline(__always)
  private func range(from start: Float, by change: Float, within bounds: ClosedRange<Float>) -> (
    low: Float, high: Float
  ) {
    guard change != 0 else { return bounds.contains(start) ? (0, 1) : (0, 0) }
    let a = (bounds.lowerBound - start) / change
    let b = (bounds.upperBound - start) / change
    return (max(0, min(a, b)), min(1, max(a, b)))
  }
}
