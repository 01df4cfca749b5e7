import Files
import Images
import Lines

/// How well a detector finds the same segments again when the camera moves: needs no labels.
///
/// Each image is seen through one random homography. The segments of the image are carried into the view and cut at its
/// border; segments of the image and of the view are matched one to one within 3 pixels, as many as possible and then as
/// close as possible. Repeatability is matches / min(n1, n2); the localisation error is the mean distance of the 50
/// closest matches (fewer if there are fewer). Both are averaged over the images.
public struct Repeatability: Sendable {
  /// The largest distance of a match, in pixels.
  public static let limit = 3.0
  /// So many of the closest matches make the localisation error.
  public static let closest = 50

  public struct Figures: Sendable {
    /// A fraction.
    public var repeatability: Estimate
    /// In pixels of the view.
    public var localisationError: Estimate
  }

  public var name: String
  /// Image pairs; those in which either image has no segment count as not repeated.
  public var images: Int
  public var segmentsPerImage: Double
  public var structural: Figures
  public var orthogonal: Figures

  /// Measures a detector on images.
  ///
  /// - Parameters:
  ///   - paths: image files.
  ///   - seed: of the homographies; each image's own follows from its file name, whatever the others are.
  ///   - makeDetector: called once a thread.
  ///   - detect: the segments of an image; must not depend on the images before.
  /// - Throws: `FileError`, `ImageError`, and what the detector throws.
  public init<Detector>(
    name: String, paths: [String], threads: Int = 1, seed: UInt64 = 1, resamples: Int = 1000,
    makeDetector: @Sendable () throws -> Detector, detect: @Sendable (Detector, RGBImage) throws -> [Segment],
    progress: (@Sendable () -> Void)? = nil
  ) throws {
    let pairs = try parallelMap(count: paths.count, threads: threads, makeState: makeDetector) { detector, index in
      let path = paths[index]
      let image = try ImageDecoder.decode(try File.read(path), name: path)
      let homography = Repeatability.view(of: path, width: image.width, height: image.height, seed: seed)
      let before = try detect(detector, image)
      let after = try detect(detector, image.warped(by: homography))
      progress?()
      return Pair(width: image.width, height: image.height, homography: homography, before: before, after: after)
    }
    self.name = name
    images = pairs.count
    segmentsPerImage = ratio(Double(pairs.reduce(0) { $0 + $1.found }), Double(pairs.count))
    let draws = Resamples(names: paths, count: resamples)
    structural = Figures(pairs.map(\.structural), draws)
    orthogonal = Figures(pairs.map(\.orthogonal), draws)
  }

  /// The view that an image is seen through: the same for a file name, whatever other images are there.
  static func view(of path: String, width: Int, height: Int, seed: UInt64) -> Homography {
    // FNV-1a, as the standard library's own hash changes with every run.
    let hash = Path.name(path).utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    var generator = SplitMix64(seed: seed ^ hash)
    return .randomView(width: width, height: height, generator: &generator)
  }

  /// One image and its view, compared.
  struct Pair: Sendable {
    struct Matches: Sendable {
      var repeatability: Double
      /// Nil if nothing matched.
      var localisationError: Double?
    }

    /// Segments in the image as a whole.
    var found: Int
    var structural: Matches
    var orthogonal: Matches

    init(width: Int, height: Int, homography: Homography, before: [Segment], after: [Segment]) {
      found = before.count
      let carried = before.compactMap { homography.map($0)?.clipped(width: width, height: height) }
      func matches(_ measure: SegmentDistance) -> Matches {
        let distances = bestAssignment(carried.count, after.count) { a, b in
          measure.between(carried[a], after[b]).flatMap { $0 <= limit ? $0 : nil }
        }.sorted()
        let best = distances.prefix(closest)
        return Matches(
          repeatability: ratio(Double(distances.count), Double(min(carried.count, after.count))),
          localisationError: best.isEmpty ? nil : best.reduce(0, +) / Double(best.count))
      }
      structural = matches(.structural)
      orthogonal = matches(.orthogonal)
    }
  }
}

extension Repeatability.Figures {
  init(_ pairs: [Repeatability.Pair.Matches], _ draws: Resamples) {
    func means(_ weights: [Int]) -> (repeatability: Double, error: Double) {
      var (images, repeatability, matched, error) = (0, 0.0, 0, 0.0)
      for (weight, pair) in zip(weights, pairs) {
        images += weight
        repeatability += Double(weight) * pair.repeatability
        guard let distance = pair.localisationError else { continue }
        matched += weight
        error += Double(weight) * distance
      }
      return (ratio(repeatability, Double(images)), ratio(error, Double(matched)))
    }
    let value = means(pairs.map { _ in 1 })
    let resampled = draws.weights.map(means)
    repeatability = Estimate(value: value.repeatability, resamples: resampled.map(\.repeatability))
    localisationError = Estimate(value: value.error, resamples: resampled.map(\.error))
  }
}

extension Segment {
  /// The part inside an image (Liang and Barsky); nil if there is none, or if what a cut leaves is under 10 pixels: too
  /// short to be asked for.
  func clipped(width: Int, height: Int) -> Segment? {
    var (start, end) = (0.0, 1.0)
    let (dx, dy) = (x2 - x1, y2 - y1)
    for (step, room) in [(-dx, x1), (dx, Double(width - 1) - x1), (-dy, y1), (dy, Double(height - 1) - y1)] {
      if step == 0 {
        if room < 0 { return nil }
      } else if step < 0 {
        start = max(start, room / step)
      } else {
        end = min(end, room / step)
      }
    }
    guard start < end else { return nil }
    if start == 0, end == 1 { return self }
    var part = self
    (part.x1, part.y1, part.x2, part.y2) = (x1 + start * dx, y1 + start * dy, x1 + end * dx, y1 + end * dy)
    return part.length < 10 ? nil : part
  }
}
