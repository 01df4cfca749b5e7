import Files
import Lines

/// What L-CNN's `process.py` writes: npz files with `lines` (N, 2, 2), ends as (y, x) at 128 x 128, and `score` (N).
///
/// The files are named after the images, or `000000.npz` and so on in the sorted order of the data set. L-CNN fills its
/// list of fixed length by starting again with the first line: what follows its first repetition is dropped, as its own
/// evaluator does.
enum LCNNPredictions {
  static func read(_ names: [String], in folder: String, for dataSet: DataSet) throws -> Predictions.Found {
    let files = try assignment(names, in: folder, for: dataSet)
    var notes = files.notes
    if files.isByIndex {
      notes.append("\(folder): the npz files are numbered: taken in the sorted order of the images")
    }
    let segments = try zip(dataSet.images, files.names).map { image, name in
      try name.map { try parse(Path.join(folder, $0), image: image) }
    }
    return Predictions.Found(segments: segments, notes: notes)
  }

  private static func assignment(
    _ names: [String], in folder: String, for dataSet: DataSet
  ) throws -> (names: [String?], isByIndex: Bool, notes: [String]) {
    let present = Set(names)
    let named = dataSet.images.map { image in
      // Labels whose image is not there keep the number of their augmentation.
      let original = image.stem.hasSuffix("_0") ? String(image.stem.dropLast(2)) : image.stem
      return [image.stem, image.name, image.stem + "_0", original].map { $0 + ".npz" }.first(where: present.contains)
    }
    let strangers = present.subtracting(named.compactMap { $0 }).sorted()
    if named.contains(where: { $0 != nil }) || !isNumbered(names) {
      return (named, false, Predictions.strangerNotes(strangers, path: folder))
    }
    guard names.count == dataSet.images.count else {
      throw EvaluationError(
        path: folder, reason: "\(names.count) numbered npz files for \(dataSet.images.count) images",
        nextStep: "name the files after the images, or give one for each image")
    }
    var numbered = [String?](repeating: nil, count: names.count)
    let order = dataSet.images.indices.sorted { dataSet.images[$0].stem < dataSet.images[$1].stem }
    for (image, name) in zip(order, names) { numbered[image] = name }
    return (numbered, true, [])
  }

  /// Whether the names count from 0 without a gap: the images of a benchmark may be called by numbers too.
  private static func isNumbered(_ names: [String]) -> Bool {
    names.enumerated().allSatisfy { Int(Path.stem($1)) == $0 }
  }

  private static func parse(_ path: String, image: AnnotatedImage) throws -> [LocatedSegment] {
    let archive = try NPZFile(try File.read(path), path: path)
    guard let lines = try archive.array("lines"), lines.shape.count == 3, lines.shape[1] == 2, lines.shape[2] >= 2,
      let scores = try archive.array("score") ?? archive.array("scores"), scores.shape == [lines.shape[0]]
    else {
      throw EvaluationError(
        path: path, reason: "no arrays 'lines' of shape (N, 2, 2) and 'score' of shape (N,)",
        nextStep: "name what L-CNN's process.py wrote")
    }
    let ends = LCNNLabels.segments(lines, width: image.width, height: image.height)
    let count = ends.indices.dropFirst().first { ends[$0] == ends[0] } ?? ends.count
    return (0..<count).map { index in
      let (x1, y1, x2, y2) = ends[index]
      return LocatedSegment(
        segment: Segment(x1: x1, y1: y1, x2: x2, y2: y2, score: scores.values[index]), path: path, line: index)
    }
  }
}
