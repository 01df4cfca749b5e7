/// A way to convolve bytes. All make the same bits.
public struct QuantizedConvolutionKernels: Sendable {
  /// Bytes that the packed weights take.
  public var packedBytes: @Sendable (ConvolutionShape) -> Int
  /// Rows of the output that are made at once: bands of rows should start at multiples of them, since a tile that is cut is made
  /// twice.
  public var tileRows: Int
  /// Packs weights given as output x kernel x kernel x input channels into `packed`, `packedBytes` bytes.
  public var pack:
    @Sendable (ConvolutionShape, _ weights: UnsafePointer<Int8>, _ packed: UnsafeMutableRawPointer) -> Void
  /// Bytes of scratch memory that each thread needs, whatever the size of the maps; none, perhaps.
  public var scratchBytes: @Sendable (ConvolutionShape) -> Int
  /// Makes rows of the output. The scratch memory is aligned to 64 bytes and holds anything.
  public var convolve: @Sendable (QuantizedConvolution, _ scratch: UnsafeMutableRawPointer, _ rows: Range<Int>) -> Void

  public init(
    tileRows: Int = 1,
    packedBytes: @escaping @Sendable (ConvolutionShape) -> Int,
    pack: @escaping @Sendable (ConvolutionShape, UnsafePointer<Int8>, UnsafeMutableRawPointer) -> Void,
    scratchBytes: @escaping @Sendable (ConvolutionShape) -> Int,
    convolve: @escaping @Sendable (QuantizedConvolution, UnsafeMutableRawPointer, Range<Int>) -> Void
  ) {
    self.tileRows = tileRows
    self.packedBytes = packedBytes
    self.pack = pack
    self.scratchBytes = scratchBytes
    self.convolve = convolve
  }
}

/// A way to convolve bytes by minimal filtering, with a quarter of the multiplications (`IntegerWinogradTransform`) or less
/// than half (`ByteWinogradTransform`).
public struct QuantizedWinogradKernels: Sendable {
  public var kernels: QuantizedConvolutionKernels
  /// Whether the transformed inputs, up to the largest given, and weights fit their types, and the sums theirs.
  public var admits: @Sendable (QuantizedFilter, _ bias: [Int32], _ largestInput: UInt8) -> Bool

  public init(
    kernels: QuantizedConvolutionKernels,
    admits: @escaping @Sendable (QuantizedFilter, _ bias: [Int32], _ largestInput: UInt8) -> Bool
  ) {
    self.kernels = kernels
    self.admits = admits
  }
}
