import Files
import LineGrowing

extension EndWeights {
  /// What the lines of a text are called, and how many numbers follow.
  private static let entries: KeyValuePairs = [
    "end": 12, "pass": 8, "line": 4, "onLine": 4, "length": 1, "cost": 1, "share": 1, "above": 2, "below": 2,
  ]

  /// Weights as `recipe score` and `recipe tune` write them: on each line a name and its numbers, parted by spaces, each name
  /// once: `end` (12 numbers), `pass` (8), `line` (4), `onLine` (4), `length`, `cost`, `share`, and slope and bias of the score
  /// of what lies `above` and `below` the border between the bands.
  ///
  /// - Throws: `FileError` for what is missing, twice there, unknown, or no finite number, with the line.
  init(text: String, path: String) throws(FileError) {
    func mistake(_ reason: String, line: Int? = nil) -> FileError {
      FileError(
        path: line.map { "\(path):\($0)" } ?? path, reason: reason,
        nextStep: "give what `recipe score` or `recipe tune` wrote")
    }
    var given: [String: [Double]] = [:]
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard let name = words.first.map(String.init) else { continue }
      func mistakeHere(_ reason: String) -> FileError { mistake(reason, line: index + 1) }
      guard let (_, count) = Self.entries.first(where: { $0.key == name }) else {
        throw mistakeHere("'\(name)' is none of \(Self.entries.map(\.key).joined(separator: ", "))")
      }
      guard given[name] == nil else { throw mistakeHere("'\(name)' is there twice") }
      let numbers = words.dropFirst().compactMap { Double($0) }.filter { Float($0).isFinite }
      guard numbers.count == count, words.count == count + 1 else {
        throw mistakeHere("'\(name)' takes \(count) finite number\(count > 1 ? "s" : "")")
      }
      given[name] = numbers
    }
    if let (missing, _) = Self.entries.first(where: { given[$0.key] == nil }) {
      throw mistake("'\(missing)' is missing")
    }
    func values(_ name: String) -> [Float] { given[name]!.map(Float.init) }
    func curve(_ name: String) -> BandedScore.Curve { .init(slope: given[name]![0], bias: given[name]![1]) }
    self.init(
      end: SIMD16(values("end") + [0, 0, 0, 0]), pass: SIMD8(values("pass")), line: SIMD4(values("line")),
      onLine: SIMD4(values("onLine")), length: values("length")[0], cost: values("cost")[0], share: values("share")[0],
      score: BandedScore(above: curve("above"), below: curve("below")))
  }
}
