/// Why a picture could not be decoded or encoded, in words for the person who named it.
public struct ImageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The picture's name as the caller gave it, usually a path.
  public var name: String
  /// What is wrong, in lower case and without a full stop.
  public var reason: String
  /// What to do about it, in the imperative.
  public var nextStep: String

  public init(name: String, reason: String, nextStep: String) {
    self.name = name
    self.reason = reason
    self.nextStep = nextStep
  }

  /// `name: reason; next step`
  public var description: String { "\(name): \(reason); \(nextStep)" }
}

extension ImageError {
  static func truncated(_ name: String, _ format: String) -> ImageError {
    ImageError(
      name: name, reason: "the \(format) data ends before the picture does",
      nextStep: "copy or download the file again")
  }

  static func damaged(_ name: String, _ format: String, _ detail: String) -> ImageError {
    ImageError(
      name: name, reason: "the \(format) data cannot be decoded (\(detail))",
      nextStep: "copy or download the file again, or convert it to PNG with the program that wrote it")
  }
}
