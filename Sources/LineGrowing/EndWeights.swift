#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What evidence says about where lines end, and how much a segment is to be believed for it: logistic functions of
/// weighted sums. `recipe score` fits them, `recipe tune` chooses among them (Weights/README.md).
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
  /// Of the same evidence; their sum, with what the length adds, is positive where the pixels surely lie on a line, wherever it
  /// ends.
  public var onLine: SIMD4<Float>
  /// What the logarithm of the length adds to that: annotators leave short lines out more often than the teachers that
  /// `onLine` is fitted to.
  public var length: Float
  /// What a wrong segment costs, where a right one is worth 1.
  public var cost: Float
  /// How much the ends count in a segment's rank, from 0 to 1: it goes by belief = P(line) R^share, with R all of P but
  /// P(line). The pixels of a line count even if its ends are wrong.
  public var share: Float
  /// The score, which rises with the belief.
  public var score: BandedScore

  public init(
    end: SIMD16<Float>, pass: SIMD8<Float>, line: SIMD4<Float>, onLine: SIMD4<Float>, length: Float, cost: Float,
    share: Float, score: BandedScore
  ) {
    self.end = end
    self.pass = pass
    self.line = line
    self.onLine = onLine
    self.length = length
    self.cost = cost
    self.share = share
    self.score = score
  }

  /// Those of `Weights/end-weights.txt`. `line` was fitted for run e of `Weights/LOG.md`, `onLine` for run n; `end` and `pass` were
  /// chosen by what the lists of segments are worth ("What a list is worth" there).
  public static let network = EndWeights(
    end: [0.8275, -1.467, -0.3, -0.5, 1.567, 0.01308, -0.6798, 0.4798, 0.004632, -0.1766, 0.054, 2.717, 0, 0, 0, 0],
    pass: [-0.982, -1.632, 0.3989, 2.446, 1.927, -0.4, 0.3, 0.8],
    line: [5.428, 4.092, 2.465, -4.105], onLine: [1.449, 7.669, 0.1023, -3.099], length: 1, cost: 0.005,
    share: 0.2,
    score: BandedScore(
      above: .init(slope: 1.363, bias: -1.703),
      below: .init(slope: 2.135, bias: 3.248)))

  /// The same for a network that has ends but no stops.
  public static let ends = EndWeights(
    end: [1.091, -2.398, -1.162, -0.7559, 4.195, 0.9124, -2.921, 0, 0, 0, 0, 5.739, 0, 0, 0, 0],
    pass: [-1.479, -1.134, 0.9208, 3.828, 2.244, 0, 0, -0.8801],
    line: [5.269, 4.399, 2.157, -4.288], onLine: [4.76, 5.495, -1.089, -3.733], length: 1, cost: 0.005,
    share: 0.2,
    score: BandedScore(
      above: .init(slope: 1.918, bias: -3.291),
      below: .init(slope: 2.016, bias: 3.433)))

  /// A length that adds nothing, as a share of the field's side, the root of its cells.
  static let middlingLength: Float = 1 / 12

  /// The score of a segment of a length that is given as a share of the field's side.
  func score(of part: LinePartition.Part, length: Float) -> Double {
    score.value(
      isOnLine: isOnLine(part.heat, length: length), belief: Double(part.line * pow(part.rest, share)))
  }

  private func isOnLine(_ heat: SIMD4<Float>, length: Float) -> Bool {
    (onLine * heat).sum() + self.length * log(length / Self.middlingLength) >= 0
  }
}

/// The logistic function.
@inline(__always)
func logistic(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

@inline(__always)
func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
