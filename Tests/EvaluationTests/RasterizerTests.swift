import Lines
import Testing

@testable import Evaluation

@Suite struct RasterizerTests {
  let rasterizer = Rasterizer(width: 20, height: 10)

  private func pixels(_ segments: Segment...) -> [[Int]] {
    rasterizer.pixels(of: segments).map { [$0 % 20, $0 / 20] }
  }

  @Test func aLineHasAsManySamplesAsItsLengthRoundedUp() {
    // Length 3: three samples from end to end, 1.5 apart; halves go away from zero.
    #expect(pixels(Segment(2, 3, 5, 3)) == [[2, 3], [4, 3], [5, 3]])
    // Length 3.2: four samples.
    #expect(pixels(Segment(2, 3, 5.2, 3)) == [[2, 3], [3, 3], [4, 3], [5, 3]])
    // Down and to the left: from the first end to the second.
    #expect(pixels(Segment(5, 5, 2, 1)) == [[5, 5], [4, 4], [4, 3], [3, 2], [2, 1]])
  }

  @Test func oneSampleIsTheSecondEnd() {
    #expect(pixels(Segment(2, 3, 3, 3)) == [[3, 3]])
    #expect(pixels(Segment(2.4, 3, 2.6, 3)) == [[3, 3]])
  }

  @Test func noLengthDrawsNothing() {
    #expect(pixels(Segment(2, 3, 2, 3)).isEmpty)
    #expect(pixels().isEmpty)
  }

  @Test func halvesGoAwayFromZero() {
    #expect(pixels(Segment(0.5, 0.5, 0.5, 2.5)) == [[1, 1], [1, 3]])
    #expect(pixels(Segment(-0.5, 0, 0.4, 0)) == [[0, 0]])
  }

  @Test func outsideIsClamped() {
    #expect(pixels(Segment(-2, -3, -2, 2.9)) == [[0, 0], [0, 1], [0, 2], [0, 3]])
    #expect(pixels(Segment(18, 9, 22, 9)) == [[18, 9], [19, 9]])
    #expect(pixels(Segment(-5, -5, -3, -5)) == [[0, 0]])
  }

  @Test func theUnionHoldsAPixelOnce() {
    let line = Segment(2, 3, 9, 3)
    #expect(pixels(line, line, Segment(9, 3, 2, 3)).count == 7)
  }

  @Test func aPictureOfOnePixel() {
    #expect(Rasterizer(width: 1, height: 1).pixels(of: [Segment(-4, 2, 7, 3)]) == [0])
  }
}
