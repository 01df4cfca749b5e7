import ModelFormat

/// Why a network cannot run on an input of some size.
public enum NetworkError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The image has no pixels.
  case emptyImage
  /// The graph does not admit the size.
  case graph(GraphError)
  /// The activations would take more than `limit` bytes.
  case tooLarge(width: Int, height: Int, bytes: Int, limit: Int)
  /// The model does not say what range its activations span, which int8 needs.
  case notCalibrated
  /// The system has no memory for the activations.
  case outOfMemory(bytes: Int)

  public var description: String {
    switch self {
    case .emptyImage: "the image has no pixels"
    case .graph(let error): "\(error)"
    case .tooLarge(let width, let height, let bytes, let limit):
      "an input of \(width)x\(height) needs \(bytes >> 20) MiB for the network's activations, more than the "
        + "\(limit >> 20) that are allowed; bring images to fewer pixels"
    case .notCalibrated:
      "the model lacks activation ranges, without which it cannot run in int8; add them with `lsdnet quantize`, or use "
        + "fp32"
    case .outOfMemory(let bytes): "no memory for \(bytes >> 20) MiB of activations; bring images to fewer pixels"
    }
  }
}
