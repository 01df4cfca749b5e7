import Files
import Lines

/// Text files, one an image: `x1 y1 x2 y2 score` a line, in pixels, separated by blanks or commas; `#` starts a comment.
///
/// Without a score (4 columns) all segments are alike. Seven columns are the output of the IPOL program, `x1 y1 x2 y2
/// width p -log10(NFA)`: the last is the score.
enum TextPredictions {
  static func read(_ names: [String], in folder: String, for dataSet: DataSet) throws -> Predictions.Found {
    var unused = Set(names)
    let byName = Dictionary(grouping: names) { Path.name($0) }
    let segments: [[LocatedSegment]?] = try dataSet.images.map { image in
      let candidates = Set([image.stem, image.name]).sorted().flatMap { byName[$0 + ".txt"] ?? [] }
        .filter(unused.contains)
      guard let name = candidates.first else { return nil }
      if candidates.count > 1 {
        throw EvaluationError(
          path: Path.join(folder, name), reason: "'\(candidates[1])' is there too", nextStep: "leave one of the two out"
        )
      }
      unused.remove(name)
      let path = Path.join(folder, name)
      return try parse(try File.read(path), path: path)
    }
    return Predictions.Found(
      segments: segments, notes: Predictions.strangerNotes(unused.sorted(), path: folder))
  }

  static func parse(_ bytes: [UInt8], path: String) throws -> [LocatedSegment] {
    var segments: [LocatedSegment] = []
    var columns: Int?
    for (index, row) in bytes.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
      let numbers = try numbers(in: row.prefix { $0 != UInt8(ascii: "#") }, path: path, line: index + 1)
      guard !numbers.isEmpty else { continue }
      guard [4, 5, 7].contains(numbers.count), columns == nil || columns == numbers.count else {
        throw EvaluationError(
          path: path, line: index + 1,
          reason: "\(numbers.count) columns" + (columns.map { ", and \($0) before" } ?? ""),
          nextStep: "write x1 y1 x2 y2 score on each line")
      }
      columns = numbers.count
      let score = numbers.count == 4 ? 1 : numbers[numbers.count - 1]
      segments.append(
        LocatedSegment(
          segment: Segment(x1: numbers[0], y1: numbers[1], x2: numbers[2], y2: numbers[3], score: score), path: path,
          line: index + 1))
    }
    return segments
  }

  private static func numbers(in row: ArraySlice<UInt8>, path: String, line: Int) throws -> [Double] {
    let words = row.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d || $0 == UInt8(ascii: ",") }
    return try words.map { word in
      guard let value = decimalNumber(word) else {
        throw EvaluationError(
          path: path, line: line, reason: "'\(String(decoding: word.prefix(40), as: UTF8.self))' is not a number",
          nextStep: "write x1 y1 x2 y2 score on each line")
      }
      return value
    }
  }
}
