import Lines
import Testing

@testable import LineGrowing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

func grown(_ field: LineField, _ transform: GridTransform = .identity, options: GrowingOptions = .network) -> [Segment]
{
  var grower = LineGrower(options: options)
  var segments: [Segment] = []
  grower.grow(field, transform: transform, into: &segments)
  return segments
}

@Suite struct LineGrowerTests {
  @Test(arguments: [0.0, 7, 20, 33.3, 45, 61, 80, 90, 100, 135, 152, 179])
  func aLineIsFoundWhereItIs(degrees: Double) throws {
    let dx = cos(degrees * .pi / 180)
    let dy = sin(degrees * .pi / 180)
    for shift in [0.0, 0.25, 0.5, 0.8] {
      let (cx, cy) = (31 + shift, 30.3 - shift)
      var drawn = DrawnField(width: 64, height: 64)
      drawn.draw(cx - 20 * dx, cy - 20 * dy, cx + 20 * dx, cy + 20 * dy)
      let segments = grown(drawn.field)
      let segment = try #require(segments.first)
      #expect(segments.count == 1)
      #expect(endError(segment, cx - 20 * dx, cy - 20 * dy, cx + 20 * dx, cy + 20 * dy) < 0.3)
      #expect(angleError(segment, dx, dy) < 0.2)
      #expect(segment.meaningfulness > 5)
      #expect(segment.score > 0.5 && segment.score <= 1)
    }
  }

  @Test func nothingToFind() {
    #expect(grown(LineField()).isEmpty)
    #expect(grown(LineField(width: 1, height: 1)).isEmpty)
    #expect(grown(LineField(width: 1, height: 50)).isEmpty)
    #expect(grown(LineField(width: 100, height: 80)).isEmpty)
  }
}
