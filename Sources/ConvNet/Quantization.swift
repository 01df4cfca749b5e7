import KernelInterface
import ModelFormat

/// What the bytes of an activation mean: `value = scale * (byte - zeroPoint)`.
struct Quantization: Equatable, Sendable {
  var scale: Float
  var zeroPoint: UInt8
  /// The largest byte.
  var largest: UInt8

  /// The finest that reaches over the range and represents zero exactly, as the halo must.
  init(_ range: ActivationRange) {
    let (lower, upper) = (min(range.lower, 0), max(range.upper, 0))
    largest = range.steps
    scale = (upper - lower) / Float(largest)
    zeroPoint = UInt8(max(0, min(Float(largest), (-lower / scale).rounded())))
  }

  /// Whether bytes of so few bits are for `ByteWinogradTransform`, so that the convolution's weights should be, too.
  func isTransformed(by shape: ConvolutionShape) -> Bool {
    ByteWinogradTransform.serves(shape) && largest <= ByteWinogradTransform.largestInput
  }
}

extension ConvolutionShape {
  /// Whether no sum of products can leave 32 bits: the bias takes up to half of them.
  var fitsQuantizedSums: Bool { kernel * kernel * inputChannels <= (1 << 30) / (127 * 255) }
}
