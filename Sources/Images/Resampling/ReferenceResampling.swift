extension ResamplingFilter {
  /// The definition of both filters, in double precision and with no thought of speed: `3 * width * height` values in
  /// the range of the input's, 0 to 255. `ResamplingPlan` is tested against it.
  ///
  /// - Complexity: O(input + output pixels), with a large constant.
  public func reference(_ image: RGBImage, width: Int, height: Int) -> [Double] {
    let scaleX = Double(image.width) / Double(width)
    let scaleY = Double(image.height) / Double(height)
    var output: [Double] = []
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<3 {
          var sum = 0.0
          for row in reach(of: y, scaleY) {
            for column in reach(of: x, scaleX) {
              let (i, j) = (min(max(row, 0), image.height - 1), min(max(column, 0), image.width - 1))
              let value = Double(image.pixels[3 * (i * image.width + j) + channel])
              sum += weight(of: row, for: y, scaleY) * weight(of: column, for: x, scaleX) * value
            }
          }
          output.append(sum)
        }
      }
    }
    return output
  }

  /// Input pixels among which are all that have a weight for an output pixel.
  private func reach(of output: Int, _ scale: Double) -> ClosedRange<Int> {
    Int(scale * Double(output)) - 1...Int(scale * Double(output + 1)) + 1
  }

  /// The share of an input pixel in an output pixel, along one axis.
  private func weight(of input: Int, for output: Int, _ scale: Double) -> Double {
    let (low, high) = (scale * Double(output), scale * Double(output + 1))
    if self == .area, scale >= 1 { return max(0, min(high, Double(input + 1)) - max(low, Double(input))) / scale }
    return max(0, 1 - abs((low + high) / 2 - 0.5 - Double(input)))
  }
}
