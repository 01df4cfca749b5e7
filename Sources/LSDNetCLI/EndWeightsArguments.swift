import ArgumentParser
import Evaluation
import Files
import LineGrowing

/// The option of every command that makes segments from a network's maps.
struct EndWeightsArguments: ParsableArguments {
  @Option(
    name: .customLong("end-weights"),
    help: """
      For a network of your own: what speaks for an end of a line, as `recipe score` and `recipe tune` write it \
      (Weights/README.md), in place of what suits the built-in networks.
      """,
    completion: .file())
  var path: String?

  /// The weights, if a file of them is given.
  ///
  /// - Throws: `FileError`, or what is wrong in it and on which line.
  func read() throws -> EndWeights? {
    guard let path else { return nil }
    do {
      return try EndWeights(text: String(decoding: File.read(path), as: UTF8.self))
    } catch let error as EndWeightsError {
      throw FileError(
        path: error.line.map { "\(path):\($0)" } ?? path, reason: error.reason,
        nextStep: "give what `recipe score` or `recipe tune` wrote")
    }
  }
}
