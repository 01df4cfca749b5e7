import Lines
import Testing

@testable import LineGrowing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension DrawnField {
  /// Adds an end to the map of ends: a Gaussian of sigma 1.
  mutating func drawEnd(_ x: Double, _ y: Double, height: Double = 0.7) {
    if field.ends.isEmpty { field.ends = [Float](repeating: 0, count: field.heat.count) }
    for row in 0..<field.height {
      for column in 0..<field.width {
        let (dx, dy) = (Double(column) - x, Double(row) - y)
        let value = Float(height * exp(-(dx * dx + dy * dy) / 2))
        field.ends[row * field.width + column] = max(field.ends[row * field.width + column], value)
      }
    }
  }
}

@Suite struct LineEndsTests {
  @Test(arguments: [0.0, 13, 45, 71, 90, 120, 160])
  func aLineEndsAtTheEvidence(degrees: Double) throws {
    let dx = cos(degrees * .pi / 180)
    let dy = sin(degrees * .pi / 180)
    var drawn = DrawnField(width: 80, height: 80)
    drawn.draw(40 - 25 * dx, 40 - 25 * dy, 40 + 25 * dx, 40 + 25 * dy)
    // The heat says 25, the evidence 23.4 and 26.
    drawn.drawEnd(40 - 23.4 * dx, 40 - 23.4 * dy)
    drawn.drawEnd(40 + 26 * dx, 40 + 26 * dy)
    let segments = grown(drawn.field)
    let segment = try #require(segments.first)
    #expect(endError(segment, 40 - 23.4 * dx, 40 - 23.4 * dy, 40 + 26 * dx, 40 + 26 * dy) < 0.2)
    #expect(angleError(segment, dx, dy) < 0.2)
    #expect(segments.dropFirst().allSatisfy { $0.score < 0.2 * segment.score })
  }

  /// Two lines of one heat on one axis, and a third that ends between them.
  private func junction() -> DrawnField {
    var drawn = DrawnField(width: 90, height: 64)
    drawn.draw(8, 30, 45, 30, heat: 0.9)
    drawn.draw(45, 30, 82, 30, heat: 0.8)
    drawn.draw(45, 30, 45, 58, heat: 0.95)
    for (x, y) in [(8.0, 30.0), (82, 30), (45, 58)] { drawn.drawEnd(x, y) }
    return drawn
  }

  @Test func evidenceTellsTwoLinesFromOne() {
    var two = junction()
    two.drawEnd(45, 30, height: 0.95)
    var one = junction()
    one.drawEnd(45, 30, height: 0.05)
    func score(_ field: LineField, _ x1: Double, _ x2: Double) -> Double {
      grown(field).first { endError($0, x1, 30, x2, 30) < 1.5 }?.score ?? 0
    }
    #expect(score(one.field, 8, 82) > 0.3)
    #expect(score(one.field, 8, 45) == 0)
    #expect(score(two.field, 8, 82) < score(one.field, 8, 82))
    #expect(grown(two.field).contains { endError($0, 45, 30, 45, 58) < 0.5 })
  }

  /// Stops in the direction of a line, wherever it has heat: those of its right or lower end, and those of the other.
  private func drawStops(_ field: inout LineField, _ lies: Bool, _ ahead: (Int) -> Float, _ behind: (Int) -> Float) {
    for y in 0..<field.height {
      for x in 0..<field.width where field.heat[y * field.width + x] > 0.05 {
        let at = lies ? x : y
        let own = lies ? 0 : 2
        field.stops[y * field.width + x][own] = ahead(at)
        field.stops[y * field.width + x][own + 1] = behind(at)
      }
    }
  }

