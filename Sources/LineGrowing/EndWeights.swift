#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What evidence says about where lines end, and how much a segment is to be believed for it: logistic functions of
/// weighted sums. `recipe score` fits them (Weights/README.md).
///
/// A segment from break a to break b is right if there is a line, it ends at a, it ends at b, and it passes every break k
/// between: P = P(line) P(ends at a) P(ends at b) Π P(passes k).
public struct EndWeights: Equatable, Sendable {
  /// That a line on one side of a break ends there: ln(E + 0.03) of the end evidence E, the heat 2 to 4 and 3 to 9
  /// cells beyond the break as shares of the line's, the least agreement of the tangent around it, 1 at the border of
  /// the image, 1 where the heat falls but no end is seen, the line's heat, the mean stops towards the break 1 to 3 and 4 to
  /// 8 cells before it, the stops from the other side at the same distances beyond it, and 1.
  public var end: SIMD16<Float>
  /// That a line passes a break: ln(E + 0.03), the ratio of the heats on both sides, the least agreement of the tangent
  /// around it, the least heat around it, 1 where the heat falls but no end is seen, the sum and the difference of the stops
  /// towards the break 1 to 3 cells on both sides of it, and 1.
  public var pass: SIMD8<Float>
  /// That there is a line between two breaks: the mean heat, its square, the least heat, and 1.
  public var line: SIMD4<Float>
  /// What a wrong segment costs, where a right one is worth 1.
  public var cost: Float
  /// The score is the logistic function of bias + slope * logit(P(line) R^share), with R all of P but P(line): the pixels
  /// of a line count even if its ends are wrong.
  public var share: Float
  public var slope: Float
  public var bias: Float

  public init(
    end: SIMD16<Float>, pass: SIMD8<Float>, line: SIMD4<Float>, cost: Float = 0.01, share: Float = 0.5,
    slope: Float = 1,
    bias: Float = 0
  ) {
    self.end = end
    self.pass = pass
    self.line = line
    self.cost = cost
    self.share = share
    self.slope = slope
    self.bias = bias
  }

  /// Fitted to the teachers' labels of held-out photographs and to rendered scenes.
  public static let network = EndWeights(
    end: [0.5136, -2.048, -0.2768, -0.3485, 3.779, 0.4135, -1.45, 0.5137, 0.09986, 0.01115, 0.1546, 4.628, 0, 0, 0, 0],
    pass: [-1.095, -1.797, 0.2548, 2.523, 0.8117, -0.3047, -0.07353, 0.05049],
    line: [4.77, 3.301, 3.115, -3.866], cost: 0.005, share: 0.2, slope: 1.16, bias: -1.608)

  /// The same for a network that has ends but no stops.
  public static let ends = EndWeights(
    end: [0.9773, -2.372, -1.302, -0.7589, 3.723, 0.7693, -3.221, 0, 0, 0, 0, 5.879, 0, 0, 0, 0],
    pass: [-1.946, -0.746, 0.5865, 4.659, 1.159, 0, 0, -1.794],
    line: [6.477, 4.571, 1.85, -4.837], cost: 0.005, share: 0.2, slope: 1.053, bias: -1.399)

  /// The score of a segment.
  func score(line: Float, rest: Float) -> Double {
    let belief = Double(min(max(line * pow(rest, share), 1e-9), 1 - 1e-6))
    return 1 / (1 + exp(-(Double(bias) + Double(slope) * log(belief / (1 - belief)))))
  }
}

/// The logistic function.
@inline(__always)
func logistic(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
