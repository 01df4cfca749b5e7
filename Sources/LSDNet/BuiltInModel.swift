import EmbeddedWeights

/// The networks that the library carries. `Weights/MODEL_CARD.md` says where they come from and what they are worth.
public enum BuiltInModel: String, Sendable, CaseIterable {
  /// 1.1 billion multiply-adds for a 4:3 image.
  case fast
  /// A wider network on a finer grid, for some four times the time: more lines found whole.
  case accurate

  /// The model file, in memory for as long as the process lives.
  var file: UnsafeRawBufferPointer {
    let model =
      switch self {
      case .fast: lsdnet_fast
      case .accurate: lsdnet_accurate
      }
    return UnsafeRawBufferPointer(start: model.start, count: model.size)
  }
}
