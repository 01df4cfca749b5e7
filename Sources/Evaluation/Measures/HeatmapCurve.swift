/// Precision and recall of pixels over a data set, at every threshold that matters: F^H and AP^H come from it.
///
/// The union map of the segments with score > t changes only where t passes a segment's score, so the distinct scores
/// of the whole data set are all the thresholds there are: the maximum over them is the maximum over all real t.
/// Counts are summed over the images before precision and recall are taken ("pooled").
public struct HeatmapCurve: Sendable {
  public struct Point: Equatable, Sendable {
    /// The lowest score that is drawn.
    public var score: Double
    /// Segments with a score above this are drawn: the next lower score that occurs.
    public var threshold: Double
    /// Predicted pixels matched to true ones.
    public var truePositives: Int
    /// Predicted pixels matched to none.
    public var falsePositives: Int
    /// True pixels matched to none.
    public var falseNegatives: Int

    public var precision: Double {
      ratio(Double(truePositives), Double(truePositives + falsePositives))
    }
    public var recall: Double {
      ratio(Double(truePositives), Double(truePositives + falseNegatives))
    }
    /// The harmonic mean of precision and recall.
    public var f: Double {
      ratio(2 * Double(truePositives), Double(2 * truePositives + falsePositives + falseNegatives))
    }
  }

  /// By falling threshold; recall never falls along it.
  public let points: [Point]

  /// - Complexity: O(n log n) in the steps of all images.
  public init(_ images: [PixelCounts]) {
    let steps = PooledSteps(images)
    let truth = images.reduce(0) { $0 + $1.truth }
    var points: [Point] = []
    var predicted = 0
    var matched = 0
    for group in steps.groups.indices {
      for step in steps.groups[group] {
        predicted += Int(steps.predicted[step])
        matched += Int(steps.matched[step])
      }
      points.append(
        Point(
          score: steps.scores[group], threshold: steps.threshold(below: group), truePositives: matched,
          falsePositives: predicted - matched,
          falseNegatives: truth - matched))
    }
    self.points = points
  }

  /// The point with the largest F: F^H; of several, that with the highest threshold. Nil if nothing was predicted.
  public var best: Point? {
    points.reduce(nil) { best, point in best.map { $0.f >= point.f } ?? false ? best : point }
  }

  /// The point whose map is that of all segments with a score above `threshold`; nil if there is none.
  public func point(above threshold: Double) -> Point? { points.last { $0.score > threshold } }

  /// AP^H: the area under precision over recall, precision made monotone from the right (as PASCAL VOC does since 2010).
  ///
  /// Precision and recall of one threshold stay together. (Sorting the two apart, as some evaluators do, pairs the
  /// precision of one threshold with the recall of another.)
  public var averagePrecision: Double {
    envelopeArea(points.map { ($0.precision, $0.recall) })
  }
}

/// a / b, and 0 for 0 / 0.
@inline(__always)
func ratio(_ a: Double, _ b: Double) -> Double { b == 0 ? 0 : a / b }

/// The area under the monotone envelope of precision over recall.
///
/// - Parameter curve: points by rising recall.
func envelopeArea(_ curve: some BidirectionalCollection<(precision: Double, recall: Double)>) -> Double {
  var area = 0.0
  var best = 0.0
  var right: Double?
  for point in curve.reversed() {
    if let right { area += (right - point.recall) * best }
    best = max(best, point.precision)
    right = point.recall
  }
  return area + (right ?? 0) * best
}

/// The steps of all images in one falling order of score, as plain columns: a resample weights them by their image.
struct PooledSteps: Sendable {
  /// What each step adds, and to which image.
  private(set) var image: [Int32] = []
  private(set) var predicted: [Int32] = []
  private(set) var matched: [Int32] = []
  /// Steps of one score, in the order of the images.
  private(set) var groups: [Range<Int>] = []
  /// The score of each group.
  private(set) var scores: [Double] = []

  init(_ images: [PixelCounts]) {
    struct Step {
      var score: Double
      var image: Int32
      var predicted: Int32
      var matched: Int32
    }
    var steps: [Step] = []
    for (index, counts) in images.enumerated() {
      var predicted = 0
      var matched = 0
      for step in counts.steps {
        steps.append(
          Step(
            score: step.score, image: Int32(index), predicted: Int32(step.predicted - predicted),
            matched: Int32(step.matched - matched)))
        predicted = step.predicted
        matched = step.matched
      }
    }
    steps.sort { ($0.score, $1.image) > ($1.score, $0.image) }
    for (index, step) in steps.enumerated() {
      image.append(step.image)
      predicted.append(step.predicted)
      matched.append(step.matched)
      if scores.last == step.score {
        groups[groups.count - 1] = groups[groups.count - 1].lowerBound..<index + 1
      } else {
        scores.append(step.score)
        groups.append(index..<index + 1)
      }
    }
  }

  /// The t for which "score > t" keeps the groups up to this one: the next lower score, and under the lowest of all 0 if
  /// that does, else the next number below it.
  func threshold(below group: Int) -> Double {
    if group + 1 < scores.count { return scores[group + 1] }
    return scores[group] > 0 ? 0 : scores[group].nextDown
  }
}
