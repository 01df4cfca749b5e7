/// Minimal filtering F(4x4, 3x3) in whole numbers (see `WinogradTransform`), at the points 0, +-1, +-2 and infinity:
///
///     576 Y = A^T [(G g G^T) * (B^T d B)] A,   * element by element
///
/// These are the matrices of Lavin and Gray (Fast Algorithms for Convolutional Neural Networks, 2015) with G made whole by
/// the factor 24, of which its last row leaves one half to A. Transformed bytes and weights fit 16 bits. Their products
/// summed over the channels do not fit 32; but sums, differences and products modulo 2^32 are all that is left to do, so
/// 576 Y comes out exactly modulo 2^32. Now 576 = 9 * 2^6, and 9 has an inverse modulo 2^32: by it, 2^6 Y is found modulo 2^32,
/// and Y itself if it fits 26 bits.
public enum IntegerWinogradTransform {
  /// B^T, points x inputs.
  public static let input: [[Int]] = [
    [4, 0, -5, 0, 1, 0],
    [0, -4, -4, 1, 1, 0],
    [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
  ]

  /// G, points x taps.
  public static let filter: [[Int]] = [
    [6, 0, 0],
    [-4, -4, -4],
    [-4, 4, -4],
    [1, 2, 4],
    [1, -2, 4],
    [0, 0, 12],
  ]

  /// A^T, outputs x points.
  public static let output: [[Int]] = [
    [1, 1, 1, 1, 1, 0],
    [0, 1, -1, 2, -2, 0],
    [0, 1, 1, 4, 4, 0],
    [0, 1, -1, 8, -8, 2],
  ]

  /// The inverse of 9 modulo 2^32.
  @inlinable public static var inverseOf9: Int32 { 954_437_177 }
  /// By which 2^6 Y is shifted.
  @inlinable public static var shift: Int32 { 6 }

  /// Whether no sum of products with bytes leaves 26 bits: so up to 115 input channels whatever the weights are, and as
  /// weights are, with several hundred.
  public static func admits(_ filter: QuantizedFilter) -> Bool {
    let shape = filter.shape
    guard shape.kernel == 3, shape.stride == 1 else { return false }
    let terms = 9 * shape.inputChannels
    return (0..<shape.outputChannels).allSatisfy { output in
      255 * filter.weights[output * terms..<(output + 1) * terms].reduce(0) { $0 + Int($1.magnitude) } < 1 << 25
    }
  }
}
