import EdgeFitting
import Foundation
import Images
import Lines
import Testing

extension Picture {
  /// An edge that ends on both sides.
  fileprivate static func endingEdge(degrees: Double) -> Picture {
    var picture = Picture(degrees: degrees)
    (picture.start, picture.end) = (-25, 25)
    return picture
  }

  /// The segment from `first` to `last` along the line.
  fileprivate func segment(_ first: Double, _ last: Double) -> Segment {
    let (dx, dy) = direction
    return Segment(x1: cx + first * dx, y1: cy + first * dy, x2: cx + last * dx, y2: cy + last * dy)
  }

  /// Where a segment's ends lie along the line, and how far off it.
  fileprivate func places(of segment: Segment) -> [(along: Double, across: Double)] {
    let (dx, dy) = direction
    return [(segment.x1 - cx, segment.y1 - cy), (segment.x2 - cx, segment.y2 - cy)].map {
      ($0.0 * dx + $0.1 * dy, abs($0.1 * dx - $0.0 * dy))
    }
  }
}

/// The plain reference: every number written down, in double precision, from the file of the network as it lies in
/// `Weights/`.
private struct Reference {
  private let rows: [[Double]]

  init() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Weights/end-network.f32")
    let bytes = [UInt8](try Data(contentsOf: path))
    let numbers = stride(from: 0, to: bytes.count, by: 4).map { at in
      let bits = bytes[at..<at + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return Double(Float(bitPattern: bits))
    }
    rows = stride(from: 0, to: numbers.count, by: 8).map { Array(numbers[$0..<$0 + 8]) }
  }

  /// A convolution over three columns, each an array of inputs.
  private func layer(_ columns: [[Double]], at row: Int, always: [Double]) -> [[Double]] {
    (0..<columns.count - 2).map { column in
      (0..<8).map { output in
        var sum = always[output]
        for (k, input) in columns[column..<column + 3].joined().enumerated() { sum += input * rows[row + k][output] }
        return max(sum, 0)
      }
    }
  }

  /// That each column belongs to the line, and that the line ends after it.
  private func evidence(_ columns: [[Double]], contrast: Double) -> [(belongs: Double, ends: Double)] {
    let always = (0..<8).map { rows[0][$0] + rows[1][$0] * log(contrast) / 3 }
    var features = layer(columns, at: 2, always: always)
    for start in [17, 42] { features = layer(features, at: start + 1, always: rows[start]) }
    return (0..<features.count - 2).map { column in
      func output(_ row: Int, bias: Double) -> Double {
        var sum = bias
        for tap in 0..<3 {
          for (weight, feature) in zip(rows[row + tap], features[column + tap]) { sum += weight * feature }
        }
        return sum
      }
      return (output(67, bias: rows[73][1]), output(70, bias: rows[73][2]))
    }
  }

  /// How far outwards the end at (x, y) of a line from `other` is moved.
  func shift(x: Double, y: Double, from other: (x: Double, y: Double), cell: Double, _ image: RGBImage) -> Double {
    let (dx, dy) = (x - other.x, y - other.y)
    let length = hypot(dx, dy)
    let isFlat = abs(dx) >= abs(dy)
    let (u0, v0, du, dv) = isFlat ? (x, y, dx, dy) : (y, x, dy, dx)
    let direction = du > 0 ? 1 : -1
    let stretch = length / abs(du)
    let step = max(1, Int((cell / 2.2).rounded()))
    let reach = Int(1.5 * cell / Double(step)) + 1
    func luma(_ u: Int, _ v: Int) -> Double {
      let at = 3 * (isFlat ? v * image.width + u : u * image.width + v)
      let (r, g, b) = (image.pixels[at], image.pixels[at + 1], image.pixels[at + 2])
      return (77 * Double(r) + 150 * Double(g) + 29 * Double(b)) / 256
    }
    func seen(_ u: Int) -> [Double] {
      let v = v0 + (Double(u) - u0) * dv / du
      let part = (v - v.rounded(.down)) / Double(step)
      return (-2...2).map { k in
        (1 - part) * luma(u, Int(v.rounded(.down)) + k * step)
          + part * luma(u, Int(v.rounded(.down)) + (k + 1) * step)
      }
    }
    let column = Int((u0 + 0.5).rounded(.down))
    let inside = (1...4).map {
      seen(column - direction * Int(Double($0) * min(3 * Double(step), 0.15 * abs(du))))
    }
    let usual = (0..<5).map { index in
      let sorted = inside.map { $0[index] }.sorted()
      return (sorted[1] + sorted[2]) / 2
    }
    let contrast = abs(usual[3] - usual[1])
    guard contrast >= 4 else { return 0 }
    let columns = (-reach - 4..<reach + 4).map { k in
      let relative = zip(seen(column + direction * step * k), usual).map { min(max(($0 - $1) / contrast, -2), 2) }
      return usual[3] > usual[1] ? relative : relative.reversed()
    }
    let evidence = evidence(columns, contrast: contrast)
    var places: [(place: Double, probability: Double)] = []
    for k in -reach..<reach {
      let off = Double(direction) * (Double(column) - u0) + Double(step) * (Double(k) + 0.5)
      let place = off * stretch
      guard abs(place) <= 1.5 * cell, place > -0.4 * length else { continue }
      let belongs = evidence[...(k + reach)].reduce(0) { $0 + $1.belongs }
      let deviation = exp(rows[73][0]) * cell
      let logarithm = belongs * stretch + evidence[k + reach].ends - pow(place / deviation, 2) / 2
      places.append((place, exp(logarithm)))
    }
    let total = places.reduce(0) { $0 + $1.probability }
    return total > 0 ? places.reduce(0) { $0 + $1.place * $1.probability } / total : 0
  }
}