  @Test(arguments: [false, true]) func stopsAreReadAlongTheAxis(lies: Bool) throws {
    var drawn = DrawnField(width: 64, height: 64)
    if lies { drawn.draw(10, 30, 50, 30) } else { drawn.draw(30, 10, 30, 50) }
    drawn.drawEnd(lies ? 10 : 30, lies ? 30 : 10)
    drawn.drawEnd(lies ? 50 : 30, lies ? 30 : 50)
    drawn.field.stops = Array(repeating: [-5, -5, -5, -5], count: 64 * 64)
    // Logits that tell where they come from: more by 0.05 at each cell forward, and less by 1 backward; too low for breaks.
    drawStops(&drawn.field, lies, { 0.05 * Float($0) - 4 }, { 0.05 * Float($0) - 5 })
    var grower = LineGrower()
    let region = try #require(grower.endEvidence(of: drawn.field).first)
    let first = try #require(region.breaks.min { lies ? $0.x < $1.x : $0.y < $1.y })
    let last = try #require(region.breaks.max { lies ? $0.x < $1.x : $0.y < $1.y })
    #expect(abs((lies ? first.x : first.y) - 10) < 0.5 && abs((lies ? last.x : last.y) - 50) < 0.5)
    // Whichever way the axis runs, a line's stops towards its low end are the backward ones: at 12 and 16, and at 48 and
    // 44 the forward ones. Beyond the ends there is no line.
    let (low, high) =
      region.breaks[0].x == first.x && region.breaks[0].y == first.y
      ? (first.after, last.before) : (first.before, last.after)
    #expect(abs(low[7] - (0.6 - 5)) < 0.05 && abs(low[8] - (0.8 - 5)) < 0.05)
    #expect(abs(high[7] - (2.4 - 4)) < 0.05 && abs(high[8] - (2.2 - 4)) < 0.05)
    #expect(low[10] == -5 && high[10] == -5)
    drawn.field.stops[30 * 64 + 30] = [.nan, -.infinity, .nan, .infinity]
    var segments: [Segment] = []
    grower.grow(drawn.field, into: &segments)
    #expect(segments.allSatisfy { $0.score.isFinite })
    drawn.field.stops.removeLast()
    #expect(grown(drawn.field).isEmpty)
  }

  @Test func stopsMakeBreaksWhereNoEndIsSeen() throws {
    var drawn = DrawnField(width: 90, height: 64)
    drawn.draw(8, 30, 82, 30)
    drawn.drawEnd(8, 30)
    drawn.drawEnd(82, 30)
    func stop(_ distance: Int) -> Float { distance < 0 ? -6 : -log(exp(Float(max(distance, 0)) / 5 + 0.02) - 1) }
    func breaks(_ field: LineField) -> [Double] {
      var grower = LineGrower()
      return grower.endEvidence(of: field).flatMap { $0.breaks.map(\.x) }.filter { $0 > 12 && $0 < 78 }
    }
    drawn.field.stops = Array(repeating: [-6, -6, -6, -6], count: 90 * 64)
    #expect(breaks(drawn.field).isEmpty)
    // One line up to 45, another from 45 on.
    drawStops(&drawn.field, true, { max(stop(45 - $0), stop(82 - $0)) }, { max(stop($0 - 45), stop($0 - 8)) })
    let found = breaks(drawn.field)
    #expect(found.count == 1 && abs(found[0] - 45) < 1)
    // Where an end is seen it stays where that is.
    drawn.drawEnd(44.4, 30, height: 0.3)
    let seen = breaks(drawn.field)
    #expect(seen.count == 1 && abs(seen[0] - 44.4) < 0.2)
  }

  @Test func aFaintLineMayEndBeyondItsRegion() {
    // Of too little heat to grow in from 50 on.
    func breaks(from start: Double = 8, endingAt end: Double) -> [Double] {
      var drawn = DrawnField(width: 80, height: 40)
      drawn.draw(start, 20, 50, 20)
      drawn.draw(50, 20, end, 20, heat: 0.08)
      drawn.drawEnd(start, 20)
      drawn.drawEnd(end, 20)
      var grower = LineGrower()
      return grower.endEvidence(of: drawn.field).flatMap { $0.breaks.map(\.x) }
    }
    #expect(breaks(endingAt: 61.3).contains { abs($0 - 61.3) < 0.2 })
    #expect(!breaks(endingAt: 66).contains { abs($0 - 66) < 2 })
    // Not further than twice its length.
    #expect(breaks(from: 47, endingAt: 54.3).contains { abs($0 - 54.3) < 0.2 })
    #expect(!breaks(from: 49, endingAt: 61.3).contains { abs($0 - 61.3) < 2 })
  }

  @Test func stopsTellTwoLinesFromOne() {
    func score(_ logits: (near: Float, far: Float), _ x1: Double, _ x2: Double) -> Double {
      var drawn = junction()
      drawn.drawEnd(45, 30, height: 0.5)
      drawn.field.stops = Array(repeating: [-5, -5, -5, -5], count: 90 * 64)
      func stop(_ distance: Int, _ isEnd: Bool) -> Float {
        distance < 0 ? -5 : distance < 4 ? (isEnd ? 1 : logits.near) : distance < 9 ? (isEnd ? -0.5 : logits.far) : -4
      }
      drawStops(
        &drawn.field, true, { max(stop(45 - $0, false), stop(82 - $0, true)) },
        { max(stop($0 - 45, false), stop($0 - 8, true)) })
      return grown(drawn.field).first { endError($0, x1, 30, x2, 30) < 1.5 }?.score ?? 0
    }
    let (ends, passes) = ((near: Float(1.5), far: Float(-0.5)), (near: Float(-4), far: Float(-4)))
    #expect(score(ends, 8, 45) > 0.3 && score(ends, 8, 82) == 0)
    #expect(score(passes, 8, 82) > 0.3 && score(passes, 8, 45) == 0)
  }

