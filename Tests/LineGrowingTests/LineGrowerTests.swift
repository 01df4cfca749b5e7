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
  @Test(arguments: [0.0, 7, 20, 33.3, 45, 61, 80, 90, 100, 134.9, 135, 135.1, 152, 179])
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

  @Test func closeParallelsAreTwoSegments() {
    for degrees in [0.0, 25, 45, 90, 110] {
      let dx = cos(degrees * .pi / 180)
      let dy = sin(degrees * .pi / 180)
      var drawn = DrawnField(width: 64, height: 64)
      for side in [-1.5, 1.5] {
        let (x, y) = (32 - side * dy, 32 + side * dx)
        drawn.draw(x - 20 * dx, y - 20 * dy, x + 20 * dx, y + 20 * dy)
      }
      let segments = grown(drawn.field)
      #expect(segments.count == 2)
      for side in [-1.5, 1.5] {
        let (x, y) = (32 - side * dy, 32 + side * dx)
        let error = segments.map { endError($0, x - 20 * dx, y - 20 * dy, x + 20 * dx, y + 20 * dy) }.min() ?? .infinity
        #expect(error < 0.4, "at \(degrees) degrees")
      }
    }
  }

  @Test func aSmallGapIsJumpedAndALargeOneIsNot() throws {
    var drawn = DrawnField(width: 80, height: 40)
    drawn.draw(10, 12, 34, 18)
    drawn.draw(38.85, 19.2125, 70, 27)  // 5 cells on: the blur leaves two without heat
    let joined = grown(drawn.field)
    #expect(joined.count == 1)
    #expect(endError(try #require(joined.first), 10, 12, 70, 27) < 0.3)

    var apart = DrawnField(width: 80, height: 40)
    apart.draw(10, 12, 30, 17)
    apart.draw(40, 19.5, 70, 27)
    let two = grown(apart.field)
    #expect(two.count == 2)
    #expect(two.contains { endError($0, 10, 12, 30, 17) < 0.3 })
    #expect(two.contains { endError($0, 40, 19.5, 70, 27) < 0.3 })
  }

  @Test func aSidestepIsNotJoined() {
    var drawn = DrawnField(width: 80, height: 40)
    drawn.draw(10, 15, 36, 15)
    drawn.draw(40, 18, 70, 18)
    #expect(grown(drawn.field).count == 2)
  }

  @Test func crossingLinesStayWhole() {
    for degrees in [90.0, 60, 45] {
      let dx = cos(degrees * .pi / 180)
      let dy = sin(degrees * .pi / 180)
      var drawn = DrawnField(width: 64, height: 64)
      drawn.draw(8, 32, 56, 32)
      drawn.draw(32 - 22 * dx, 32 - 22 * dy, 32 + 22 * dx, 32 + 22 * dy)
      let segments = grown(drawn.field)
      #expect(segments.count == 2)
      #expect(segments.contains { endError($0, 8, 32, 56, 32) < 0.3 })
      #expect(segments.contains { endError($0, 32 - 22 * dx, 32 - 22 * dy, 32 + 22 * dx, 32 + 22 * dy) < 0.3 })
    }
  }

  /// A line on both sides of ten cells of another tangent, such as a beam seen along it.
  @Test(arguments: [(20, true, true), (14, true, true), (7, true, false), (20, false, false)])
  func aCrossingIsJumpedByWhatIsLonger(length: Int, hasEnds: Bool, isJumped: Bool) {
    var field = LineField(width: 80, height: 40)
    if hasEnds { field.ends = [Float](repeating: 0, count: 80 * 40) }
    func draw(_ columns: Range<Int>, cos2: Float) {
      for x in columns { (field.heat[20 * 80 + x], field.cos2[20 * 80 + x]) = (0.9, cos2) }
    }
    draw(35 - length..<35, cos2: 1)
    draw(35..<45, cos2: -1)
    draw(45..<45 + length, cos2: 1)
    var options = GrowingOptions.network
    options.junctionThreshold = 0
    let segments = grown(field, options: options)
    #expect(segments.contains { $0.x1 < 35 && $0.x2 > 45 || $0.x2 < 35 && $0.x1 > 45 } == isJumped)
  }

  @Test func linesEndAtJunctions() {
    var tee = DrawnField(width: 64, height: 64)
    tee.draw(8, 20, 56, 20)
    tee.draw(32, 20, 32, 52)
    let stem = grown(tee.field)
    #expect(stem.count == 2)
    #expect(stem.contains { endError($0, 8, 20, 56, 20) < 0.3 })
    #expect(stem.contains { endError($0, 32, 20, 32, 52) < 1.5 })

    var corner = DrawnField(width: 64, height: 64)
    corner.draw(10, 12, 50, 16)
    corner.draw(50, 16, 46, 55)
    let sides = grown(corner.field)
    #expect(sides.count == 2)
    #expect(sides.contains { endError($0, 10, 12, 50, 16) < 1.5 })
    #expect(sides.contains { endError($0, 50, 16, 46, 55) < 1.5 })
  }

  @Test func aJunctionThresholdOfZeroNeverCuts() {
    // A strong line, a crossing of another tangent, and a line so weak that the heat hardly goes on.
    var field = LineField(width: 80, height: 40)
    for (columns, heat, cos2) in [(5...40, 1, 1), (41...43, 0.9, -1), (44...46, 0.16, 1), (49...60, 0.16, 1)]
      as [(ClosedRange<Int>, Float, Float)]
    {
      for x in columns { (field.heat[20 * 80 + x], field.cos2[20 * 80 + x]) = (heat, cos2) }
    }
    var options = GrowingOptions.network
    options.junctionThreshold = 0
    let whole = grown(field, options: options)
    options.junctionThreshold = 1e-3
    #expect(whole.count == 1 && grown(field, options: options).count == 2)
  }

  /// Two lines on one axis: the crossing line and the change of heat between them tell that they are two.
  @Test func collinearLinesOfDifferentHeatAreCutAtTheirJunction() {
    var drawn = DrawnField(width: 90, height: 64)
    drawn.draw(8, 30, 45, 30, heat: 0.9)
    drawn.draw(45, 30, 82, 30, heat: 0.55)
    drawn.draw(45, 10, 45, 54, heat: 0.92)
    let segments = grown(drawn.field)
    #expect(segments.count == 3)
    #expect(segments.contains { endError($0, 8, 30, 45, 30) < 2 })
    #expect(segments.contains { endError($0, 45, 30, 82, 30) < 2 })
    #expect(segments.contains { endError($0, 45, 10, 45, 54) < 0.3 })
    var options = GrowingOptions.network
    options.junctionThreshold = 0
    #expect(grown(drawn.field, options: options).contains { endError($0, 8, 30, 82, 30) < 1 })
  }

  @Test func aCurveBecomesChords() {
    var drawn = DrawnField(width: 80, height: 80)
    for i in 0..<45 {
      let a = Double(i) * 2 * .pi / 180
      let b = Double(i + 1) * 2 * .pi / 180
      drawn.draw(10 + 60 * cos(a), 10 + 60 * sin(a), 10 + 60 * cos(b), 10 + 60 * sin(b))
    }
    let segments = grown(drawn.field)
    #expect(segments.count >= 3)
    for s in segments {
      // The sagitta of a chord of the circle: no chord strays further than a cell or so from the arc.
      let longest = 2 * (60.0 * 60 - 58 * 58).squareRoot()
      #expect(s.length < longest)
    }
  }

  @Test func noiseHasNoMeaningfulLines() {
    var generator = SplitMix(state: 7)
    var field = LineField(width: 120, height: 100)
    for i in 0..<field.heat.count {
      let angle = generator.unit() * 2 * .pi
      field.heat[i] = Float(generator.unit())
      field.cos2[i] = Float(cos(angle))
      field.sin2[i] = Float(sin(angle))
    }
    var options = GrowingOptions.network
    options.minMeaningfulness = 0
    #expect(grown(field, options: options).isEmpty)
    #expect(grown(field, options: .gradient).isEmpty)
  }

  @Test func anAnisotropicGridGivesImagePixels() throws {
    // 60 x 40 cells over an image of 240 x 60 pixels.
    let transform = GridTransform(gridWidth: 60, gridHeight: 40, imageWidth: 240, imageHeight: 60)
    var drawn = DrawnField(width: 60, height: 40)
    drawn.draw(10, 8, 46, 32)
    let segment = try #require(grown(drawn.field, transform).first)
    #expect(endError(segment, 41.5, 12.25, 185.5, 48.25) < 4 * 0.3)
    #expect(abs(segment.length - 148.43) < 1.5)
    let alone = try #require(grown(drawn.field).first)
    // Area is kept: width * length grows by the two scales.
    let scaled = alone.width * alone.length * 4 * 1.5
    #expect(abs(segment.width * segment.length - scaled) < 0.02 * scaled)
    #expect(abs(segment.score - alone.score) < 1e-6)
  }

  @Test func widthGrowsWithTheRidge() throws {
    var last = 0.0
    for sigma in [0.5, 0.7, 0.9, 1.2] {
      var drawn = DrawnField(width: 50, height: 30)
      drawn.draw(8, 15, 42, 15, sigma: sigma)
      let segment = try #require(grown(drawn.field).first)
      #expect(segment.width > last)
      last = segment.width
    }
    #expect(last < 3.1)
  }

  @Test func nothingToFind() {
    #expect(grown(LineField()).isEmpty)
    for (width, height) in [(1, 1), (1, 50), (50, 1), (2, 2), (100, 80)] {
      #expect(grown(LineField(width: width, height: height)).isEmpty)
    }
  }

  @Test func fullFieldsOfOneValue() {
    for (width, height) in [(1, 1), (1, 40), (40, 1), (40, 30)] {
      var field = LineField(width: width, height: height)
      for i in 0..<field.heat.count {
        field.heat[i] = 1
        field.cos2[i] = 1
      }
      // Heat without a ridge is no line.
      #expect(grown(field).isEmpty)
      for i in 0..<field.heat.count { field.sin2[i] = 1 }
      #expect(grown(field, options: .gradient).isEmpty)
    }
  }

  @Test func whatIsNoNumberHasNoHeat() throws {
    var drawn = DrawnField(width: 64, height: 40)
    drawn.draw(8, 10, 56, 10)
    let clean = grown(drawn.field)
    for (k, value) in [Float.nan, .infinity, -.infinity, -1, .greatestFiniteMagnitude].enumerated() {
      for x in 0..<64 { drawn.field.heat[(28 + k % 2) * 64 + x] = value < 0 ? value : .nan }
      drawn.field.cos2[35 * 64 + k] = value
      drawn.field.sin2[36 * 64 + k] = value
      #expect(grown(drawn.field) == clean)
    }
    // On the line itself: two poisoned cells are a gap.
    drawn.field.heat[10 * 64 + 30] = .nan
    drawn.field.cos2[10 * 64 + 40] = .nan
    let poisoned = grown(drawn.field)
    #expect(poisoned.count == 1)
    #expect(endError(try #require(poisoned.first), 8, 10, 56, 10) < 0.5)
  }

  @Test func planesOfAnotherSizeAreRefused() {
    var field = LineField(width: 20, height: 20)
    field.heat.removeLast()
    #expect(grown(field).isEmpty)
  }

  @Test func linesOnTheBorder() {
    let width = 50
    let height = 40
    var drawn = DrawnField(width: width, height: height)
    drawn.draw(5, 0, 45, 0)
    drawn.draw(49, 5, 49, 35)
    drawn.draw(5, 39, 45, 39)
    drawn.draw(0, 5, 0, 35)
    let segments = grown(drawn.field)
    #expect(segments.count == 4)
    for expected in [(5.0, 0.0, 45.0, 0.0), (49, 5, 49, 35), (5, 39, 45, 39), (0, 5, 0, 35)] {
      let error = segments.map { endError($0, expected.0, expected.1, expected.2, expected.3) }.min() ?? .infinity
      #expect(error < 0.5)
    }
  }

  @Test func linesThatLeaveTheImageReachItsBorder() throws {
    var drawn = DrawnField(width: 50, height: 40)
    drawn.draw(-20, 10, 30, 20)
    drawn.draw(40, 15, 44, 60)
    let segments = grown(drawn.field)
    #expect(segments.count == 2)
    #expect(segments.contains { endError($0, -0.45, 13.9, 30, 20) < 0.3 })
    #expect(segments.contains { endError($0, 40, 15, 42.18, 39.45) < 0.3 })
  }

  @Test func noEndLiesOutsideTheGrid() {
    // Lines with a bend, which turns the fit away from the axis that was grown.
    var random = SplitMix(state: 5)
    for _ in 0..<60 {
      var drawn = DrawnField(width: 48, height: 40)
      let angle = random.unit() * .pi
      let (x, y, bend) = (8 + 32 * random.unit(), 8 + 24 * random.unit(), 0.3 * random.unit())
      drawn.draw(x, y, x + 80 * cos(angle), y + 80 * sin(angle))
      drawn.draw(x, y, x - 80 * cos(angle + bend), y - 80 * sin(angle + bend))
      for segment in grown(drawn.field) {
        for x in [segment.x1, segment.x2] { #expect(x >= -0.5 && x <= 47.5) }
        for y in [segment.y1, segment.y2] { #expect(y >= -0.5 && y <= 39.5) }
      }
    }
  }

  @Test func aLineOfOneRowOnAWideGrid() throws {
    var field = LineField(width: 20_000, height: 3)
    for x in 100..<19_900 {
      field.heat[20_000 + x] = 0.8
      field.cos2[20_000 + x] = 1
    }
    let segment = try #require(grown(field).first)
    #expect(abs(segment.length - 19_799) < 2)
    #expect(abs(segment.y1 - 1) < 1e-3 && abs(segment.y2 - 1) < 1e-3)
    var column = LineField(width: 3, height: 5000)
    for y in 10..<4990 {
      column.heat[3 * y + 1] = 0.8
      column.cos2[3 * y + 1] = -1
    }
    let upright = try #require(grown(column).first)
    #expect(abs(upright.length - 4979) < 2)
    #expect(abs(upright.x1 - 1) < 1e-3 && abs(upright.x2 - 1) < 1e-3)
  }

  @Test func segmentsAreSortedAndLongEnough() {
    var drawn = DrawnField(width: 100, height: 60)
    drawn.draw(5, 5, 90, 5, heat: 0.5)
    drawn.draw(5, 15, 60, 15, heat: 0.95)
    drawn.draw(5, 25, 40, 25, heat: 0.7)
    drawn.draw(5, 35, 14, 35, heat: 0.9)
    let all = grown(drawn.field)
    #expect(all.count == 4)
    #expect(zip(all, all.dropFirst()).allSatisfy { $0.score >= $1.score })
    #expect(all.allSatisfy { $0.score >= 0 && $0.score <= 1 })
    #expect(abs((all.first?.y1 ?? 0) - 15) < 0.1)
    var options = GrowingOptions.network
    options.minLength = 20
    #expect(grown(drawn.field, options: options).count == 3)
  }

  @Test func scratchDoesNotRemember() {
    var generator = SplitMix(state: 3)
    var grower = LineGrower()
    var segments: [Segment] = []
    for (width, height) in [(90, 70), (30, 20), (64, 64), (120, 40), (30, 20)] {
      var drawn = DrawnField(width: width, height: height)
      for _ in 0..<8 {
        drawn.draw(
          generator.unit() * Double(width), generator.unit() * Double(height), generator.unit() * Double(width),
          generator.unit() * Double(height))
      }
      grower.grow(drawn.field, into: &segments)
      #expect(segments == grown(drawn.field))
      #expect(!segments.isEmpty)
    }
  }
}