/// The same numbers in every run (Knuth's constants).
private struct Congruential: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 33)
  }
}

@Suite struct EndFitterTests {
  static let angles = [0.0, 3, 17, 30, 44, 45, 46, 60, 77, 90, 101, 135, 150, 179, 200, 270, 315]

  @Test(arguments: angles) func endsGoToWhereTheEdgeEnds(degrees: Double) {
    let edge = Picture.endingEdge(degrees: degrees)
    let image = edge.image
    for (first, last) in [(0.0, 0.0), (1.2, 1.2), (-1.2, -1.2), (1.5, -1.5), (-0.7, 0.4)] {
      let start = edge.segment(edge.start + first, edge.end + last)
      var segments = [start]
      EndFitter(cell: 2.5).fit(&segments, to: image)
      // Nearly all of the way: the prior holds them back a little.
      for (place, (truth, off)) in zip(edge.places(of: segments[0]), [(edge.start, first), (edge.end, last)]) {
        #expect(abs(place.along - truth) < 0.2 + 0.15 * abs(off), "\(first) \(last)")
        #expect(place.across < 1e-9)
      }
      #expect(segments[0].score == start.score)
    }
  }

  /// One side of the edge goes on, as where a line meets another: less is seen of an end then.
  @Test func oneSideMayGoOn() {
    var errors: [Double] = []
    for degrees in Self.angles {
      for beyond in [60.0, 150] {
        var edge = Picture.endingEdge(degrees: degrees)
        edge.beyond = beyond
        var segments = [edge.segment(edge.start - 1.2, edge.end - 1.2)]
        EndFitter(cell: 2.5).fit(&segments, to: edge.image)
        for (place, truth) in zip(edge.places(of: segments[0]), [edge.start, edge.end]) {
          errors.append(abs(place.along - truth))
        }
      }
    }
    #expect(errors.allSatisfy { $0 < 1.2 })
    #expect(errors.reduce(0, +) / Double(errors.count) < 0.6)
  }

  @Test func itAgreesWithTheReference() throws {
    let reference = try Reference()
    var generator = Congruential(state: 5)
    for cell in [1.3, 2.4, 3.2, 4.7] {
      for _ in 0..<40 {
        var edge = Picture.endingEdge(degrees: .random(in: 0..<360, using: &generator))
        edge.light = .random(in: 70...200, using: &generator)
        var image = edge.image
        for index in image.pixels.indices {
          image.pixels[index] = UInt8(clamping: Int(image.pixels[index]) + .random(in: -12...12, using: &generator))
        }
        let start = edge.segment(
          .random(in: -28...(-22), using: &generator), .random(in: -18...28, using: &generator))
        var segments = [start]
        EndFitter(cell: cell).fit(&segments, to: image)
        let first = reference.shift(x: start.x1, y: start.y1, from: (start.x2, start.y2), cell: cell, image)
        let last = reference.shift(x: start.x2, y: start.y2, from: (start.x1, start.y1), cell: cell, image)
        let (before, after) = (edge.places(of: start), edge.places(of: segments[0]))
        if start.length < 6 {
          #expect(segments == [start])
        } else {
          #expect(abs(before[0].along - after[0].along - first) < 1e-3, "\(cell) \(edge)")
          #expect(abs(after[1].along - before[1].along - last) < 1e-3, "\(cell) \(edge)")
        }
      }
    }
  }

