import Testing

@testable import Evaluation

@Suite struct CalibrationErrorTests {
  private func judgements(_ pairs: [(Double, Bool)]) -> [StructuralAP.Judgement] {
    pairs.map { StructuralAP.Judgement(score: $0.0, isRight: [false, $0.1, true]) }
  }

  @Test func binByBin() throws {
    // Bin 0.2: scores 0.22 and 0.28, one right: |0.5 - 1| = 0.5. Bin 0.9: 0.9 and 1, both right: |1.9 - 2| = 0.1.
    let images = [judgements([(0.22, true), (0.9, true)]), judgements([(0.28, false), (1, true)]), []]
    #expect(abs(try #require(calibrationError(images)) - 0.15) < 1e-12)
    let sure = judgements([(1, true), (0, false), (1, true)])
    #expect(calibrationError([sure]) == 0)
  }

  @Test func scoresThatAreNoProbabilities() {
    #expect(calibrationError([judgements([(0.5, true)]), judgements([(12, true)])]) == nil)
    #expect(calibrationError([judgements([(-0.1, true)])]) == nil)
    #expect(calibrationError([[], []]) == nil)
  }
}
