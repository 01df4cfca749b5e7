import EdgeFitting
import Images
import Lines
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Picture {
  /// A segment of the line, `reach` pixels to both sides, its ends moved across it.
  func segment(reach: Double = 30, from first: Double = 0, to last: Double = 0) -> Segment {
    let (dx, dy) = direction
    return Segment(
      x1: cx - reach * dx - first * dy, y1: cy - reach * dy + first * dx, x2: cx + reach * dx - last * dy,
      y2: cy + reach * dy + last * dx)
  }

  /// Distances of a segment's ends from the line.
  func errors(of segment: Segment) -> [Double] {
    let (dx, dy) = direction
    return [(segment.x1, segment.y1), (segment.x2, segment.y2)].map { abs(($0.1 - cy) * dx - ($0.0 - cx) * dy) }
  }

  /// The plain reference: of all lines within `reach` pixels, in steps of a twentieth, the one along which the mean
  /// difference of brightness across is the largest.
  func bestLine(near segment: Segment, reach: Double) -> (first: Double, last: Double) {
    let (dx, dy) = (segment.x2 - segment.x1, segment.y2 - segment.y1)
    let length = (dx * dx + dy * dy).squareRoot()
    let (nx, ny) = (-dy / length, dx / length)
    var best = (first: 0.0, last: 0.0)
    var largest = -1.0
    for first in stride(from: -reach, through: reach, by: 0.05) {
      for last in stride(from: -reach, through: reach, by: 0.05) {
        var sum = 0.0
        for i in 0..<12 {
          let share = 0.1 + 0.8 * (Double(i) + 0.5) / 12
          let offset = first + share * (last - first)
          let (x, y) = (segment.x1 + share * dx + offset * nx, segment.y1 + share * dy + offset * ny)
          sum += brightness(x + 0.8 * nx, y + 0.8 * ny) - brightness(x - 0.8 * nx, y - 0.8 * ny)
        }
        if abs(sum) > largest + 1e-9 {
          largest = abs(sum)
          best = (first, last)
        }
      }
    }
    return best
  }
}

