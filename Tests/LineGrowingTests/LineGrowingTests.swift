import Testing

@testable import Lines

@Test func aSegmentKnowsItsLength() {
  #expect(Segment(x1: 1, y1: 2, x2: 4, y2: 6).length == 5)
}
