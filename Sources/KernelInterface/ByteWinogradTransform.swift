/// Minimal filtering F(2x2, 3x3) of bytes that stay bytes (see `WinogradTransform`), at the points 0, 1, -1 and infinity:
///
///     Y = A^T [(G g G^T) * (B^T d B)] A,   * element by element
///
/// These are the matrices of Winograd (Arithmetic Complexity of Computations, 1980) with G made whole: of its rows, those of
/// 1 and -1 are doubled, and A halves what they give. The halves are exact, as they are of an even sum or difference.
///
/// Inputs up to 63 transform to 9 values in -126...126 at the most, and one, of 1 and 1, in 0...252: with 128 added to all but
/// that one they are unsigned bytes. So 16 multiplications of bytes do the work of 36.
public enum ByteWinogradTransform {
  /// The largest input.
  @inlinable public static var largestInput: UInt8 { 63 }
  /// What is added to transformed inputs, but those at the points 1 and 1.
  @inlinable public static var offset: Int { 128 }

  /// B^T, points x inputs.
  public static let input: [[Int]] = [
    [1, 0, -1, 0],
    [0, 1, 1, 0],
    [0, -1, 1, 0],
    [0, 1, 0, -1],
  ]

  /// G, points x taps.
  public static let filter: [[Int]] = [
    [1, 0, 0],
    [1, 1, 1],
    [1, -1, 1],
    [0, 0, -1],
  ]

  /// 2 A^T, outputs x points.
  public static let doubledOutput: [[Int]] = [
    [2, 1, 1, 0],
    [0, 1, -1, 2],
  ]

  /// Whether the transform saves time on convolutions of the shape: with few channels its own work is more than it spares.
  public static func serves(_ shape: ConvolutionShape) -> Bool {
    shape.kernel == 3 && shape.stride == 1 && shape.inputChannels >= 16 && shape.outputChannels >= 16
  }

  /// Whether inputs and weights fit bytes when they are transformed, and four biases leave room for the sums in 32 bits.
  /// O(weights).
  public static func admits(_ filter: QuantizedFilter, bias: [Int32], largestInput: UInt8) -> Bool {
    let shape = filter.shape
    guard shape.kernel == 3, shape.stride == 1, largestInput <= self.largestInput else { return false }
    guard bias.allSatisfy({ $0.magnitude < 1 << 28 }) else { return false }
    let terms = 9 * shape.inputChannels
    return filter.weights.withUnsafeBufferPointer { weights in
      (0..<shape.outputChannels).allSatisfy { output in
        largest(weights.baseAddress! + output * terms, inputs: shape.inputChannels) { Int16($0) } <= 127
      }
    }
  }

  /// The largest magnitude that the weights of an output channel, 3 x 3 x input channels, are transformed to.
  @inline(__always)
  static func largest<Weight, Value: SignedNumeric & Comparable>(
    _ weights: UnsafePointer<Weight>, inputs: Int, _ value: (Weight) -> Value
  ) -> Value {
    var largest: Value = 0
    @inline(__always)
    func transformed(_ a: Value, _ b: Value, _ c: Value) -> (Value, Value, Value, Value) {
      (a, a + c + b, a + c - b, c)
    }
    @inline(__always)
    func take(_ values: (Value, Value, Value, Value)) {
      largest = max(largest, max(max(values.0, -values.0), max(values.1, -values.1)))
      largest = max(largest, max(max(values.2, -values.2), max(values.3, -values.3)))
    }
    for input in 0..<inputs {
      @inline(__always)
      func column(_ column: Int) -> (Value, Value, Value, Value) {
        @inline(__always)
        func tap(_ row: Int) -> Value { value(weights[(3 * row + column) * inputs + input]) }
        return transformed(tap(0), tap(1), tap(2))
      }
      let (a, b, c) = (column(0), column(1), column(2))
      take(transformed(a.0, b.0, c.0))
      take(transformed(a.1, b.1, c.1))
      take(transformed(a.2, b.2, c.2))
      take(transformed(a.3, b.3, c.3))
    }
    return largest
  }
}
