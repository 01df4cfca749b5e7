import Files
import Lines

/// A segment and where it was read, for messages.
struct LocatedSegment {
  var segment: Segment
  var path: String
  /// The line of a text file, or the index in an array.
  var line: Int?
}

/// What one method found in the images of a data set.
public struct Predictions: Sendable {
  public var name: String
  /// For each image of the data set, in pixels of the image; larger scores are better.
  public var segments: [[Segment]]
  /// What the reader of the figures should know.
  public var notes: [String] = []

  public init(name: String, segments: [[Segment]]) {
    self.name = name
    self.segments = segments
    // A zero that nobody explains would pass for a figure.
    if segments.allSatisfy(\.isEmpty) { notes.append("\(name): there is no segment in any image") }
  }

  /// Reads the predictions for a data set, recognised by what they are.
  ///
  /// - Parameter path: a folder of text files (`<stem>.txt` or `<file name>.txt`, there or one folder further down) or
  ///   of L-CNN's npz files, or a HAWP JSON file.
  /// - Throws: `EvaluationError` or `FileError`: coordinates that are not finite, segments outside their image, columns in
  ///   another order, damaged files, or no predictions at all.
  public init(name: String, reading path: String, for dataSet: DataSet) throws {
    let found: Found
    if !File.isDirectory(path) {
      let bytes = try File.read(path)
      guard Path.fileExtension(path) == "json" else { throw Predictions.unrecognised(path) }
      found = try Predictions.match(HAWPFile.predictions(in: bytes, path: path), path: path, to: dataSet)
    } else {
      let names = try Directory.list(path)
      // `lsdnet detect --recursive` repeats the folders of its inputs.
      let inner = try names.filter { File.isDirectory(Path.join(path, $0)) }.flatMap { folder in
        try Directory.list(Path.join(path, folder)).map { Path.join(folder, $0) }
      }
      let texts = (names + inner).filter { Path.fileExtension($0) == "txt" }
      let archives = names.filter { Path.fileExtension($0) == "npz" }
      let documents = names.filter { Path.fileExtension($0) == "json" }
      switch (texts.isEmpty, archives.isEmpty, documents.count) {
      case (false, true, _): found = try TextPredictions.read(texts, in: path, for: dataSet)
      case (true, false, _): found = try LCNNPredictions.read(archives, in: path, for: dataSet)
      case (true, true, 1):
        let file = Path.join(path, documents[0])
        found = try Predictions.match(
          HAWPFile.predictions(in: try File.read(file), path: file), path: file, to: dataSet)
      case (false, false, _):
        throw EvaluationError(
          path: path, reason: "both text files and npz files are there", nextStep: "put one of the two elsewhere")
      default: throw Predictions.unrecognised(path)
      }
    }
    let missing = dataSet.images.indices.filter { found.segments[$0] == nil }.map { dataSet.images[$0].name }
    if missing.count == dataSet.images.count {
      throw EvaluationError(
        path: path, reason: "none of the \(missing.count) images has predictions here",
        nextStep: "name files after the images: \(dataSet.images.first.map { $0.stem + ".txt" } ?? "<stem>.txt")")
    }
    let located = found.segments.map { $0 ?? [] }
    try PredictionCheck(dataSet: dataSet, predictions: located).run()
    self.init(name: name, segments: located.map { $0.map(\.segment) })
    notes += found.notes
    if !missing.isEmpty {
      notes.append(
        "\(name): \(missing.count) of \(dataSet.images.count) images have no predictions and count as empty: "
          + missing.prefix(5).joined(separator: ", ") + (missing.count > 5 ? ", ..." : ""))
    }
    notes += overhangNotes(dataSet)
  }

  /// What a reader found, image by image.
  struct Found {
    /// Nil for an image without predictions.
    var segments: [[LocatedSegment]?]
    var notes: [String] = []
  }

  /// How many segments overhang, if any do.
  private func overhangNotes(_ dataSet: DataSet) -> [String] {
    var count = 0
    var most = 0.0
    for (image, segments) in zip(dataSet.images, segments) {
      for segment in segments {
        let overhang = segment.overhang(width: image.width, height: image.height)
        if overhang > 2 { count += 1 }
        most = max(most, overhang)
      }
    }
    guard count > 0 else { return [] }
    return [
      "\(name): \(count) segments reach out of their image, by up to \(Int(most.rounded(.up))) pixels; they are drawn "
        + "clamped to its border"
    ]
  }

  private static func match(
    _ entries: [(entry: HAWPFile.Entry, segments: [LocatedSegment])], path: String, to dataSet: DataSet
  ) throws -> Found {
    var indices: [String: Int] = [:]
    for (index, image) in dataSet.images.enumerated() {
      indices[image.stem] = index
      indices[image.name] = index
    }
    var found = Found(segments: dataSet.images.map { _ in nil })
    var strangers: [String] = []
    for (entry, segments) in entries {
      guard let index = indices[entry.name] ?? indices[Path.stem(entry.name)] else {
        strangers.append(entry.name)
        continue
      }
      let image = dataSet.images[index]
      guard found.segments[index] == nil else {
        throw EvaluationError(
          path: path, line: entry.value.line, reason: "'\(entry.name)' is there twice",
          nextStep: "leave one of the two out")
      }
      guard entry.width == image.width, entry.height == image.height else {
        throw EvaluationError(
          path: path, line: entry.value.line,
          reason:
            "'\(entry.name)' is \(entry.width) x \(entry.height) here, and \(image.width) x \(image.height) in the "
            + "data set", nextStep: "scale the predictions to the annotated size")
      }
      found.segments[index] = segments
    }
    found.notes = strangerNotes(strangers, path: path)
    return found
  }

  /// What to say of predictions for images that the data set does not have.
  static func strangerNotes(_ names: [String], path: String) -> [String] {
    guard let first = names.first else { return [] }
    return ["\(path): \(names.count) predictions are for images that the data set does not have, such as \(first)"]
  }

  private static func unrecognised(_ path: String) -> EvaluationError {
    EvaluationError(
      path: path, reason: "no predictions that are known",
      nextStep: "name a folder of <image>.txt (x1 y1 x2 y2 score) or of L-CNN's npz files, or a HAWP JSON file")
  }
}
