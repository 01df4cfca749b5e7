import Lines
import Testing

@testable import Evaluation

@Suite struct StructuralAPTests {
  private func averagePrecisions(_ images: [(truth: [Segment], segments: [Segment])]) -> [Double] {
    let judgements = images.map {
      StructuralAP.judge(width: 128, height: 128, truth: $0.truth, segments: $0.segments)
    }
    return PooledJudgements(
      judgements, names: images.indices.map { "\($0)" }, truth: images.map { $0.truth.count }
    ).averagePrecisions(weights: images.map { _ in 1 })
  }

  @Test func byHand() {
    let truth = [Segment(10, 10, 50, 10), Segment(100, 20, 100, 90)]
    let found = averagePrecisions([
      (
        truth,
        [
          Segment(50, 12, 10, 12, 0.9),  // reversed; 4 + 4 = 8: right for 10 and 15
          Segment(100, 20, 100, 91, 0.8),  // 1: right for all
          Segment(10, 10, 50, 11, 0.7),  // 1: right for 5; for 10 and 15 the line is taken
          Segment(60, 60, 70, 70, 0.6),
        ]
      )
    ])
    // sAP5: wrong, right, right, wrong: recall 1/2 at 1/2, 1 at 2/3, so precision 2/3 throughout.
    #expect(abs(found[0] - 2.0 / 3) < 1e-12)
    #expect(found[1] == 1)
    #expect(found[2] == 1)
  }

  @Test func limitsAreStrict() {
    // (1, 2) off at one end: 5 exactly is not under 5.
    let judged = StructuralAP.judge(
      width: 128, height: 128, truth: [Segment(10, 10, 50, 10)], segments: [Segment(11, 12, 50, 10)])
    #expect(judged[0].isRight == [false, true, true])
  }

  @Test func onlyTheNearestLineCounts() {
    // The second prediction's nearest line is taken; the other line, in reach as well, does not help it.
    let truth = [Segment(10, 10, 50, 10), Segment(10, 12, 50, 12)]
    let judged = StructuralAP.judge(
      width: 128, height: 128, truth: truth, segments: [Segment(10, 10, 50, 10, 0.9), Segment(10, 10.5, 50, 10.5, 0.8)])
    #expect(judged.map(\.isRight) == [[true, true, true], [false, false, false]])
  }

  @Test func coordinatesAreScaledAndClipped() {
    // 640 x 480 to 128 x 128: 10 pixels are 2 across and 2.67 down.
    let across = StructuralAP.judge(
      width: 640, height: 480, truth: [Segment(100, 100, 300, 100)], segments: [Segment(110, 100, 300, 100)])
    #expect(across[0].isRight == [true, true, true])
    let down = StructuralAP.judge(
      width: 640, height: 480, truth: [Segment(100, 100, 300, 100)], segments: [Segment(100, 110, 300, 100)])
    #expect(down[0].isRight == [false, true, true])
    // What overhangs is cut to the border before it is compared.
    let overhanging = StructuralAP.judge(
      width: 640, height: 480, truth: [Segment(100, 100, 640, 100)], segments: [Segment(100, 100, 700, 100)])
    #expect(overhanging[0].isRight == [true, true, true])
  }

  @Test func imagesArePooled() {
    let line = Segment(10, 10, 50, 10)
    let wrong = Segment(90, 90, 120, 90, 0.95)
    let found = averagePrecisions([([line], [Segment(10, 10, 50, 10, 0.9)]), ([line], [wrong])])
    // Wrong at 0.95, right at 0.9: recall 1/2 at precision 1/2.
    #expect(found == [0.25, 0.25, 0.25])
  }

  @Test func noTruthAndNoPredictions() {
    #expect(averagePrecisions([([], [Segment(1, 1, 5, 5)])]) == [0, 0, 0])
    #expect(averagePrecisions([([Segment(1, 1, 5, 5)], [])]) == [0, 0, 0])
  }
}
