#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A segment's score: the probability that it is a whole line, in two bands.
///
/// F^H wants every segment that lies on a line, whatever its ends; sAP wants whole lines first. One order serves both: all
/// segments that lie on a line come before all that do not, and within each band those come first that are more likely
/// whole.
public struct BandedScore: Equatable, Sendable {
  /// The logistic function of bias + slope * logit(belief).
  public struct Curve: Equatable, Sendable {
    public var slope: Double
    public var bias: Double

    public init(slope: Double, bias: Double) {
      self.slope = slope
      self.bias = bias
    }

    func value(_ belief: Double) -> Double {
      let p = min(max(belief, 1e-9), 1 - 1e-6)
      return logistic(bias + slope * log(p / (1 - p)))
    }
  }

  /// The score that parts the bands.
  public static let border = 0.15
  /// What scores less is for those who rank everything.
  public static let usualLeast = 0.1
  /// Other readings of lines that are in the list score under this.
  public static let otherReadings = 0.05

  public var above: Curve
  public var below: Curve

  public init(above: Curve, below: Curve) {
    self.above = above
    self.below = below
  }

  /// The score of a segment that lies on a line, but may be the second edge of one that is listed: all of these come after those
  /// that lie on a line of their own.
  static func companion(_ score: Double) -> Double {
    score > border ? usualLeast + (border - usualLeast) * score : score
  }

  /// - Parameters:
  ///   - isOnLine: whether the segment's pixels surely lie on a line.
  ///   - belief: what ranks it within its band, in [0, 1].
  func value(isOnLine: Bool, belief: Double) -> Double {
    isOnLine ? Self.border + (1 - Self.border) * above.value(belief) : Self.border * below.value(belief)
  }
}
