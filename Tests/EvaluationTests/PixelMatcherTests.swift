import Testing

@testable import Evaluation

@Suite struct PixelMatcherTests {
  /// Tries every way to pair: exponential, and beyond doubt.
  private func bruteForce(width: Int, height: Int, predictions: ArraySlice<Int>, truth: Set<Int>) -> Int {
    guard let first = predictions.first else { return 0 }
    let rest = predictions.dropFirst()
    var best = bruteForce(width: width, height: height, predictions: rest, truth: truth)
    for candidate in truth {
      let (dx, dy) = (first % width - candidate % width, first / width - candidate / width)
      guard (dx * dx + dy * dy) * 10_000 <= width * width + height * height else { continue }
      best = max(
        best, 1 + bruteForce(width: width, height: height, predictions: rest, truth: truth.subtracting([candidate])))
    }
    return best
  }

  /// Distinct random pixels of a window of the image.
  private func pixels(
    _ count: Int, width: Int, window: (x: Range<Int>, y: Range<Int>), _ dice: inout Dice
  ) -> [Int] {
    let all = window.y.flatMap { y in window.x.map { y * width + $0 } }
    return Array(all.shuffled(using: &dice).prefix(count))
  }

  @Test func smallGridsAgainstBruteForce() {
    var dice = Dice(1)
    for trial in 0..<300 {
      // A radius of 0 (60 x 60), 1 (100 x 60) and 2 (200 x 150); windows over a word boundary and in the corners.
      let (width, height) = [(60, 60), (100, 60), (200, 150)][trial % 3]
      let x = [0..<4, (width - 4)..<width, 30..<34, 40..<44][trial / 3 % 4]
      let y = [0..<3, (height - 3)..<height, 9..<12][trial / 12 % 3]
      let truth = pixels(Int.random(in: 0...5, using: &dice), width: width, window: (x, y), &dice)
      let predictions = pixels(Int.random(in: 0...6, using: &dice), width: width, window: (x, y), &dice)
      var matcher = PixelMatcher(width: width, height: height, truth: truth)
      for (index, pixel) in predictions.enumerated() {
        matcher.add(pixel)
        let expected = bruteForce(
          width: width, height: height, predictions: predictions[...index], truth: Set(truth))
        #expect(matcher.matched == expected)
        #expect(
          referenceMatchingSize(width: width, height: height, predictions: Array(predictions[...index]), truth: truth)
            == expected)
      }
    }
  }

  /// Crowded grids need long augmenting paths and run into dead ends: after every pixel the matching is a maximum one.
  @Test(arguments: [(640, 480), (63, 700), (300, 1), (1, 300), (64, 64), (128, 900), (129, 65), (1, 1)])
  func incrementalIsMaximalAfterEachPixel(width: Int, height: Int) {
    var dice = Dice(UInt64(width * 1000 + height))
    for crowd in [4, 12, 30] {
      let left = max(0, min(56, width - crowd))
      let top = max(0, min(3, height - crowd))
      let window = (x: left..<min(width, left + crowd), y: top..<min(height, top + crowd))
      let truth = pixels(2 * crowd, width: width, window: window, &dice)
      let predictions = pixels(3 * crowd, width: width, window: window, &dice)
      var matcher = PixelMatcher(width: width, height: height, truth: truth)
      for (index, pixel) in predictions.enumerated() {
        let before = matcher.matched
        let grew = matcher.add(pixel)
        #expect(grew == (matcher.matched == before + 1))
        guard index % 5 == 4 || index == predictions.count - 1 else { continue }
        #expect(
          matcher.matched
            == referenceMatchingSize(
              width: width, height: height, predictions: Array(predictions[...index]), truth: truth))
      }
      // What is said of the pixels is one matching: as many of the one side as of the other.
      #expect(predictions.count { matcher.isMatched(prediction: $0) } == matcher.matched)
      #expect(truth.count { matcher.isMatched(truth: $0) } == matcher.matched)
    }
  }

  /// Adds the pixels one by one and says of each whether it could be matched.
  private func added(_ pixels: [Int], width: Int, height: Int, truth: [Int]) -> [Bool] {
    var matcher = PixelMatcher(width: width, height: height, truth: truth)
    return pixels.map { matcher.add($0) }
  }

  @Test func nearestFirstIsNotEnough() {
    // The radius is 2. The first prediction takes the closer true pixel, 52; the second reaches that one alone, so that the
    // first must move to 55. The third finds nothing left.
    #expect(added([53, 50, 54], width: 200, height: 150, truth: [52, 55]) == [true, true, false])
  }

  @Test func nothingToMatch() {
    #expect(added([0, 9999], width: 100, height: 100, truth: []) == [false, false])
  }

  @Test func theLimitIsExact() {
    // 0.01 of the diagonal of 640 x 480 is 8 exactly; 0.01 * 0.01 in binary is not 0.0001.
    #expect(PixelMatcher.halfWidths(width: 640, height: 480) == [8, 7, 7, 7, 6, 6, 5, 3, 0])
    #expect(added([0], width: 640, height: 480, truth: [9]) == [false])
    #expect(added([0], width: 640, height: 480, truth: [8]) == [true])
    #expect(added([0], width: 640, height: 480, truth: [8 * 640]) == [true])
    #expect(added([0], width: 640, height: 480, truth: [9 * 640]) == [false])
    // 99 x 99: the diagonal is just over 140, so that 1 is in reach and the diagonal neighbour, at 1.414, is not.
    #expect(PixelMatcher.halfWidths(width: 99, height: 99) == [1, 0])
    #expect(PixelMatcher.halfWidths(width: 100, height: 100) == [1, 1])
    #expect(PixelMatcher.halfWidths(width: 1, height: 1) == [0])
  }
}
