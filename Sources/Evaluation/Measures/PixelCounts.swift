import Lines

/// Predicted, matched and true pixels of one image at every threshold of the score.
public struct PixelCounts: Equatable, Sendable {
  /// What drawing the segments down to some score adds.
  public struct Step: Equatable, Sendable {
    /// The segments with exactly this score are drawn.
    public var score: Double
    /// Pixels of the union map, so far.
    public var predicted: Int
    /// Pixels of it that are matched one to one to true pixels, so far.
    public var matched: Int
  }

  /// One step for each distinct score, falling.
  public var steps: [Step]
  /// Pixels of the true lines' union map.
  public var truth: Int

  /// Draws and matches one image's segments.
  ///
  /// - Parameter segments: in any order, with finite ends and scores.
  /// - Complexity: linear in the pixels drawn, but for the augmenting paths.
  public init(width: Int, height: Int, truth: [Segment], segments: [Segment]) {
    let rasterizer = Rasterizer(width: width, height: height)
    let truePixels = rasterizer.pixels(of: truth)
    self.truth = truePixels.count
    var matcher = PixelMatcher(width: width, height: height, truth: truePixels)
    steps = []
    var drawn = [Bool](repeating: false, count: width * height)
    var predicted = 0
    for segment in segments.fallingByScore() {
      rasterizer.forEachPixel(of: segment) { pixel in
        guard !drawn[pixel] else { return }
        drawn[pixel] = true
        predicted += 1
        matcher.add(pixel)
      }
      if steps.last?.score == segment.score { steps.removeLast() }
      steps.append(Step(score: segment.score, predicted: predicted, matched: matcher.matched))
    }
  }
}

extension Array where Element == Segment {
  /// Best score first; equal scores keep their order.
  func fallingByScore() -> [Segment] {
    let order = indices.sorted { (self[$0].score, $1) > (self[$1].score, $0) }
    return order.map { self[$0] }
  }
}

extension PixelCounts {
  /// The counts with all segments of a score above `threshold` drawn.
  func counts(above threshold: Double) -> HeatmapCurve.Point {
    let step = steps.last { $0.score > threshold }
    let matched = step?.matched ?? 0
    return HeatmapCurve.Point(
      score: step?.score ?? threshold, threshold: threshold, truePositives: matched,
      falsePositives: (step?.predicted ?? 0) - matched,
      falseNegatives: truth - matched)
  }
}
