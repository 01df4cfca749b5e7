/// The figures of one method on one data set; all but the counts are fractions of one.
public struct MethodEvaluation: Sendable {
  public var name: String
  /// The largest F over all thresholds, pixels pooled over the data set.
  public var fH: Estimate
  /// The area under the pooled precision-recall curve.
  public var apH: Estimate
  /// F^H with precision and recall averaged over the images first.
  public var fHImageAverage: Double
  /// The point of the curve where F is largest.
  public var best: HeatmapCurve.Point
  public var curve: HeatmapCurve
  /// sAP5, sAP10 and sAP15.
  public var sAP: [Estimate]
  /// The mean of sAP5, sAP10 and sAP15.
  public var msAP: Estimate
  public var segmentsPerImage: Double
  /// How far scores are from the share of segments that are right at sAP10; nil if they are no probabilities.
  public var calibrationError: Double?
  /// Pixel counts of each image.
  public var images: [PixelCounts]
  /// Milliseconds of one thread for each image's drawing and matching.
  public var milliseconds: [Double]

  /// Resampled F^H, AP^H, sAP5, sAP10, sAP15 and msAP, for paired differences.
  var resampled: [[Double]]

  /// The measures that are resampled, in their order.
  public static let measures = ["F_H", "AP_H", "sAP5", "sAP10", "sAP15", "msAP"]

  /// The figures of the measures in `measures`.
  public var estimates: [Estimate] { [fH, apH] + sAP + [msAP] }

  /// How much larger each measure is here than in another evaluation of the same images, with paired resamples.
  ///
  /// - Precondition: both come from one call of `evaluate`.
  public func difference(from other: MethodEvaluation) -> [Estimate] {
    estimates.indices.map { measure in
      Estimate(
        value: estimates[measure].value - other.estimates[measure].value,
        resamples: zip(resampled, other.resampled).map { $0[measure] - $1[measure] })
    }
  }
}

/// Evaluates methods on the images of a data set; results depend neither on the number of threads nor on the order of
/// images.
///
/// - Parameters:
///   - predictions: what each method found, for every image of the data set.
///   - resamples: resamples of the images for the 95 % intervals.
///   - progress: called after each image of each method, from any thread.
/// - Throws: `EvaluationError` if a prediction is not finite or there is one list too many or too few.
/// - Complexity: linear in the pixels drawn for each image; the search for augmenting paths is short in practice.
public func evaluate(
  _ predictions: [Predictions], on dataSet: DataSet, threads: Int = 1, resamples: Int = 1000,
  progress: (@Sendable () -> Void)? = nil
) throws -> [MethodEvaluation] {
  for method in predictions { try method.check(dataSet) }
  let images = dataSet.images.count
  let clock = ContinuousClock()
  struct Result {
    var counts: PixelCounts
    var judgements: [StructuralAP.Judgement]
    var milliseconds: Double
  }
  let results = try parallelMap(count: images * predictions.count, threads: threads) { job in
    let image = dataSet.images[job % images]
    let segments = predictions[job / images].segments[job % images]
    let start = clock.now
    let counts = PixelCounts(width: image.width, height: image.height, truth: image.lines, segments: segments)
    let time = clock.now - start
    let judgements = StructuralAP.judge(
      width: image.width, height: image.height, truth: image.lines, segments: segments)
    progress?()
    return Result(counts: counts, judgements: judgements, milliseconds: time / .milliseconds(1))
  }
  let draws = Resamples(names: dataSet.images.map(\.name), count: resamples)
  return try predictions.enumerated().map { index, method in
    let results = results[index * images..<(index + 1) * images]
    return try MethodEvaluation(
      name: method.name, counts: results.map(\.counts), judgements: results.map(\.judgements),
      milliseconds: results.map(\.milliseconds), dataSet: dataSet, draws: draws, threads: threads)
  }
}

extension MethodEvaluation {
  fileprivate init(
    name: String, counts: [PixelCounts], judgements: [[StructuralAP.Judgement]], milliseconds: [Double],
    dataSet: DataSet, draws: Resamples, threads: Int
  ) throws {
    let steps = PooledSteps(counts)
    let pooled = PooledJudgements(
      judgements, names: dataSet.images.map(\.name), truth: dataSet.images.map { $0.lines.count })
    let truePixels = counts.map(\.truth)
    let resampled = try parallelMap(count: draws.weights.count, threads: threads) { draw in
      let weights = draws.weights[draw]
      let heatmap = steps.heatmapMeasures(weights: weights, truth: truePixels)
      let sAP = pooled.averagePrecisions(weights: weights)
      return [heatmap.f, heatmap.averagePrecision] + sAP + [sAP.reduce(0, +) / Double(sAP.count)]
    }
    func estimate(_ measure: Int, _ value: Double) -> Estimate {
      Estimate(value: value, resamples: resampled.map { $0[measure] })
    }
    let curve = HeatmapCurve(counts)
    let sAP = pooled.averagePrecisions(weights: counts.map { _ in 1 })
    let best =
      curve.best
      ?? HeatmapCurve.Point(
        score: 0, threshold: 0, truePositives: 0, falsePositives: 0, falseNegatives: truePixels.reduce(0, +))
    self.init(
      name: name, fH: estimate(0, best.f), apH: estimate(1, curve.averagePrecision),
      fHImageAverage: imageAverageF(counts), best: best, curve: curve,
      sAP: sAP.enumerated().map { estimate(2 + $0, $1) },
      msAP: estimate(2 + sAP.count, sAP.reduce(0, +) / Double(sAP.count)),
      segmentsPerImage: ratio(Double(judgements.reduce(0) { $0 + $1.count }), Double(counts.count)),
      calibrationError: Evaluation.calibrationError(judgements), images: counts,
      milliseconds: milliseconds, resampled: resampled)
  }
}

extension Predictions {
  fileprivate func check(_ dataSet: DataSet) throws {
    guard segments.count == dataSet.images.count else {
      throw EvaluationError(
        path: name, reason: "\(segments.count) lists of segments for \(dataSet.images.count) images",
        nextStep: "give one for each image")
    }
    for (image, segments) in zip(dataSet.images, segments) {
      let isSane = segments.allSatisfy { segment in
        let reach = 1e3 * Double(max(image.width, image.height))
        return segment.score.isFinite
          && [segment.x1, segment.y1, segment.x2, segment.y2].allSatisfy { abs($0) <= reach }
      }
      guard isSane else {
        throw EvaluationError(
          path: image.name, reason: "\(name) has a segment that is not finite or far outside the image",
          nextStep: "leave it out")
      }
    }
  }
}
