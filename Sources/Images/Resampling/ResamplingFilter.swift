/// How pixels are weighed when a picture changes its size. Both are separable; edges are clamped.
///
/// With `s = input size / output size`, the output pixel `i` (0-based) covers the input from `s * i` to `s * (i + 1)`,
/// where the input pixel `j` reaches from `j` to `j + 1`.
public enum ResamplingFilter: String, Sendable, CaseIterable {
  /// Mean over the area that the output pixel covers, fractions of pixels included, along an axis that shrinks; along one
  /// that grows, as `bilinear`: a mean over less than a pixel would repeat pixels, some and not others.
  case area
  /// Linear interpolation at the output pixel's centre, `s * (i + 1/2)`, between the two nearest centres: no smoothing,
  /// however much the picture shrinks.
  case bilinear
}

/// The input pixels that make one output pixel along one axis.
struct ResamplingTap: Equatable {
  /// The first input pixel.
  var start: Int
  /// Weights of the pixels from there on; they add up to 1.
  var weights: [Double]
}

extension ResamplingFilter {
  /// The taps of all `outputSize` pixels of an axis.
  func taps(inputSize: Int, outputSize: Int) -> [ResamplingTap] {
    let scale = Double(inputSize) / Double(outputSize)
    let last = inputSize - 1
    return (0..<outputSize).map { index in
      switch self {
      case .area where scale >= 1:
        let low = min(scale * Double(index), Double(last))
        let high = min(max(scale * Double(index + 1), low), Double(inputSize))
        let start = Int(low)
        let end = min(max(Int(high.rounded(.up)), start + 1), inputSize)
        var weights = (start..<end).map { max(0, min(high, Double($0 + 1)) - max(low, Double($0))) }
        // An end that misses a pixel border by a rounding error covers nothing of the next pixel.
        while weights.count > 1, weights[weights.count - 1] < 1e-9 * scale { weights.removeLast() }
        let total = weights.reduce(0, +)
        return ResamplingTap(start: start, weights: total > 0 ? weights.map { $0 / total } : [1])
      case .area, .bilinear:
        let position = min(max(scale * (Double(index) + 0.5) - 0.5, 0), Double(last))
        let start = min(Int(position), max(last - 1, 0))
        let fraction = position - Double(start)
        return ResamplingTap(start: start, weights: fraction == 0 ? [1] : [1 - fraction, fraction])
      }
    }
  }
}
