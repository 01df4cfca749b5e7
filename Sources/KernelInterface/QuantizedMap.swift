/// A view on one activation tensor of 8 bits: NHWC with N = 1, `value = scale * (byte - zeroPoint)`.
///
/// The memory is laid out as a `FeatureMap`'s, in bytes. The halo of one pixel holds `zeroPoint`, which means zero.
/// Kernels read channels in fours: `pixelStride` is a multiple of four, and the bytes from `channels` to the next
/// multiple of four are readable, as are 28 more behind the halo's last pixel; what they hold does not matter.
public struct QuantizedMap: @unchecked Sendable {
  /// Channel 0 of pixel (0, 0).
  public var base: UnsafeMutablePointer<UInt8>
  public var height: Int
  public var width: Int
  public var channels: Int
  /// Bytes from a pixel to its right neighbour.
  public var pixelStride: Int
  /// Bytes from a pixel to the one below.
  public var rowStride: Int
  public var scale: Float
  public var zeroPoint: UInt8
  /// No byte of the map's is larger, nor is the zero point.
  public var largest: UInt8

  public init(
    base: UnsafeMutablePointer<UInt8>, height: Int, width: Int, channels: Int, pixelStride: Int, rowStride: Int,
    scale: Float, zeroPoint: UInt8 = 0, largest: UInt8 = 255
  ) {
    self.base = base
    self.height = height
    self.width = width
    self.channels = channels
    self.pixelStride = pixelStride
    self.rowStride = rowStride
    self.scale = scale
    self.zeroPoint = zeroPoint
    self.largest = largest
  }

  /// Channel 0 of the pixel in row `y`, column `x`; -1 and `height`, `width` are the halo.
  @inlinable @inline(__always)
  public func pixel(_ y: Int, _ x: Int) -> UnsafeMutablePointer<UInt8> {
    base + (y * rowStride + x * pixelStride)
  }
}

/// One dense convolution of bytes, as a kernel sees it.
///
///     sum = bias[o] + weights * input bytes          in 32-bit integers, exact
///     value = Float(sum) * multipliers[o]            rounded to single precision
///     value += (addend byte - addend zero point) * (addend scale / output scale)   the product and the sum rounded
///     byte = value + zero point, rounded to the nearest integer, ties to even, limited to 0...largest;
///            at least the zero point under ReLU
///
/// So the result is the same to the bit on every instruction set. A result in floats takes the activation instead of
/// the last step; sigmoid exists for floats only.
public struct QuantizedConvolution: @unchecked Sendable {
  public var shape: ConvolutionShape
  public var input: QuantizedMap
  /// In bytes for the next convolution, or in floats to leave the quantised part of the network.
  public var output: ActivationMap
  /// Weights in the order that the `pack` of the same `QuantizedConvolutionKernels` made.
  public var packedWeights: UnsafeRawPointer
  /// One value an output channel; see `QuantizedFilter`.
  public var bias: UnsafePointer<Int32>
  /// One value an output channel; see `QuantizedFilter`.
  public var multipliers: UnsafePointer<Float>
  /// Added before the activation, of the output's shape.
  public var addend: QuantizedMap?
  public var activation: Activation
  /// Values from the first half of a pixel's output channels to the second; nil where it lies right behind. See
  /// `DepthToSpace.view`. Not together with an addend.
  public var halfStride: Int?

  public init(
    shape: ConvolutionShape, input: QuantizedMap, output: ActivationMap, packedWeights: UnsafeRawPointer,
    bias: UnsafePointer<Int32>, multipliers: UnsafePointer<Float>, addend: QuantizedMap? = nil,
    activation: Activation = .none, halfStride: Int? = nil
  ) {
    self.shape = shape
    self.input = input
    self.output = output
    self.packedWeights = packedWeights
    self.bias = bias
    self.multipliers = multipliers
    self.addend = addend
    self.activation = activation
    self.halfStride = halfStride
  }
}