@Suite struct EdgeFitterTests {
  @Test(arguments: [0.0, 3, 17, 30, 44, 45, 46, 60, 77, 88, 90, 101, 135, 150, 179])
  func aSegmentMovesOntoItsEdge(degrees: Double) {
    let fitter = EdgeFitter(reach: 3)
    for (first, last) in [(0.0, 0.0), (1.2, 1.2), (-1.5, -1), (1, -1), (-0.4, 1.6)] {
      for light in [90.0, 200] {
        var picture = Picture(degrees: degrees)
        picture.light = light
        var segments = [picture.segment(from: first, to: last)]
        let before = segments[0]
        #expect(fitter.fit(&segments, to: picture.image) == 1)
        for error in picture.errors(of: segments[0]) { #expect(error < 0.15, "\(degrees) \(first) \(last)") }
        // Along the line nothing moves.
        #expect(abs(segments[0].length - before.length) < 0.2)
        #expect(segments[0].score == before.score)
      }
    }
  }

  /// Further than pixel by pixel.
  @Test(arguments: [0.0, 20, 45, 70, 90, 118, 155])
  func aFarEdgeIsReachedInLargerSteps(degrees: Double) {
    let picture = Picture(degrees: degrees)
    for (first, last) in [(10.0, 10.0), (-9, -11), (12, 8), (0.3, -0.2)] {
      var segments = [picture.segment(reach: 25, from: first, to: last)]
      #expect(EdgeFitter(reach: 14).fit(&segments, to: picture.image) == 1)
      for error in picture.errors(of: segments[0]) { #expect(error < 0.15, "\(degrees) \(first) \(last)") }
      segments = [picture.segment(reach: 25, from: first, to: last)]
      #expect(EdgeFitter(reach: 6).fit(&segments, to: picture.image) == (abs(first) < 6 ? 1 : 0))
    }
  }

  @Test func itAgreesWithTheReference() {
    let fitter = EdgeFitter(reach: 2.5)
    for degrees in [8.0, 39, 68, 117] {
      let picture = Picture(degrees: degrees)
      let start = picture.segment(from: 0.9, to: -0.7)
      let best = picture.bestLine(near: start, reach: 1.5)
      var segments = [start]
      #expect(fitter.fit(&segments, to: picture.image) == 1)
      let (dx, dy) = (start.x2 - start.x1, start.y2 - start.y1)
      let found = [
        ((segments[0].y1 - start.y1) * dx - (segments[0].x1 - start.x1) * dy) / start.length,
        ((segments[0].y2 - start.y2) * dx - (segments[0].x2 - start.x2) * dy) / start.length,
      ]
      #expect(abs(found[0] - best.first) < 0.2 && abs(found[1] - best.last) < 0.2)
    }
  }

  @Test func withoutAClearEdgeNothingMoves() {
    let fitter = EdgeFitter(reach: 3)
    // Nothing there, too faint, too far off.
    var faint = Picture(degrees: 20)
    faint.light = 63
    let plain = RGBImage(width: 120, height: 90, red: 90, green: 90, blue: 90)
    let edge = Picture(degrees: 20)
    for (image, segment) in [
      (plain, edge.segment()), (faint.image, faint.segment(from: 1, to: 1)), (edge.image, edge.segment(from: 6, to: 6)),
    ] {
      var segments = [segment]
      #expect(fitter.fit(&segments, to: image) == 0)
      #expect(segments == [segment])
    }
  }

  @Test(arguments: [0.0, 20, 45, 80, 118, 155])
  func betweenTwoEdgesOfOneStrengthASegmentGoesToTheMiddle(degrees: Double) {
    var bar = Picture(degrees: degrees)
    bar.bar = 3
    for (first, last) in [(0.0, 0.0), (0.5, 0.5), (-0.8, -0.4)] {
      var segments = [bar.segment(from: first, to: last)]
      #expect(EdgeFitter(reach: 3).fit(&segments, to: bar.image) == 1)
      // As a whole: its direction stays.
      let (a, b) = (bar.errors(of: segments[0]), abs(first - last))
      #expect(abs(a[0] + a[1] - b) < 0.2 && max(a[0], a[1]) < 0.15 + b / 2, "\(first) \(last) \(a)")
    }
  }

  @Test func noEndLeavesTheImage() {
    var picture = Picture(degrees: 30)
    picture.height = 40
    let (dx, dy) = picture.direction
    (picture.cx, picture.cy) = (60, 19)
    let fitter = EdgeFitter(reach: 3)
    for shift in [-2.0, -1, 1, 2] {
      // As long as the picture allows: whatever way it moves, an end comes out of it or stays within.
      var segments = [picture.segment(reach: 39 / dy / 2, from: shift, to: shift)]
      (segments[0].y1, segments[0].y2) = (max(segments[0].y1, -0.5), min(segments[0].y2, 39.5))
      fitter.fit(&segments, to: picture.image)
      #expect(segments[0].y1 >= -0.5 && segments[0].y2 <= 39.5, "\(shift) \(dx)")
    }
  }

  @Test func segmentsAnywhereAreSafe() {
    let fitter = EdgeFitter(reach: 30)
    let odd: [(Double, Double, Double, Double)] = [
      (0, 0, 119, 0), (0, 0, 0, 89), (119, 89, 0, 89), (-40, -20, 200, 130), (50, 50, 50, 50), (3, 3, 9, 9),
      (.nan, 0, 30, 30), (.infinity, 0, 30, 30), (1e9, 1e9, -1e9, -1e9),
    ]
    for (width, height) in [(120, 90), (1, 90), (120, 1), (4, 4)] {
      var picture = Picture(degrees: 30)
      (picture.width, picture.height) = (width, height)
      var segments = odd.map { Segment(x1: $0.0, y1: $0.1, x2: $0.2, y2: $0.3) }
      fitter.fit(&segments, to: picture.image)
      #expect(segments.count == odd.count)
      #expect(segments.dropLast(3).allSatisfy { $0.x1.isFinite && $0.y2.isFinite })
    }
    var none: [Segment] = []
    #expect(fitter.fit(&none, to: RGBImage(width: 0, height: 0)) == 0)
  }
}