  @Test func aFieldWithoutEvidenceHasHeatsEnds() throws {
    var drawn = DrawnField(width: 64, height: 40)
    drawn.draw(10, 12, 50, 20)
    drawn.field.ends = [Float](repeating: 0, count: 64 * 40)
    let segment = try #require(grown(drawn.field).first)
    #expect(endError(segment, 10, 12, 50, 20) < 0.3)
  }

  @Test func linesReachTheBorder() throws {
    var drawn = DrawnField(width: 50, height: 40)
    drawn.draw(-20, 10, 30, 20)
    drawn.drawEnd(30, 20)
    let segment = try #require(grown(drawn.field).first)
    #expect(endError(segment, -0.45, 13.9, 30, 20) < 0.3)
  }

  @Test func evidenceThatIsNoNumberIsNone() throws {
    var drawn = DrawnField(width: 64, height: 40)
    drawn.draw(10, 12, 50, 20)
    drawn.drawEnd(10, 12)
    drawn.drawEnd(50, 20)
    let clean = grown(drawn.field)
    for (i, value) in [Float.nan, .infinity, -.infinity, -3].enumerated() { drawn.field.ends[38 * 64 + i] = value }
    #expect(grown(drawn.field) == clean)
    drawn.field.ends.removeLast()
    #expect(grown(drawn.field).isEmpty)
  }

  /// A network's field is written where it is read, and its stops stay where they are.
  @Test func aFieldMayBeWrittenInPlace() throws {
    var drawn = junction()
    drawn.drawEnd(45, 30)
    drawn.field.stops = (0..<drawn.field.heat.count).map { index in
      let value = Float(index % 13) - 9
      return [value, -value - 3, value / 2, -5]
    }
    let field = drawn.field
    let (width, height) = (field.width, field.height)
    var grower = LineGrower()
    var expected: [Segment] = []
    grower.grow(field, into: &expected)
    #expect(!expected.isEmpty)

    let rowPitch = 2 * width + 3
    var apart = [SIMD4<Float>](repeating: [9, 9, 9, 9], count: height * rowPitch)
    for index in field.stops.indices { apart[index / width * rowPitch + index % width * 2] = field.stops[index] }
    var segments: [Segment] = []
    // Another field in between leaves nothing behind.
    grower.grow(LineField(width: 9, height: 7), into: &segments)
    let room = grower.room(width: width, height: height, hasEnds: true)
    for index in field.heat.indices {
      let at = index / width * room.stride + index % width
      room.heat[at] = field.heat[index]
      room.cells[at] = [field.heat[index], field.cos2[index], field.sin2[index], field.ends[index]]
    }
    apart.withUnsafeBufferPointer { stops in
      guard let first = stops.baseAddress else { return }
      grower.grow(
        stops: StopCells(first: first, pitch: 2, rowPitch: rowPitch), transform: .identity, into: &segments)
    }
    #expect(segments == expected)
    // Without stops it is another field.
    grower.grow(stops: nil, transform: .identity, into: &segments)
    var bare = field
    bare.stops = []
    #expect(segments == grown(bare))
  }

