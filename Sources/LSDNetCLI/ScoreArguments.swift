import ArgumentParser

/// The option of every command that leaves out segments of low score.
struct ScoreArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: """
      Leave out segments of a lower score, from 0, which keeps all, to 1. Under 0.05 the network's list has other readings \
      of its lines, which overlap them, for those who rank. (default: 0.1 for the network, 0 for the gradient)
      """)
  var minScore: Double?

  func validate() throws {
    if let minScore, !(0...1).contains(minScore) {
      throw ValidationError("--min-score is \(minScore); it must be a number from 0 to 1.")
    }
  }
}
