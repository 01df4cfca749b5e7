import Files
import Lines

/// The JSON files of HAWP (Xue et al., CVPR 2020): a list with one object an image, `{filename, width, height, lines}` for
/// the truth and `{filename, width, height, lines_pred, lines_score}` for predictions; coordinates are original pixels.
enum HAWPFile {
  static func truth(in bytes: [UInt8], path: String, finder: ImageFinder) throws -> [AnnotatedImage] {
    try entries(of: bytes, path: path).map { entry in
      guard let lines = entry.value["lines"] else {
        throw EvaluationError(
          path: path, line: entry.value.line, reason: "the entry of '\(entry.name)' has no 'lines'",
          nextStep: entry.value["lines_pred"] == nil ? "add them" : "this file holds predictions: name the data set")
      }
      let size = (entry.width, entry.height)
      return AnnotatedImage(
        name: entry.name, width: entry.width, height: entry.height,
        path: try finder.path(
          of: entry.name, width: entry.width, height: entry.height, annotation: path, line: entry.value.line),
        lines: try rows(lines, key: "lines", of: entry, path: path).enumerated().map { index, row in
          try trueLine(row.ends, frame: size, path: path, line: row.line, what: "line \(index) of '\(entry.name)'")
        })
    }
  }

  /// Predictions by image name, as they stand.
  static func predictions(in bytes: [UInt8], path: String) throws -> [(entry: Entry, segments: [LocatedSegment])] {
    try entries(of: bytes, path: path).map { entry in
      guard let lines = entry.value["lines_pred"], let scores = entry.value["lines_score"]?.array else {
        throw EvaluationError(
          path: path, line: entry.value.line,
          reason: "the entry of '\(entry.name)' has no 'lines_pred' and 'lines_score'", nextStep: "add them")
      }
      let rows = try rows(lines, key: "lines_pred", of: entry, path: path)
      guard rows.count == scores.count else {
        throw EvaluationError(
          path: path, line: entry.value.line,
          reason: "'\(entry.name)' has \(rows.count) lines and \(scores.count) scores",
          nextStep: "give one score a line")
      }
      let segments = try zip(rows, scores).map { row, score in
        guard let value = score.number else {
          throw EvaluationError(
            path: path, line: score.line, reason: "a score of '\(entry.name)' is not a number", nextStep: "mend it")
        }
        let (x1, y1, x2, y2) = row.ends
        return LocatedSegment(
          segment: Segment(x1: x1, y1: y1, x2: x2, y2: y2, score: value), path: path, line: row.line)
      }
      return (entry, segments)
    }
  }

  /// What both kinds of file say of an image.
  struct Entry {
    var name: String
    var width: Int
    var height: Int
    var value: JSONValue
  }

  private static func entries(of bytes: [UInt8], path: String) throws -> [Entry] {
    let document = try JSONValue(parsing: bytes, path: path)
    guard let list = document.array else {
      throw EvaluationError(
        path: path, line: document.line, reason: "not a list of images",
        nextStep: "wanted is [{\"filename\": ..., \"width\": ..., \"height\": ..., ...}, ...]")
    }
    return try list.enumerated().map { index, value in
      guard let name = value["filename"]?.string, let width = value["width"]?.integer,
        let height = value["height"]?.integer, width > 0, height > 0
      else {
        throw EvaluationError(
          path: path, line: value.line, reason: "entry \(index) has no 'filename', 'width' and 'height'",
          nextStep: "add them")
      }
      return Entry(name: Path.name(name), width: width, height: height, value: value)
    }
  }

  private static func rows(
    _ list: JSONValue, key: String, of entry: Entry, path: String
  ) throws -> [(ends: (Double, Double, Double, Double), line: Int)] {
    guard let rows = list.array else {
      throw EvaluationError(
        path: path, line: list.line, reason: "'\(key)' of '\(entry.name)' is not a list", nextStep: "mend it")
    }
    return try rows.enumerated().map { index, row in
      guard let numbers = row.array?.map(\.number), numbers.count == 4, let x1 = numbers[0], let y1 = numbers[1],
        let x2 = numbers[2], let y2 = numbers[3]
      else {
        throw EvaluationError(
          path: path, line: row.line, reason: "'\(key)' \(index) of '\(entry.name)' is not [x1, y1, x2, y2]",
          nextStep: "mend it")
      }
      return ((x1, y1, x2, y2), row.line)
    }
  }
}
