import ArgumentParser

/// The option of every command that leaves out segments of low score.
struct ScoreArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: """
      Leave out segments of a lower score, from 0, which keeps all, to 1. What surely lies on a line of its own scores over \
      0.15 with the network; from 0.1 on come second edges of narrow things and doubtful lines, and under 0.05 other readings \
      of lines, which overlap them, for those who rank. (default: 0.1 for the network, 0 for the gradient)
      """)
  var minScore: Double?

  func validate() throws {
    if let minScore, !(0...1).contains(minScore) {
      throw ValidationError("--min-score is \(minScore); it must be a number from 0 to 1.")
    }
  }
}
