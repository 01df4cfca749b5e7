/// The kernels of a 3x3 convolution with stride 1 that makes tiles of 4x4 outputs with 36 multiplications a pair of
/// channels instead of 144; see `WinogradTransform`.
///
/// Results differ from `KernelTable.convolve` by rounding, and only by that. A value that is not finite spreads to all
/// of a tile.
public struct WinogradKernels: Sendable {
  /// Number of floats that the packed weights take.
  public var packedCount: @Sendable (ConvolutionShape) -> Int
  /// Transforms weights given as output x kernel x kernel x input channels into `packed`, `packedCount` floats.
  public var pack:
    @Sendable (
      ConvolutionShape, _ weights: UnsafePointer<Float>, _ packed: UnsafeMutablePointer<Float>
    ) -> Void
  /// Number of floats of scratch memory that each thread needs, whatever the size of the maps.
  public var scratchCount: @Sendable (ConvolutionShape) -> Int
  /// Makes rows of the output. Bands of rows should start at multiples of `WinogradTransform.outputs`: a tile that is
  /// cut is made twice. The scratch memory is aligned to 64 bytes and holds anything. The addend is not the output, and nothing is rearranged.
  public var convolve: @Sendable (Convolution, _ scratch: UnsafeMutablePointer<Float>, _ rows: Range<Int>) -> Void

  public init(
    packedCount: @escaping @Sendable (ConvolutionShape) -> Int,
    pack:
      @escaping @Sendable (ConvolutionShape, UnsafePointer<Float>, UnsafeMutablePointer<Float>) ->
      Void,
    scratchCount: @escaping @Sendable (ConvolutionShape) -> Int,
    convolve: @escaping @Sendable (Convolution, UnsafeMutablePointer<Float>, Range<Int>) -> Void
  ) {
    self.packedCount = packedCount
    self.pack = pack
    self.scratchCount = scratchCount
    self.convolve = convolve
  }
}

/// Minimal filtering F(4x4, 3x3): 4x4 outputs Y of a 3x3 filter g over 6x6 inputs d by 36 multiplications,
///
///     Y = A^T [(G g G^T) * (B^T d B)] A,   * element by element
///
/// (Winograd, Arithmetic Complexity of Computations, 1980; Lavin and Gray, Fast Algorithms for Convolutional Neural
/// Networks, 2015). In one dimension the matrices evaluate the polynomials of input and filter at six points, multiply
/// there and interpolate (Toom and Cook).
///
/// The points are 0, +-5/8, +-3/2 and infinity. With the usual 0, +-1, +-2 the result errs twice as much in the mean and
/// four times at most, since 2^3 and its inverse make terms of very unequal size (Barabasz, Anderson, Soodhalter and Gregg,
/// Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural Networks, 2018, on the choice of
/// points). With these, all entries of A and B are exact in single precision.
public enum WinogradTransform {
  /// Outputs of a tile in each direction.
  public static let outputs = 4
  /// Inputs of a tile, and points, in each direction.
  public static let points = 6

  /// Of the points +-p and +-q.
  @inlinable public static var p: Float { 0.625 }
  @inlinable public static var q: Float { 1.5 }
  private static let (p1, p2, p3) = (Double(p), Double(p * p), Double(p * p * p))
  private static let (q1, q2, q3) = (Double(q), Double(q * q), Double(q * q * q))

  /// B^T, points x inputs: row i has the coefficients of the product of (x - x_j) over the finite points j other than i,
  /// the last row that over all of them.
  public static let input: [[Double]] = [
    [p2 * q2, 0, -(p2 + q2), 0, 1, 0],
    [0, -p1 * q2, -q2, p1, 1, 0],
    [0, p1 * q2, -q2, -p1, 1, 0],
    [0, -q1 * p2, -p2, q1, 1, 0],
    [0, q1 * p2, -p2, -q1, 1, 0],
    [0, p2 * q2, 0, -(p2 + q2), 0, 1],
  ]

  /// G, points x taps: row i has the powers of x_i, over the product of (x_i - x_j).
  public static let filter: [[Double]] = {
    let (f0, fp, fq) = (1 / (p2 * q2), 1 / (2 * p2 * (p2 - q2)), 1 / (2 * q2 * (q2 - p2)))
    return [
      [f0, 0, 0],
      [fp, fp * p1, fp * p2],
      [fp, -fp * p1, fp * p2],
      [fq, fq * q1, fq * q2],
      [fq, -fq * q1, fq * q2],
      [0, 0, 1],
    ]
  }()

  /// A^T, outputs x points: column i has the powers of x_i.
  public static let output: [[Double]] = [
    [1, 1, 1, 1, 1, 0],
    [0, p1, -p1, q1, -q1, 0],
    [0, p2, p2, q2, q2, 0],
    [0, p3, -p3, q3, -q3, 1],
  ]

  /// G g G^T of the nine taps `tap(row, column)`, 36 values row by row, each rounded once.
  public static func transformed(_ tap: (_ row: Int, _ column: Int) -> Float) -> [Float] {
    filter.flatMap { rowFactors in
      let columns = (0..<3).map { x in
        (0..<3).reduce(0) { $0 + rowFactors[$1] * Double(tap($1, x)) }
      }
      return filter.map { factors in Float((0..<3).reduce(0) { $0 + factors[$1] * columns[$1] }) }
    }
  }
}
