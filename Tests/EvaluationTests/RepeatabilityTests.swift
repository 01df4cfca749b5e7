import Files
import Images
import Lines
import Testing

@testable import Evaluation

@Suite struct RepeatabilityTests {
  @Test func homographyTakesCornersToCorners() throws {
    let source: [(x: Double, y: Double)] = [(3, 4), (90, 8), (85, 70), (6, 66)]
    let target: [(x: Double, y: Double)] = [(0, 0), (99, 0), (99, 79), (0, 79)]
    let homography = try #require(Homography(from: source, to: target))
    let inverse = try #require(homography.inverse)
    for (p, q) in zip(source, target) {
      let mapped = try #require(homography.map(x: p.x, y: p.y))
      #expect(abs(mapped.x - q.x) < 1e-9 && abs(mapped.y - q.y) < 1e-9)
      let back = try #require(inverse.map(x: q.x, y: q.y))
      #expect(abs(back.x - p.x) < 1e-9 && abs(back.y - p.y) < 1e-9)
    }
    #expect(Homography(from: [(0, 0), (1, 1), (2, 2), (3, 3)], to: target) == nil)
    #expect(Homography(m: [1, 0, 0, 0, 1, 0, 1, 0, -5]).map(x: 2, y: 0) == nil)
  }

  @Test(arguments: [(640, 480), (30, 200), (2, 2), (1, 40), (1, 1)])
  func viewsShowNothingBeyondTheBorder(width: Int, height: Int) throws {
    var generator = SplitMix64(seed: 11)
    for _ in 0..<50 {
      let inverse = try #require(Homography.randomView(width: width, height: height, generator: &generator).inverse)
      for (x, y) in [(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)] {
        let corner = try #require(inverse.map(x: Double(x), y: Double(y)))
        #expect((-1e-6...Double(width - 1) + 1e-6).contains(corner.x))
        #expect((-1e-6...Double(height - 1) + 1e-6).contains(corner.y))
      }
    }
  }

  @Test func warpingByTheIdentityAndByHalfAPixel() {
    var image = RGBImage(width: 4, height: 2)
    for index in image.pixels.indices { image.pixels[index] = UInt8(index * 10) }
    #expect(image.warped(by: .identity) == image)
    let shifted = image.warped(by: Homography(m: [1, 0, -0.5, 0, 1, 0, 0, 0, 1]))
    // Channel 0 of the first row is 0, 30, 60, 90; beyond the border there is nothing.
    #expect((0..<4).map { shifted.pixels[3 * $0] } == [15, 45, 75, 0])
  }

  @Test func assignmentIsTheBestOfAll() {
    // All ways to pair are tried.
    func best(_ table: [[Double?]], row: Int = 0, used: Set<Int> = []) -> (count: Int, sum: Double) {
      guard row < table.count else { return (0, 0) }
      var result = best(table, row: row + 1, used: used)
      for (column, distance) in table[row].enumerated() where !used.contains(column) {
        guard let distance else { continue }
        let rest = best(table, row: row + 1, used: used.union([column]))
        let (count, sum) = (rest.count + 1, rest.sum + distance)
        if count > result.count || (count == result.count && sum < result.sum) { result = (count, sum) }
      }
      return result
    }
    var dice = Dice(2)
    for _ in 0..<200 {
      let (rows, columns) = (Int.random(in: 0...5, using: &dice), Int.random(in: 0...6, using: &dice))
      let table: [[Double?]] = (0..<rows).map { _ in
        (0..<columns).map { _ in Bool.random(using: &dice) ? .random(in: 0...3, using: &dice) : nil }
      }
      let found = bestAssignment(rows, columns) { table[$0][$1] }
      let wanted = best(table)
      #expect(found.count == wanted.count)
      #expect(abs(found.reduce(0, +) - wanted.sum) < 1e-9)
    }
  }

  @Test func distances() throws {
    let line = Segment(0, 0, 10, 0)
    #expect(SegmentDistance.structural.between(line, Segment(10, 1, 0, 2)) == 1.5)
    #expect(SegmentDistance.orthogonal.between(line, Segment(20, 1, 4, 1)) == 1)
    // Half of the shorter one must lie beside the longer.
    #expect(SegmentDistance.orthogonal.between(line, Segment(6, 1, 30, 1)) == nil)
    #expect(SegmentDistance.orthogonal.between(line, Segment(5, 5, 5, 5)) == nil)
    #expect(SegmentDistance.structural.between(line, Segment(5, 0, 5, 0)) == 5)
  }

