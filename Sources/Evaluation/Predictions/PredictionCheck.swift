import Files
import Lines

/// Finds predictions that cannot be meant as they stand, before they turn into a figure that looks like one.
struct PredictionCheck {
  let dataSet: DataSet
  let predictions: [[LocatedSegment]]

  /// - Throws: `EvaluationError` that names the first segment in question.
  func run() throws {
    try checkNumbers()
    try checkColumns()
    try checkFrames()
  }

  private func checkNumbers() throws {
    for located in predictions.joined() {
      let segment = located.segment
      guard [segment.x1, segment.y1, segment.x2, segment.y2, segment.score].allSatisfy(\.isFinite) else {
        throw error(
          at: located, "a number is not finite", "leave out segments with NaN or infinite coordinates or scores")
      }
    }
  }

  /// Orders of columns that are met in the wild, as what each wanted column is read from.
  private enum Columns: String, CaseIterable {
    case yx = "y1 x1 y2 x2 score"
    case xxyy = "x1 x2 y1 y2 score"
    case scoreFirst = "score x1 y1 x2 y2"
    /// Exchanged on a square grid, before the scaling to the image.
    case xyOnGrid = "(x, y) where (y, x) is wanted"

    /// The segment, if the columns came in this order.
    func reread(_ segment: Segment, in image: AnnotatedImage) -> Segment {
      let aspect = Double(image.width) / Double(image.height)
      return switch self {
      case .yx: Segment(x1: segment.y1, y1: segment.x1, x2: segment.y2, y2: segment.x2, score: segment.score)
      case .xxyy: Segment(x1: segment.x1, y1: segment.x2, x2: segment.y1, y2: segment.y2, score: segment.score)
      case .scoreFirst: Segment(x1: segment.y1, y1: segment.x2, x2: segment.y2, y2: segment.score, score: segment.x1)
      case .xyOnGrid:
        Segment(
          x1: segment.y1 * aspect, y1: segment.x1 / aspect, x2: segment.y2 * aspect, y2: segment.x2 / aspect,
          score: segment.score)
      }
    }
  }

  /// Coordinates in another order show themselves by running out of the frame, or, in square images and on L-CNN's square
  /// grid, by fitting the true lines far better in that order.
  private func checkColumns() throws {
    let total = predictions.reduce(0) { $0 + $1.count }
    guard total > 0 else { return }
    if predictions.joined().allSatisfy({ isRelative($0.segment) }), let first = predictions.joined().first,
      dataSet.images.allSatisfy({ $0.width > 32 && $0.height > 32 })
    {
      throw error(at: first, "all coordinates lie in [0, 1]", "write pixels of the original image")
    }
    let outside = outsideCount { segment, _ in segment }
    let fit = fit { segment, _ in segment }
    let truth = dataSet.images.reduce(0) { $0 + $1.lines.count }
    let candidates = Columns.allCases.map { (order: $0, fit: self.fit($0.reread), outside: outsideCount($0.reread)) }
      .filter { candidate in
        // Three lines do not fit by chance where those that are meant do not.
        (candidate.fit >= 3 && candidate.fit > max(truth / 20, 4 * fit))
          || (outside * 50 > total && candidate.outside * 4 < outside)
      }
    guard let best = candidates.max(by: { ($0.fit, $1.outside) < ($1.fit, $0.outside) }) else { return }
    let suspect = zip(dataSet.images, predictions).lazy.flatMap { image, located in
      located.filter { outside == 0 || isOutside($0.segment, image) }
    }.first
    guard let suspect else { return }
    throw error(
      at: suspect,
      "the columns seem to be `\(best.order.rawValue)`: as they stand, \(outside) of \(total) segments leave their "
        + "images and \(fit) of \(truth) true lines are found, and in that order \(best.outside) and \(best.fit)",
      "write x1 y1 x2 y2 score (L-CNN's npz: (y, x) at 128 x 128)")
  }

  private func isRelative(_ segment: Segment) -> Bool {
    [segment.x1, segment.y1, segment.x2, segment.y2].allSatisfy { 0...1 ~= $0 }
  }

  private func checkFrames() throws {
    for (image, located) in zip(dataSet.images, predictions) {
      let most = 0.5 * Double(max(image.width, image.height))
      for located in located {
        let segment = located.segment
        let overhang = segment.overhang(width: image.width, height: image.height)
        let tolerance = tolerance(image)
        let missesFrame =
          max(segment.x1, segment.x2) < -tolerance || min(segment.x1, segment.x2) > Double(image.width) + tolerance
          || max(segment.y1, segment.y2) < -tolerance || min(segment.y1, segment.y2) > Double(image.height) + tolerance
        guard !missesFrame, overhang <= most else {
          throw error(
            at: located,
            "the segment \(segment.ends) lies \(missesFrame ? "" : "far ")outside '\(image.name)' "
              + "(\(image.width) x \(image.height))",
            "write x1 y1 x2 y2 score in pixels of the original image, x to the right and y down")
        }
      }
    }
  }

  /// Within the distance at which pixels match, an overhang does no harm.
  private func tolerance(_ image: AnnotatedImage) -> Double {
    0.01 * Double(image.width * image.width + image.height * image.height).squareRoot()
  }

  private func isOutside(_ segment: Segment, _ image: AnnotatedImage) -> Bool {
    segment.overhang(width: image.width, height: image.height) > tolerance(image)
  }

  private func outsideCount(_ reread: (Segment, AnnotatedImage) -> Segment) -> Int {
    zip(dataSet.images, predictions).reduce(0) { sum, pair in
      sum + pair.1.count { isOutside(reread($0.segment, pair.0), pair.0) }
    }
  }

  /// The number of true lines that some segment fits within sAP10's limit.
  private func fit(_ reread: (Segment, AnnotatedImage) -> Segment) -> Int {
    zip(dataSet.images, predictions).reduce(0) { sum, pair in
      let (image, located) = pair
      return sum
        + StructuralAP.judge(
          width: image.width, height: image.height, truth: image.lines,
          segments: located.map { reread($0.segment, image) }
        ).count { $0.isRight[1] }
    }
  }

  private func error(at located: LocatedSegment, _ reason: String, _ nextStep: String) -> EvaluationError {
    EvaluationError(path: located.path, line: located.line, reason: reason, nextStep: nextStep)
  }
}
