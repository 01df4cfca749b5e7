import KernelInterface

@Sendable
func maxPool(_ input: FeatureMap, _ output: FeatureMap, _ rows: Range<Int>) {
  for y in rows {
    for x in 0..<output.width {
      let (top, bottom) = (input.pixel(2 * y, 2 * x), input.pixel(2 * y + 1, 2 * x))
      let target = output.pixel(y, x)
      func pool(_ channel: Int, _ count: Int) {
        func load(_ pixel: UnsafeMutablePointer<Float>) -> Vector { Vector(loading: pixel + channel, upTo: count) }
        let upper = load(top).maximum(load(top + input.pixelStride))
        let lower = load(bottom).maximum(load(bottom + input.pixelStride))
        upper.maximum(lower).store(to: target + channel, upTo: count)
      }
      var channel = 0
      while channel + Vector.scalarCount <= output.channels {
        pool(channel, Vector.scalarCount)
        channel += Vector.scalarCount
      }
      if channel < output.channels { pool(channel, output.channels - channel) }
    }
  }
}
