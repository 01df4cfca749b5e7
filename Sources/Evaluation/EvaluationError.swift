import Files

/// Why something could not be evaluated, in words for the person who asked.
public struct EvaluationError: Error, Equatable, Sendable, CustomStringConvertible {
  public var path: String
  /// The line in a text file, counted from 1; nil where there is none.
  public var line: Int?
  /// What is wrong, without a full stop.
  public var reason: String
  /// What to do about it, in the imperative.
  public var nextStep: String

  public init(path: String, line: Int? = nil, reason: String, nextStep: String) {
    self.path = path
    self.line = line
    self.reason = reason
    self.nextStep = nextStep
  }

  /// `path:line: reason; next step`
  public var description: String {
    "\(path):\(line.map { "\($0):" } ?? "") \(reason); \(nextStep)"
  }
}
