import Lines
import Testing

@testable import Evaluation

@Suite struct HeatmapCurveTests {
  private func counts(truth: Int, _ steps: (score: Double, predicted: Int, matched: Int)...) -> PixelCounts {
    var counts = PixelCounts(width: 10, height: 10, truth: [], segments: [])
    counts.truth = truth
    counts.steps = steps.map { PixelCounts.Step(score: $0.score, predicted: $0.predicted, matched: $0.matched) }
    return counts
  }

  @Test func stepsFollowTheScores() {
    // A horizontal true line of 10 pixels; the radius is 1 (the diagonal is 128).
    let truth = [Segment(10, 20, 19.5, 20)]
    let counts = PixelCounts(
      width: 100, height: 80, truth: truth,
      segments: [
        Segment(10, 22, 19.5, 22, 0.5), Segment(10, 21, 13.5, 21, 0.9), Segment(10, 20, 19.5, 20, 0.7),
        Segment(50, 60, 53.5, 60, 0.9), Segment(4, 4, 4, 4, 0.1),
      ])
    #expect(counts.truth == 10)
    #expect(
      counts.steps == [
        .init(score: 0.9, predicted: 8, matched: 4), .init(score: 0.7, predicted: 18, matched: 10),
        .init(score: 0.5, predicted: 28, matched: 10), .init(score: 0.1, predicted: 28, matched: 10),
      ])
  }

  @Test func pooledByHand() throws {
    let curve = HeatmapCurve([
      counts(truth: 10, (0.9, 4, 4), (0.5, 10, 7)), counts(truth: 20, (0.7, 10, 5), (0.5, 20, 10)),
    ])
    #expect(curve.points.map(\.truePositives) == [4, 9, 17])
    #expect(curve.points.map(\.falsePositives) == [0, 5, 13])
    #expect(curve.points.map(\.falseNegatives) == [26, 21, 13])
    #expect(curve.points.map(\.threshold) == [0.7, 0.5, 0])
    #expect(curve.points.map(\.score) == [0.9, 0.7, 0.5])
    let best = try #require(curve.best)
    #expect(best.f == 34.0 / 60)
    #expect(best.precision == 17.0 / 30 && best.recall == 17.0 / 30)
    // Recall 4/30 at precision 1, 9/30 at 9/14, 17/30 at 17/30.
    #expect(abs(curve.averagePrecision - (4.0 / 30 + 5.0 / 30 * 9 / 14 + 8.0 / 30 * 17 / 30)) < 1e-12)
  }

  @Test func precisionIsMadeMonotoneAndNotSorted() {
    // Precision 1/2, then 3/4 at a larger recall: the envelope lifts the first to 3/4.
    let curve = HeatmapCurve([counts(truth: 10, (0.9, 2, 1), (0.8, 4, 3), (0.7, 20, 4))])
    #expect(abs(curve.averagePrecision - (0.3 * 0.75 + 0.1 * 0.2)) < 1e-12)
  }

  @Test func thresholdsBetweenScores() {
    let curve = HeatmapCurve([counts(truth: 10, (0.9, 2, 1), (0.8, 4, 3), (-0.5, 20, 4))])
    #expect(curve.point(above: 0.9) == nil)
    #expect(curve.point(above: 0.85)?.truePositives == 1)
    #expect(curve.point(above: 0.8)?.truePositives == 1)
    #expect(curve.point(above: 0.79)?.truePositives == 3)
    #expect(curve.point(above: -1)?.truePositives == 4)
    // Drawing all segments: a threshold below the lowest score, whatever its sign.
    #expect(curve.points.last?.threshold == (-0.5).nextDown)
  }

  @Test func imageAverageByHand() {
    // At 0.5: precisions 0.7 and 0.5, recalls 0.7 and 0.5. At 0.9 the second image has neither: 0.5 and 0.2.
    let images = [counts(truth: 10, (0.9, 4, 4), (0.5, 10, 7)), counts(truth: 20, (0.5, 20, 10))]
    #expect(abs(imageAverageF(images) - 0.6) < 1e-12)
    let first = [counts(truth: 10, (0.9, 4, 4)), counts(truth: 20)]
    #expect(abs(imageAverageF(first) - 2 * 0.5 * 0.2 / 0.7) < 1e-12)
  }

  /// To the last bit.
  @Test func imageAverageInAnyOrder() {
    let images = (1...40).map { index in
      counts(truth: 7 * index, (Double(index % 5), 3 + index, 2 + index / 2), (-1, 11 * index, 3 + index))
    }
    let value = imageAverageF(images)
    #expect(value > 0)
    for shift in 1..<40 { #expect(imageAverageF(Array(images[shift...] + images[..<shift])) == value) }
  }

  @Test func nothingPredicted() {
    let curve = HeatmapCurve([counts(truth: 10)])
    #expect(curve.points.isEmpty && curve.best == nil && curve.averagePrecision == 0)
    #expect(imageAverageF([counts(truth: 10)]) == 0)
  }
}
