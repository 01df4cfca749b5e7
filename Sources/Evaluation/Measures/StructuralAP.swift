import Lines

/// Structural average precision: segments compared as pairs of end points (Zhou, Qi, Ma, "End-to-End Wireframe Parsing",
/// ICCV 2019).
///
/// Coordinates are scaled to 128 x 128 and clipped to [0, 128 - 1e-4]. A predicted segment's nearest true one has the
/// smallest sum of the two squared distances between ends, in the better of the two orders; the prediction is right if
/// that sum is under the limit and no prediction before it, in falling score, took the same true segment.
public enum StructuralAP {
  /// The limits of sAP5, sAP10 and sAP15.
  public static let limits: [Double] = [5, 10, 15]

  /// One prediction of one image, judged.
  public struct Judgement: Equatable, Sendable {
    public var score: Double
    /// For each of `limits`, whether the prediction is right.
    public var isRight: [Bool]
  }

  /// Judges one image's predictions; the result is in falling score.
  ///
  /// - Complexity: O(truth * segments).
  public static func judge(width: Int, height: Int, truth: [Segment], segments: [Segment]) -> [Judgement] {
    func scaled(_ segment: Segment) -> SIMD4<Double> {
      let ends = SIMD4(segment.x1, segment.y1, segment.x2, segment.y2)
      let scale = SIMD4(128 / Double(width), 128 / Double(height), 128 / Double(width), 128 / Double(height))
      return (ends * scale).clamped(lowerBound: .zero, upperBound: SIMD4(repeating: 128 - 1e-4))
    }
    let truth = truth.map(scaled)
    var isTaken = [[Bool]](repeating: [Bool](repeating: false, count: truth.count), count: limits.count)
    return segments.fallingByScore().map { segment in
      let ends = scaled(segment)
      var nearest = 0
      var least = Double.infinity
      for (index, line) in truth.enumerated() {
        let straight = ends - line
        let crossed = ends - SIMD4(lowHalf: line.highHalf, highHalf: line.lowHalf)
        let distance = min((straight * straight).sum(), (crossed * crossed).sum())
        if distance < least { (nearest, least) = (index, distance) }
      }
      return Judgement(
        score: segment.score,
        isRight: limits.indices.map { limit in
          guard least < limits[limit], !isTaken[limit][nearest] else { return false }
          isTaken[limit][nearest] = true
          return true
        })
    }
  }
}

/// The judgements of all images in one falling order of score, as plain columns: a resample weights them by their image.
///
/// Equal scores are taken in the order of the images' names, and within an image in the order given, so that the order
/// of the images in the data set does not matter.
struct PooledJudgements: Sendable {
  private var image: [Int32] = []
  private var isRight: [[Bool]] = StructuralAP.limits.map { _ in [] }
  /// True segments of each image.
  private let truth: [Int]

  init(_ images: [[StructuralAP.Judgement]], names: [String], truth: [Int]) {
    self.truth = truth
    let order = names.indices.sorted { names[$0] < names[$1] }
    let all = order.flatMap { image in images[image].map { (image: image, judgement: $0) } }
    for index in all.indices.sorted(by: { (all[$0].judgement.score, $1) > (all[$1].judgement.score, $0) }) {
      image.append(Int32(all[index].image))
      for limit in isRight.indices { isRight[limit].append(all[index].judgement.isRight[limit]) }
    }
  }

  /// Average precision for each limit, pooled over images counted with the given weights.
  func averagePrecisions(weights: [Int]) -> [Double] {
    let total = Double(zip(weights, truth).reduce(0) { $0 + $1.0 * $1.1 })
    return isRight.map { isRight in
      var curve: [(precision: Double, recall: Double)] = []
      curve.reserveCapacity(image.count)
      var right = 0
      var count = 0
      for (image, isRight) in zip(image, isRight) {
        let weight = weights[Int(image)]
        count += weight
        if isRight { right += weight }
        curve.append((ratio(Double(right), Double(count)), ratio(Double(right), total)))
      }
      return envelopeArea(curve)
    }
  }
}
