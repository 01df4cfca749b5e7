import Evaluation
import Files
import Foundation
import Images
import Lines
import Testing

/// The files beside the tests, made by `Fixtures/make_fixtures.py`.
enum Fixture {
  static func path(_ name: String) -> String { Path.join(Path.join(Path.parent(#filePath), "Fixtures"), name) }
  static func bytes(_ name: String) throws -> [UInt8] { try File.read(path(name)) }
}

/// A folder of its own for one test, gone with the object.
final class Scratch {
  let folder: String

  init() throws {
    folder = Path.join(
      FileManager.default.temporaryDirectory.path, "evaluation-" + String(UInt64.random(in: 0 ... .max), radix: 36))
    try Directory.create(folder)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { Path.join(folder, name) }

  @discardableResult func file(_ name: String, _ text: String) throws -> String { try file(name, Array(text.utf8)) }

  @discardableResult func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Directory.create(Path.parent(path(name)))
    try File.write(bytes, to: path(name))
    return path(name)
  }
}

extension DataSet {
  /// A data set in memory with one image for each list of true lines.
  static func made(width: Int = 100, height: Int = 80, _ lines: [[Segment]]) -> DataSet {
    DataSet(
      name: "made", layout: .hawp,
      images: lines.enumerated().map { index, lines in
        AnnotatedImage(name: "\(index).png", width: width, height: height, path: nil, lines: lines)
      })
  }
}

extension Segment {
  init(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ score: Double = 1) {
    self.init(x1: x1, y1: y1, x2: x2, y2: y2, score: score)
  }
}

/// What an attempt fails with, if it does.
func failure<Value>(_ attempt: () throws -> Value) -> EvaluationError? {
  do {
    _ = try attempt()
    return nil
  } catch let error as EvaluationError {
    return error
  } catch {
    Issue.record("an error of another type: \(error)")
    return nil
  }
}

/// Repeatable random numbers.
struct Dice: RandomNumberGenerator {
  var generator: SplitMix64
  init(_ seed: UInt64) { generator = SplitMix64(seed: seed) }
  mutating func next() -> UInt64 { generator.next() }
}
