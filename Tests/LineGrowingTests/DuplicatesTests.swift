import Lines
import Testing

@testable import LineGrowing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct DuplicatesTests {
  private func segment(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, score: Double) -> Segment {
    Segment(x1: x1, y1: y1, x2: x2, y2: y2, score: score)
  }

  private func demoted(_ segments: [Segment], minScore: Double = 0) -> [Segment] {
    var list = segments
    var duplicates = Duplicates()
    duplicates.demote(&list, within: 2, minScore: minScore)
    return list
  }

  @Test(arguments: [0.0, 30, 90, 135, 200]) func whatRunsAlongABetterSegmentIsOne(degrees: Double) {
    let (dx, dy) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
    /// Along and across a line through (50, 40).
    func placed(_ from: (Double, Double), _ to: (Double, Double), score: Double) -> Segment {
      segment(
        50 + from.0 * dx - from.1 * dy, 40 + from.0 * dy + from.1 * dx, 50 + to.0 * dx - to.1 * dy,
        40 + to.0 * dy + to.1 * dx, score: score)
    }
    let best = placed((0, 0), (30, 0), score: 0.9)
    // What each of them scores then: a duplicate a twentieth, a companion between 0.1 and 0.15.
    let (duplicate, companion, none) = (0.025, 0.125, 0.5)
    let cases: [(Segment, Double)] = [
      (placed((0, 1.5), (30, 1.5), score: 0.5), duplicate),
      (placed((30, -1.5), (0, -1.5), score: 0.5), duplicate),
      (placed((0, 2.5), (30, 2.5), score: 0.5), companion),
      (placed((30, -3.5), (0, -3.5), score: 0.5), companion),
      (placed((0, 4.8), (30, 4.8), score: 0.5), none),
      (placed((5, 1), (12, 0.5), score: 0.5), duplicate),
      // 16 and 14 of 30 beside it.
      (placed((14, 1), (44, 1), score: 0.5), duplicate),
      (placed((16, 1), (46, 1), score: 0.5), none),
      (placed((14, 3), (44, 3), score: 0.5), companion),
      (placed((16, 3), (46, 3), score: 0.5), none),
      // Nearer than 2 for 12 of its 20, but at 11 degrees.
      (placed((5, -0.4), (25, 3.6), score: 0.5), none),
      // Nearer than 2 for 16 and for 9 of its 20; nearer than 4.5 for 9 of them.
      (placed((5, 0.4), (25, 2.4), score: 0.5), duplicate),
      (placed((5, 1.1), (25, 3.1), score: 0.5), companion),
      (placed((5, 3.6), (25, 5.6), score: 0.5), none),
      // Across it, however short.
      (placed((10, -1), (10, 1), score: 0.5), none),
      (placed((31, 0), (60, 0), score: 0.5), none),
    ]
    for (other, score) in cases {
      let list = demoted([best, other])
      #expect(list[0] == best)
      #expect(abs(list[1].score - score) < 1e-12, "\(other)")
    }
  }

  @Test func companionsComeAfterAllThatLieOnALineOfTheirOwn() {
    let list = [
      segment(0, 0, 40, 0, score: 0.9),
      segment(0, 3, 40, 3, score: 0.8),
      // A duplicate of the second, which counts, though it is a companion.
      segment(0, 4.5, 40, 4.5, score: 0.7),
      segment(0, 20, 40, 20, score: 0.16),
      segment(0, 23, 40, 23, score: 0.14),
    ]
    let scores = demoted(list).map(\.score)
    #expect(scores.count == 5)
    #expect(zip(scores, [0.9, 0.16, 0.14, 0.14, 0.035]).allSatisfy { abs($0 - $1) < 1e-12 }, "\(scores)")
    #expect(demoted(list)[1] == list[3] && demoted(list)[4].y1 == 4.5)
    // All of them are in the list unless told otherwise.
    #expect(demoted(list, minScore: BandedScore.usualLeast).count == 4)
  }

  @Test func onlyOriginalsCountAndTheOrderIsKept() {
    let list = [
      segment(0, 0, 40, 0, score: 0.9),
      segment(0, 1.5, 40, 1.5, score: 0.8),
      // A duplicate of the second alone, which is one itself; a companion of the first, but under the border already.
      segment(0, 3, 40, 3, score: 0.14),
      segment(0, 20, 40, 20, score: 0.13),
      segment(2, 20, 38, 20, score: 0.04),
    ]
    var second = list[1]
    second.score *= BandedScore.otherReadings
    #expect(demoted(list) == [list[0], list[2], list[3], second, list[4]].sorted { $0.score > $1.score })
    #expect(demoted(list, minScore: 0.03) == [list[0], list[2], list[3], second, list[4]].filter { $0.score >= 0.03 })
    #expect(demoted(Array(list.prefix(4)), minScore: 0.1) == [list[0], list[2], list[3]])
    // What scores so low is no original, nor looked at.
    #expect(demoted([list[4], segment(2, 20, 38, 20, score: 0.03)]) == [list[4], segment(2, 20, 38, 20, score: 0.03)])
  }

  @Test func pointsAndNothing() {
    #expect(demoted([]).isEmpty)
    let point = segment(5, 5, 5, 5, score: 0.8)
    #expect(demoted([segment(0, 5, 10, 5, score: 0.9), point, point]).map(\.score) == [0.9, 0.8, 0.8])
  }
}
