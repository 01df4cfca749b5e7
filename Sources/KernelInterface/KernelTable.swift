/// The operators of one instruction set, chosen once at start-up and called through plain function values.
///
/// Every operator takes the range of output rows to make, so that a thread pool can cut the work into bands: the same
/// value is computed in the same order whatever the bands are, hence the same bits for any number of threads.
/// The plain scalar table in `ConvReference` defines what each operator means; the others are tested against it.
public struct KernelTable: Sendable {
  /// Name for people: "reference", "sse2", "avx2", "avx512", "neon".
  public var name: String
  /// Number of floats that the packed weights of a convolution take.
  public var packedCount: @Sendable (ConvolutionShape) -> Int
  /// Packs weights given as output x kernel x kernel x input channels (OHWI) into `packed`, `packedCount` floats.
  public var packConvolution:
    @Sendable (ConvolutionShape, _ weights: UnsafePointer<Float>, _ packed: UnsafeMutablePointer<Float>) -> Void
  public var convolve: @Sendable (Convolution, _ rows: Range<Int>) -> Void
  /// Another way to convolve, with fewer multiplications; nil if the table only computes what the operators mean.
  public var winograd: WinogradKernels?
  public var convolveDepthwise: @Sendable (DepthwiseConvolution, _ rows: Range<Int>) -> Void
  /// 2x2 maximum with stride 2; an odd last row or column is dropped.
  public var maxPool: @Sendable (_ input: FeatureMap, _ output: FeatureMap, _ rows: Range<Int>) -> Void
  /// Each pixel twice in both directions.
  public var upsampleNearest: @Sendable (_ input: FeatureMap, _ output: FeatureMap, _ rows: Range<Int>) -> Void
  /// Bilinear x2 with half-pixel centres, edges clamped: weights 3/4 and 1/4.
  public var upsampleBilinear: @Sendable (_ input: FeatureMap, _ output: FeatureMap, _ rows: Range<Int>) -> Void
  /// Pixels made of channels.
  public var depthToSpace:
    @Sendable (DepthToSpace, _ input: FeatureMap, _ output: FeatureMap, _ rows: Range<Int>) -> Void
  /// Sum of two maps, then the activation.
  public var add:
    @Sendable (_ a: FeatureMap, _ b: FeatureMap, _ output: FeatureMap, Activation, _ rows: Range<Int>) -> Void
  /// `add` with each pixel of b twice in both directions, which then need not be made.
  public var addUpsampled:
    @Sendable (_ a: FeatureMap, _ b: FeatureMap, _ output: FeatureMap, Activation, _ rows: Range<Int>) -> Void
  /// The activation alone; with `.none` a copy (concatenation and slicing where views do not serve).
  public var map: @Sendable (_ input: FeatureMap, _ output: FeatureMap, Activation, _ rows: Range<Int>) -> Void
  /// Multiply-accumulates in registers alone: its rate is the peak that a convolution's rate is compared with.
  /// Starts from the two values at `sums`, puts two sums there so that the work cannot be left out, and returns the
  /// number of multiply-accumulates.
  public var peakLoop: @Sendable (_ iterations: Int, _ sums: UnsafeMutablePointer<Float>) -> Int
  /// The operators on 8-bit maps.
  public var quantized: QuantizedKernels

  public init(
    name: String,
    packedCount: @escaping @Sendable (ConvolutionShape) -> Int,
    packConvolution: @escaping @Sendable (ConvolutionShape, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void,
    convolve: @escaping @Sendable (Convolution, Range<Int>) -> Void,
    winograd: WinogradKernels?,
    convolveDepthwise: @escaping @Sendable (DepthwiseConvolution, Range<Int>) -> Void,
    maxPool: @escaping @Sendable (FeatureMap, FeatureMap, Range<Int>) -> Void,
    upsampleNearest: @escaping @Sendable (FeatureMap, FeatureMap, Range<Int>) -> Void,
    upsampleBilinear: @escaping @Sendable (FeatureMap, FeatureMap, Range<Int>) -> Void,
    depthToSpace: @escaping @Sendable (DepthToSpace, FeatureMap, FeatureMap, Range<Int>) -> Void,
    add: @escaping @Sendable (FeatureMap, FeatureMap, FeatureMap, Activation, Range<Int>) -> Void,
    addUpsampled: @escaping @Sendable (FeatureMap, FeatureMap, FeatureMap, Activation, Range<Int>) -> Void,
    map: @escaping @Sendable (FeatureMap, FeatureMap, Activation, Range<Int>) -> Void,
    peakLoop: @escaping @Sendable (Int, UnsafeMutablePointer<Float>) -> Int,
    quantized: QuantizedKernels
  ) {
    self.name = name
    self.packedCount = packedCount
    self.packConvolution = packConvolution
    self.convolve = convolve
    self.winograd = winograd
    self.convolveDepthwise = convolveDepthwise
    self.maxPool = maxPool
    self.upsampleNearest = upsampleNearest
    self.upsampleBilinear = upsampleBilinear
    self.depthToSpace = depthToSpace
    self.add = add
    self.addUpsampled = addUpsampled
    self.map = map
    self.peakLoop = peakLoop
    self.quantized = quantized
  }
}
