import KernelInterface
import ModelFormat

/// What the bytes of an activation mean: `value = scale * (byte - zeroPoint)`.
struct Quantization: Equatable, Sendable {
  var scale: Float
  var zeroPoint: UInt8

  /// The finest that reaches over the range and represents zero exactly, as the halo must.
  init(_ range: ActivationRange) {
    let (lower, upper) = (min(range.lower, 0), max(range.upper, 0))
    scale = (upper - lower) / 255
    zeroPoint = UInt8(max(0, min(255, (-lower / scale).rounded())))
  }
}

extension ConvolutionShape {
  /// Whether no sum of products can leave 32 bits: the bias takes up to half of them.
  var fitsQuantizedSums: Bool { kernel * kernel * inputChannels <= (1 << 30) / (127 * 255) }
}