  @Test func theOrderOfTheEndsDoesNotMatter() {
    for degrees in Self.angles {
      let edge = Picture.endingEdge(degrees: degrees)
      let one = edge.segment(-24, 25.8)
      var segments = [one, Segment(x1: one.x2, y1: one.y2, x2: one.x1, y2: one.y1)]
      EndFitter(cell: 2.2).fit(&segments, to: edge.image)
      #expect(abs(segments[0].x1 - segments[1].x2) < 1e-6 && abs(segments[0].y1 - segments[1].y2) < 1e-6)
      #expect(abs(segments[0].x2 - segments[1].x1) < 1e-6 && abs(segments[0].y2 - segments[1].y1) < 1e-6)
    }
  }

  /// An edge that goes on says only that the line does; the network, which saw that one ends, is believed.
  @Test func alongAnEdgeThatGoesOnEndsMoveLittle() {
    for degrees in Self.angles {
      let edge = Picture.endingEdge(degrees: degrees)
      let start = edge.segment(-15, 15)
      var segments = [start]
      EndFitter(cell: 2).fit(&segments, to: edge.image)
      for (before, after) in zip(edge.places(of: start), edge.places(of: segments[0])) {
        #expect(abs(after.along) - abs(before.along) > 0.2 && abs(after.along) - abs(before.along) < 1)
      }
    }
  }

  @Test func noEndMovesByMoreThanOneAndAHalfCells() {
    for degrees in Self.angles {
      let edge = Picture.endingEdge(degrees: degrees)
      let start = edge.segment(edge.start + 2.3, edge.end - 2.3)
      var segments = [start]
      EndFitter(cell: 1.3).fit(&segments, to: edge.image)
      for (before, after) in zip(edge.places(of: start), edge.places(of: segments[0])) {
        #expect(abs(after.along) - abs(before.along) > 0.5 && abs(after.along) - abs(before.along) <= 1.95)
      }
    }
  }

  @Test func whereThereIsNoEdgeEndsStay() {
    var faint = Picture.endingEdge(degrees: 20)
    (faint.dark, faint.light, faint.beyond) = (60, 62, 61)
    let plain = RGBImage(width: 120, height: 90, red: 90, green: 90, blue: 90)
    let start = faint.segment(-24, 26)
    for image in [faint.image, plain] {
      var segments = [start]
      EndFitter(cell: 2.5).fit(&segments, to: image)
      #expect(segments == [start])
    }
  }

  @Test func segmentsAnywhereAreSafe() {
    let odd: [(Double, Double, Double, Double)] = [
      (0, 0, 119, 0), (0, 0, 0, 89), (119, 89, 0, 89), (-40, -20, 200, 130), (50, 50, 50, 50), (3, 3, 9, 9),
      (119.4, 0, 2, 88),
      (.nan, 0, 30, 30), (.infinity, 0, 30, 30), (1e9, 1e9, -1e9, -1e9), (1e300, 0, -1e300, 1),
    ]
    for (width, height) in [(120, 90), (1, 90), (120, 1), (4, 4), (6, 7)] {
      var edge = Picture.endingEdge(degrees: 30)
      (edge.width, edge.height) = (width, height)
      let image = edge.image
      for cell in [0.3, 2, 30] {
        var segments = odd.map { Segment(x1: $0.0, y1: $0.1, x2: $0.2, y2: $0.3) }
        EndFitter(cell: cell).fit(&segments, to: image)
        for (segment, was) in zip(segments, odd).prefix(7) {
          #expect(abs(segment.x1 - was.0) <= cell && abs(segment.y2 - was.3) <= cell)
        }
      }
    }
    var none: [Segment] = []
    EndFitter(cell: 2).fit(&none, to: RGBImage(width: 0, height: 0))
    #expect(none.isEmpty)
  }
}
