/// The operators on bytes of one instruction set. As those of `KernelTable`, they take the range of output rows to make;
/// and their results are the same to the bit on every instruction set.
public struct QuantizedKernels: Sendable {
  public var direct: QuantizedConvolutionKernels
  /// With fewer multiplications, for the 3x3 convolutions of stride 1 that they admit; nil where it would not be faster.
  /// Bands of rows should start at multiples of `WinogradTransform.outputs`: a tile that is cut is made twice.
  public var winograd: QuantizedWinogradKernels?
  /// 2x2 maximum with stride 2; an odd last row or column is dropped. Both maps have the same scale and zero point.
  public var maxPool: @Sendable (_ input: QuantizedMap, _ output: QuantizedMap, _ rows: Range<Int>) -> Void
  /// Each pixel twice in both directions. Both maps have the same scale and zero point.
  public var upsampleNearest: @Sendable (_ input: QuantizedMap, _ output: QuantizedMap, _ rows: Range<Int>) -> Void
  /// Bilinear x2 with half-pixel centres, edges clamped: (9a + 3b + 3c + d + 8) / 16, rounded down. Both maps have the
  /// same scale and zero point.
  public var upsampleBilinear: @Sendable (_ input: QuantizedMap, _ output: QuantizedMap, _ rows: Range<Int>) -> Void
  /// Pixels made of channels. Both maps have the same scale and zero point.
  public var depthToSpace:
    @Sendable (DepthToSpace, _ input: QuantizedMap, _ output: QuantizedMap, _ rows: Range<Int>) -> Void
  /// Sum of two maps, then the activation, each with its own scale: rounded as `QuantizedConvolution` says.
  public var add:
    @Sendable (_ a: QuantizedMap, _ b: QuantizedMap, _ output: QuantizedMap, Activation, _ rows: Range<Int>) -> Void
  /// `add` with each pixel of b twice in both directions, which then need not be made.
  public var addUpsampled:
    @Sendable (_ a: QuantizedMap, _ b: QuantizedMap, _ output: QuantizedMap, Activation, _ rows: Range<Int>) -> Void
  /// The activation alone, to a map of any scale; with `.none` and the same scale a copy.
  public var map: @Sendable (_ input: QuantizedMap, _ output: QuantizedMap, Activation, _ rows: Range<Int>) -> Void
  /// Floats to bytes: value * (1 / scale) + zero point, rounded to the nearest, ties to even, limited to 0...largest.
  public var quantize: @Sendable (_ input: FeatureMap, _ output: QuantizedMap, _ rows: Range<Int>) -> Void
  /// Bytes to floats.
  public var dequantize: @Sendable (_ input: QuantizedMap, _ output: FeatureMap, _ rows: Range<Int>) -> Void
  /// As `KernelTable.peakLoop`, with the multiply-accumulates of bytes.
  public var peakLoop: @Sendable (_ iterations: Int, _ sums: UnsafeMutablePointer<Int32>) -> Int

  public init(
    direct: QuantizedConvolutionKernels,
    winograd: QuantizedWinogradKernels?,
    maxPool: @escaping @Sendable (QuantizedMap, QuantizedMap, Range<Int>) -> Void,
    upsampleNearest: @escaping @Sendable (QuantizedMap, QuantizedMap, Range<Int>) -> Void,
    upsampleBilinear: @escaping @Sendable (QuantizedMap, QuantizedMap, Range<Int>) -> Void,
    depthToSpace: @escaping @Sendable (DepthToSpace, QuantizedMap, QuantizedMap, Range<Int>) -> Void,
    add: @escaping @Sendable (QuantizedMap, QuantizedMap, QuantizedMap, Activation, Range<Int>) -> Void,
    addUpsampled: @escaping @Sendable (QuantizedMap, QuantizedMap, QuantizedMap, Activation, Range<Int>) -> Void,
    map: @escaping @Sendable (QuantizedMap, QuantizedMap, Activation, Range<Int>) -> Void,
    quantize: @escaping @Sendable (FeatureMap, QuantizedMap, Range<Int>) -> Void,
    dequantize: @escaping @Sendable (QuantizedMap, FeatureMap, Range<Int>) -> Void,
    peakLoop: @escaping @Sendable (Int, UnsafeMutablePointer<Int32>) -> Int
  ) {
    self.direct = direct
    self.winograd = winograd
    self.maxPool = maxPool
    self.upsampleNearest = upsampleNearest
    self.upsampleBilinear = upsampleBilinear
    self.depthToSpace = depthToSpace
    self.add = add
    self.addUpsampled = addUpsampled
    self.map = map
    self.quantize = quantize
    self.dequantize = dequantize
    self.peakLoop = peakLoop
  }
}
