#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How what is measured of a segment becomes its score: the logistic function of a weighted sum.
public struct ScoreWeights: Equatable, Sendable {
  public var bias: Double
  /// Weight of the mean heat on the axis.
  public var heat: Double
  /// Weight of the mean agreement of the tangent with the axis.
  public var agreement: Double
  /// Weight of the heat of the same direction just beyond the ends, as a share of the mean heat: a segment that could
  /// go on is not whole.
  public var beyond: Double
  /// Weight of the natural logarithm of the length in pixels of the image.
  public var logLength: Double

  /// Fitted to the lines that M-LSD finds in 150 photographs: the score is the probability that it finds this one, with
  /// ends as sAP10 wants them (expected calibration error 0.01 there). Length does not help beside the heat.
  public static let network = ScoreWeights(bias: -9.1, heat: 12.7, agreement: 2, beyond: -1.2, logLength: 0)

  /// Strong and long edges first.
  public static let gradient = ScoreWeights(bias: -4.2, heat: 6, agreement: 0, beyond: 0, logLength: 0.6)

  public init(bias: Double, heat: Double, agreement: Double, beyond: Double, logLength: Double) {
    self.bias = bias
    self.heat = heat
    self.agreement = agreement
    self.beyond = beyond
    self.logLength = logLength
  }

  func score(heat: Float, agreement: Float, beyond: Float, length: Double) -> Double {
    let sum =
      bias + self.heat * Double(heat) + self.agreement * Double(agreement)
      + self.beyond * Double(beyond / max(heat, 1e-6)) + logLength * log(max(length, 1))
    return logistic(sum)
  }
}
