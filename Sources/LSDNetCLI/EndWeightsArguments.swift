import ArgumentParser
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
  /// - Throws: `FileError`, with the line of what is wrong in it.
  func read() throws -> EndWeights? {
    guard let path else { return nil }
    return try EndWeights(text: String(decoding: File.read(path), as: UTF8.self), path: path)
  }
}
