import KernelInterface

@Sendable
func maxPool(_ input: FeatureMap, _ output: FeatureMap, _ rows: Range<Int>) {
  for y in rows {
    for x in 0..<output.width {
      for c in 0..<output.channels {
        output.pixel(y, x)[c] = max(
          max(input.pixel(2 * y, 2 * x)[c], input.pixel(2 * y, 2 * x + 1)[c]),
          max(input.pixel(2 * y + 1, 2 * x)[c], input.pixel(2 * y + 1, 2 * x + 1)[c]))
      }
    }
  }
}
