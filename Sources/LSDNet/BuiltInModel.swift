import EmbeddedWeights
import ModelFormat

/// The networks that the library carries. `Weights/MODEL_CARD.md` says where they come from and what they are worth.
public enum BuiltInModel: String, Sendable, CaseIterable {
  /// 1.0 billion multiply-adds for a 4:3 image.
  case fast
  /// A wider network on a slightly finer grid, for two to three times the time: more lines found, and whole.
  case accurate

  /// What errors call them.
  static let name = "the built-in weights"

  /// The model, whose weights stay where they lie in the binary.
  func load() throws(ModelError) -> Model {
    let file =
      switch self {
      case .fast: lsdnet_fast
      case .accurate: lsdnet_accurate
      }
    return try Model(static: UnsafeRawBufferPointer(start: file.start, count: file.size), name: Self.name)
  }

  /// Names the weights, as `Detector.weightsHash` does, without a detector being made. O(size of the model file).
  ///
  /// - Throws: `ModelError` if this build carries no usable weights.
  public func weightsHash() throws(ModelError) -> String { try load().contentHash }
}