  @Test func clipping() {
    #expect(Segment(2, 3, 40, 3).clipped(width: 100, height: 50) == Segment(2, 3, 40, 3))
    #expect(Segment(-20, 3, 40, 3).clipped(width: 100, height: 50) == Segment(0, 3, 40, 3))
    #expect(Segment(-20, 3, 5, 3).clipped(width: 100, height: 50) == nil)
    #expect(Segment(-20, 3, -5, 3).clipped(width: 100, height: 50) == nil)
    #expect(Segment(50, -10, 50, 90).clipped(width: 100, height: 50) == Segment(50, 0, 50, 49))
    #expect(Segment(4, 4, 7, 4).clipped(width: 100, height: 50) == Segment(4, 4, 7, 4))
  }

  /// A detector that knows where the lines are in any view repeats perfectly; one that shifts them does not.
  @Test func pairsByHand() throws {
    var generator = SplitMix64(seed: 4)
    let homography = Homography.randomView(width: 200, height: 150, generator: &generator)
    let lines = (0..<20).map { (index: Int) -> Segment in
      let x = Double(8 * index)
      return Segment(20 + x, 30, 25 + x, 120)
    }
    let seen = lines.compactMap { homography.map($0)?.clipped(width: 200, height: 150) }
    #expect(seen.count > 8)
    let perfect = Repeatability.Pair(width: 200, height: 150, homography: homography, before: lines, after: seen)
    #expect(perfect.structural.repeatability == 1 && perfect.orthogonal.repeatability == 1)
    #expect(try #require(perfect.structural.localisationError) < 1e-9)
    let shifted = seen.map { Segment($0.x1, $0.y1 + 2, $0.x2, $0.y2 + 2) }
    let near = Repeatability.Pair(width: 200, height: 150, homography: homography, before: lines, after: shifted)
    #expect(near.structural.repeatability == 1)
    #expect(abs(try #require(near.structural.localisationError) - 2) < 1e-9)
    let far = Repeatability.Pair(
      width: 200, height: 150, homography: homography, before: lines,
      after: seen.map { Segment($0.x1, $0.y1 + 3.5, $0.x2, $0.y2 + 3.5) })
    #expect(far.structural.repeatability == 0 && far.structural.localisationError == nil)
    let none = Repeatability.Pair(width: 200, height: 150, homography: homography, before: lines, after: [])
    #expect(none.structural.repeatability == 0)
  }

  @Test func viewsFollowFromTheNames() {
    func view(_ path: String, seed: UInt64 = 1) -> Homography {
      Repeatability.view(of: path, width: 64, height: 48, seed: seed)
    }
    #expect(view("here/1.jpg") == view("there/1.jpg"))
    #expect(view("1.jpg") != view("2.jpg"))
    #expect(view("1.jpg") != view("1.jpg", seed: 2))
  }

  @Test func orderOfImagesDoesNotMatter() throws {
    let paths = ["york/P1/P1.jpg", "lcnn/originals/room.png", "york/P2/P2.jpg"].map(Fixture.path)
    func error(_ paths: [String]) throws -> Double {
      try Repeatability(
        name: "m", paths: paths, resamples: 0, makeDetector: {},
        detect: { _, _ in
          (0..<32).map { index in
            let (x, y) = (Double(4 + 12 * (index % 4)), Double(4 + 5 * (index / 4)))
            return Segment(x, y, x + 10, y)
          }
        }
      ).orthogonal.localisationError.value
    }
    let (forwards, backwards) = (try error(paths), try error(paths.reversed()))
    #expect(forwards > 0)
    #expect(abs(forwards - backwards) < 1e-12)
  }

  @Test func threadsDoNotMatter() throws {
    let paths = ["york/P1/P1.jpg", "lcnn/originals/room.png", "york/P2/P2.jpg"].map(Fixture.path)
    func measure(_ threads: Int) throws -> [Double] {
      let found = try Repeatability(
        name: "m", paths: paths, threads: threads, resamples: 20, makeDetector: {},
        detect: { _, image in
          // Depends on the pixels, so that it differs between the views.
          (0..<10).map { row -> Segment in
            let length = Double(image.pixels[3 * row * image.width] % 7)
            let y = Double(row * 6)
            return Segment(5, y, 60 + length, y)
          }
        })
      let (structural, orthogonal) = (found.structural, found.orthogonal)
      return [
        structural.repeatability.value, structural.repeatability.low, structural.localisationError.value,
        orthogonal.repeatability.value, orthogonal.localisationError.high,
      ]
    }
    #expect(try measure(1) == measure(3))
  }
}
