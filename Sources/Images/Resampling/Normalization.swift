/// What is done to a byte before a network sees it: `(scale * value - mean) / deviation`, channel by channel.
public struct Normalization: Equatable, Sendable {
  /// Factor of the value, in lanes 0 to 2.
  var gain: SIMD4<Float>
  /// What is added then, in lanes 0 to 2.
  var offset: SIMD4<Float>

  /// - Parameters:
  ///   - scale: 1/255 makes bytes values in [0, 1].
  ///   - mean: of red, green and blue, after scaling.
  ///   - deviation: of red, green and blue, after scaling; not 0.
  public init(
    scale: Float = 1 / 255, mean: (Float, Float, Float) = (0, 0, 0), deviation: (Float, Float, Float) = (1, 1, 1)
  ) {
    let deviation = SIMD4(deviation.0, deviation.1, deviation.2, 1)
    gain = scale / deviation
    offset = -SIMD4(mean.0, mean.1, mean.2, 0) / deviation
  }

  /// The bytes' values as they are, 0 to 255.
  public static let none = Normalization(scale: 1)
}
