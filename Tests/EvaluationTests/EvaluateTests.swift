import Lines
import Testing

@testable import Evaluation

@Suite struct EvaluateTests {
  /// Images with random lines, and two methods that find them with noise.
  private func made(images: Int = 6) -> (DataSet, [Predictions]) {
    var dice = Dice(7)
    func segment(_ score: Double = 1) -> Segment {
      Segment(
        .random(in: 0...99, using: &dice), .random(in: 0...79, using: &dice), .random(in: 0...99, using: &dice),
        .random(in: 0...79, using: &dice), score)
    }
    let lines = (0..<images).map { _ in (0..<12).map { _ in segment() } }
    func found(noise: Double) -> [[Segment]] {
      lines.map { lines in
        lines.map { line in
          Segment(
            line.x1 + .random(in: -noise...noise, using: &dice), line.y1, line.x2,
            line.y2 + .random(in: -noise...noise, using: &dice), (.random(in: 0...9, using: &dice) * 4).rounded() / 4)
        } + (0..<3).map { _ in segment(.random(in: 0...9, using: &dice)) }
      }
    }
    return (
      .made(lines),
      [Predictions(name: "fine", segments: found(noise: 1)), Predictions(name: "rough", segments: found(noise: 6))]
    )
  }

  /// All figures that do not speak of time.
  private func figures(_ evaluations: [MethodEvaluation]) -> [[Double]] {
    evaluations.map { evaluation in
      evaluation.estimates.flatMap { [$0.value, $0.low, $0.high] }
        + [evaluation.fHImageAverage, evaluation.best.threshold, evaluation.segmentsPerImage]
        + evaluation.curve.points.flatMap { [$0.threshold, Double($0.truePositives), Double($0.falsePositives)] }
        + evaluation.resampled.joined()
    }
  }

  @Test func threadsDoNotMatter() throws {
    let (dataSet, predictions) = made()
    let one = try evaluate(predictions, on: dataSet, threads: 1, resamples: 50)
    let many = try evaluate(predictions, on: dataSet, threads: 5, resamples: 50)
    #expect(figures(one) == figures(many))
  }

  @Test func theOrderOfImagesDoesNotMatter() throws {
    var (dataSet, predictions) = made()
    let forward = try evaluate(predictions, on: dataSet, resamples: 30)
    dataSet.images.reverse()
    for method in predictions.indices { predictions[method].segments.reverse() }
    let backward = try evaluate(predictions, on: dataSet, resamples: 30)
    for (a, b) in zip(forward, backward) {
      #expect(a.estimates == b.estimates)
      #expect(a.best == b.best)
      #expect(a.curve.points == b.curve.points)
      #expect(abs(a.fHImageAverage - b.fHImageAverage) < 1e-12)
    }
  }

  @Test func intervalsHoldTheValueAndDifferencesArePaired() throws {
    let (dataSet, predictions) = made()
    let found = try evaluate(predictions, on: dataSet, resamples: 200)
    for evaluation in found {
      for estimate in evaluation.estimates { #expect(estimate.low <= estimate.high) }
      #expect(evaluation.fH.low < evaluation.fH.value && evaluation.fH.value < evaluation.fH.high)
    }
    #expect(found[0].fH.value > found[1].fH.value)
    let itself = found[0].difference(from: found[0])
    #expect(itself.allSatisfy { $0 == Estimate(value: 0, low: 0, high: 0) })
    let difference = found[0].difference(from: found[1])[0]
    #expect(difference.value == found[0].fH.value - found[1].fH.value)
    #expect(difference.low > 0)
    // Paired: narrower than what the two intervals alone would give.
    #expect(difference.high - difference.low < found[0].fH.high - found[0].fH.low + found[1].fH.high - found[1].fH.low)
  }

  @Test func perfectAndEmpty() throws {
    let lines = [[Segment(5, 5, 90, 5)], [Segment(5, 5, 5, 70), Segment(20, 30, 60, 30)]]
    let found = try evaluate(
      [Predictions(name: "perfect", segments: lines), Predictions(name: "empty", segments: [[], []])],
      on: .made(lines), resamples: 20)
    #expect(found[0].estimates.allSatisfy { $0 == Estimate(value: 1, low: 1, high: 1) })
    #expect(found[0].fHImageAverage == 1)
    #expect(found[0].segmentsPerImage == 1.5)
    #expect(found[1].estimates.allSatisfy { $0.value == 0 })
    #expect(found[1].best.falseNegatives == found[0].best.truePositives)
  }

  @Test func segmentsThatAreNotFiniteAreRefused() throws {
    let dataSet = DataSet.made([[Segment(5, 5, 90, 5)]])
    for bad in [Segment(.nan, 0, 5, 5), Segment(0, 0, .infinity, 5), Segment(0, 0, 5, 5, .nan), Segment(0, 0, 1e9, 0)] {
      #expect(failure { try evaluate([Predictions(name: "bad", segments: [[bad]])], on: dataSet) } != nil)
    }
    #expect(failure { try evaluate([Predictions(name: "short", segments: [])], on: dataSet) } != nil)
  }

  @Test func resamplesAreOfTheImagesSize() {
    let draws = Resamples(names: (0..<51).map { "\($0)" }, count: 40)
    #expect(draws.weights.allSatisfy { $0.reduce(0, +) == 51 })
    #expect(Set(draws.weights).count == 40)
    #expect(draws.weights == Resamples(names: (0..<51).map { "\($0)" }, count: 40).weights)
  }

  @Test func percentiles() {
    let estimate = Estimate(value: 5, resamples: (0...1000).map { Double($0) }.reversed())
    #expect(estimate == Estimate(value: 5, low: 25, high: 975))
  }

  @Test func splitMix64() {
    // The first numbers of the published generator for seed 1234567.
    var generator = SplitMix64(seed: 1_234_567)
    #expect(generator.next() == 6_457_827_717_110_365_317)
    #expect(generator.next() == 3_203_168_211_198_807_973)
  }
}
