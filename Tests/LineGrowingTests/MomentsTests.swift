import Testing

@testable import LineGrowing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct MomentsTests {
  @Test(arguments: stride(from: 0.0, to: 180, by: 11.25).map { $0 })
  func axisOfPointsOnALine(degrees: Double) {
    let dx = cos(degrees * .pi / 180)
    let dy = sin(degrees * .pi / 180)
    var moments = Moments(aroundX: 1000, y: 2000)
    for i in -20...20 {
      moments.add(
        Float(1003 + Double(i) * dx), Float(1998 + Double(i) * dy), weight: Float(1 + (i + 20) % 3))
    }
    let axis = moments.axis(fallback: (1, 0))
    let turn = Double(axis.dx) * dy - Double(axis.dy) * dx
    #expect(abs(turn) < 1e-4)
    #expect(abs(axis.across(1003, 1998)) < 1e-3)
    let norm = axis.dx * axis.dx + axis.dy * axis.dy
    #expect(abs(norm - 1) < 1e-5)
    let (c, s) = axis.doubled
    let twice = 2 * degrees * Double.pi / 180
    #expect(abs(Double(c) - cos(twice)) < 1e-3)
    #expect(abs(Double(s) - sin(twice)) < 1e-3)
  }

  @Test func withoutADirectionTheFallbackServes() {
    let empty = Moments(aroundX: 3, y: 4).axis(fallback: (0, 1))
    #expect(empty.dx == 0 && empty.dy == 1 && empty.x == 3)
    var point = Moments(aroundX: 3, y: 4)
    point.add(5, 6, weight: 2)
    let axis = point.axis(fallback: (0.6, 0.8))
    #expect(axis.dx == 0.6 && axis.dy == 0.8 && axis.x == 5 && axis.y == 6)
  }

  @Test func halvesOfDoubledAngles() {
    for degrees in stride(from: 0.0, to: 180, by: 5) {
      let half = direction(
        cos2: Float(3 * cos(2 * degrees * .pi / 180)), sin2: Float(3 * sin(2 * degrees * .pi / 180)))
      let turn = Double(half.dx) * sin(degrees * .pi / 180) - Double(half.dy) * cos(degrees * .pi / 180)
      #expect(abs(turn) < 1e-3)
    }
    #expect(direction(cos2: 0, sin2: 0) == (1, 0))
  }
}