  @Test func evidenceIsThatOfTheSegments() throws {
    var drawn = junction()
    drawn.drawEnd(45, 30)
    let transform = GridTransform(gridWidth: 90, gridHeight: 64, imageWidth: 180, imageHeight: 64)
    var grower = LineGrower()
    let regions = grower.endEvidence(of: drawn.field, transform: transform)
    var segments: [Segment] = []
    grower.grow(drawn.field, transform: transform, into: &segments)
    #expect(regions.count == 2)
    let breaks = regions.flatMap(\.breaks)
    for segment in segments {
      #expect(breaks.contains { hypot($0.x - segment.x1, $0.y - segment.y1) < 0.5 })
      #expect(breaks.contains { hypot($0.x - segment.x2, $0.y - segment.y2) < 0.5 })
    }
    for region in regions {
      #expect(zip(region.breaks, region.breaks.dropFirst()).allSatisfy { $0.x < $1.x || $0.y < $1.y })
      for item in region.breaks { #expect(item.after[11] == 1 && item.before[11] == 1 && item.pass[7] == 1) }
      for stretch in region.stretches {
        #expect(stretch.first < stretch.last && stretch.last < region.breaks.count)
        #expect(stretch.line[0] > 0 && stretch.line[0] < 1 && stretch.line[3] == 1)
        #expect(abs(stretch.line[1] - stretch.line[0] * stretch.line[0]) < 1e-6)
      }
    }
    drawn.field.ends = []
    #expect(grower.endEvidence(of: drawn.field).isEmpty)
  }

  private func randomBreaks(_ count: Int, _ random: inout SplitMix) -> [LineBreak] {
    var position: Float = 0
    return (0..<count).map { _ in
      var item = LineBreak(position: position)
      position += 1.5 + Float(random.unit()) * 9
      item.begins = Float(random.unit())
      item.ends = Float(random.unit())
      item.passes = Float(0.1 + 0.9 * random.unit())
      item.cells = 5
      item.heat = 5 * Float(random.unit())
      item.leastHeat = Float(random.unit())
      item.leastHeatAround = Float(random.unit())
      return item
    }
  }

  /// The probability of a stretch between two breaks; nil if it is too short.
  private func probability(_ items: [LineBreak], _ first: Int, _ last: Int, _ weights: EndWeights) -> Float? {
    guard items[last].position - items[first].position > LineBreaks.shortestStretch else { return nil }
    let inner = first + 1..<last
    let mean = items[first..<last].reduce(0) { $0 + $1.heat } / Float(5 * (last - first))
    let least = (items[first..<last].map(\.leastHeat) + inner.map { items[$0].leastHeatAround }).min() ?? 0
    let line = logistic((weights.line * [mean, mean * mean, least, 1]).sum())
    return line * items[first].begins * items[last].ends * inner.reduce(Float(1)) { $0 * items[$1].passes }
  }

  /// The partition against all sets of stretches that do not overlap.
  @Test func thePartitionIsTheBest() {
    var random = SplitMix(state: 11)
    var partition = LinePartition()
    for _ in 0..<200 {
      let count = 2 + Int(random.unit() * 6)
      let items = randomBreaks(count, &random)
      var weights = EndWeights.network
      weights.cost = Float(0.2 * random.unit())
      func value(_ first: Int, _ last: Int) -> Float {
        probability(items, first, last, weights).map { $0 - weights.cost } ?? -1
      }
      func best(from first: Int) -> Float {
        guard first < count - 1 else { return 0 }
        return (first + 1..<count).reduce(best(from: first + 1)) { found, last in
          max(found, value(first, last) + best(from: last))
        }
      }
      partition.solve(LineBreaks(items), weights)
      var sum: Float = 0
      var end = count
      for i in 0..<partition.count {
        let part = partition[i]
        #expect(part.last <= end && part.first < part.last)
        end = Int(part.first)
        sum += part.probability - weights.cost
        #expect(abs(part.probability - weights.cost - value(Int(part.first), Int(part.last))) < 1e-5)
      }
      #expect(abs(sum - best(from: 0)) < 1e-4)
    }
  }

  /// Against all stretches, each believed as far as none that is surer and means the same line is right.
  @Test func otherReadingsAreWhatThePartitionHasNot() {
    var random = SplitMix(state: 12)
    var partition = LinePartition()
    var others = OtherReadings()
    var found = 0
    for _ in 0..<200 {
      let count = 2 + Int(random.unit() * 8)
      let items = randomBreaks(count, &random)
      let weights = EndWeights.network
      let breaks = LineBreaks(items)
      partition.solve(breaks, weights)
      others.find(in: breaks, besides: partition, weights)
      func name(_ part: LinePartition.Part) -> [Int] { [Int(part.first), Int(part.last)] }
      func meanTheSame(_ a: [Int], _ b: [Int]) -> Bool {
        let (first, last) = (items[a[0]].position - items[b[0]].position, items[a[1]].position - items[b[1]].position)
        return first * first + last * last <= 36
      }
      let chosen = (0..<partition.count).map { name(partition[$0]) }
      var rest = (0..<count).flatMap { first in (first + 1..<max(count, first + 1)).map { [first, $0] } }
      rest.removeAll { chosen.contains($0) || (probability(items, $0[0], $0[1], weights) ?? 0) <= 0.005 }
      rest.sort { (probability(items, $0[0], $0[1], weights) ?? 0) > (probability(items, $1[0], $1[1], weights) ?? 0) }
      var listed = chosen
      for stretch in rest {
        let probability = probability(items, stretch[0], stretch[1], weights) ?? 0
        let belief = listed.filter { meanTheSame($0, stretch) }
          .reduce(probability) { $0 * (1 - (self.probability(items, $1[0], $1[1], weights) ?? 0)) }
        if belief > 0.005 { listed.append(stretch) }
        let reading = (0..<others.count).map { others[$0] }.first { name($0.part) == stretch }
        #expect((reading != nil) == (belief > 0.005))
        if let reading { #expect(abs(reading.belief - belief) < 1e-5) }
      }
      #expect(others.count == listed.count - chosen.count)
      found += others.count
    }
    #expect(found > 200)
  }

  @Test func otherReadingsComeAfterTheSegments() {
    var drawn = junction()
    drawn.drawEnd(45, 30, height: 0.3)
    let segments = grown(drawn.field)
    var options = GrowingOptions.network
    options.listsOtherReadings = true
    let all = grown(drawn.field, options: options)
    let others = all.filter { !segments.contains($0) }
    #expect(all.filter { segments.contains($0) } == segments)
    // The two lines and the one that they may be: what is not among the segments is among the others.
    for (x1, x2) in [(8.0, 45.0), (45, 82), (8, 82)] {
      #expect(all.contains { endError($0, x1, 30, x2, 30) < 1.5 })
    }
    #expect(!others.isEmpty)
    #expect(others.allSatisfy { $0.score > 0 && $0.score < BandedScore.otherReadings })
    options.minScore = BandedScore.otherReadings
    #expect(grown(drawn.field, options: options) == segments.filter { $0.score >= options.minScore })
  }

  /// Within each band; and whatever lies on a line scores above whatever does not.
  @Test func scoresRiseWithBelief() {
    func score(line: Float, rest: Float, _ isOnLine: Bool) -> Double {
      let heat: SIMD4<Float> = isOnLine ? [0.9, 0.81, 0.6, 1] : [0.2, 0.04, 0.1, 1]
      let part = LinePartition.Part(first: 0, last: 1, line: line, rest: rest, heat: heat)
      return EndWeights.network.score(of: part, length: EndWeights.middlingLength)
    }
    for isOnLine in [false, true] {
      var last = isOnLine ? BandedScore.border : 0
      for line in stride(from: Float(0.05), to: 1, by: 0.1) {
        let value = score(line: line, rest: 0.5, isOnLine)
        #expect(value > last && value < (isOnLine ? 1 : BandedScore.border))
        #expect(score(line: line, rest: 0.1, isOnLine) < value)
        last = value
      }
      for extreme in [(Float(0), Float(0)), (1, 1), (0, 1), (1, 0)] {
        let value = score(line: extreme.0, rest: extreme.1, isOnLine)
        #expect(value >= 0 && value <= 1 && (value >= BandedScore.border) == isOnLine)
      }
    }
  }

  /// Worked by hand: of a mean heat of 0.45 and a least heat of 0.2, 1.449 * 0.45 + 7.669 * 0.2025 + 0.1023 * 0.2 - 3.099 is
  /// -0.873, which e^0.873 = 2.39 times the middling length makes up for.
  @Test func aLongLineIsSurer() {
    let part = LinePartition.Part(first: 0, last: 1, line: 0.7, rest: 0.5, heat: [0.45, 0.2025, 0.2, 1])
    func isOnLine(_ times: Float) -> Bool {
      EndWeights.network.score(of: part, length: times / 12) >= BandedScore.border
    }
    #expect(!isOnLine(1) && !isOnLine(2.3) && isOnLine(2.5) && isOnLine(10))
    var weights = EndWeights.network
    weights.length = 0
    #expect(weights.score(of: part, length: 100) < BandedScore.border)
  }

  /// Worked by hand: logit(0.8) = ln 4, so that slope 2 and bias ln 2 give odds of 32 to 1 above; below, slope 1 and no bias
  /// give the belief itself.
  @Test func bandsHaveTheirOwnCurves() {
    let score = BandedScore(above: .init(slope: 2, bias: log(2)), below: .init(slope: 1, bias: 0))
    #expect(abs(score.value(isOnLine: true, belief: 0.8) - (0.15 + 0.85 * 32 / 33)) < 1e-12)
    #expect(abs(score.value(isOnLine: false, belief: 0.8) - 0.15 * 0.8) < 1e-12)
  }
}
