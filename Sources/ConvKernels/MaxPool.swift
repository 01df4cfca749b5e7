import KernelInterface
import RegisterTiles
import VectorIntrinsics

@Sendable
func maxPool(_ input: FeatureMap, _ output: FeatureMap, _ rows: Range<Int>) {
  for y in rows {
    for x in 0..<output.width {
      let (top, bottom) = (input.pixel(2 * y, 2 * x), input.pixel(2 * y + 1, 2 * x))
      let target = output.pixel(y, x)
      forEachGroup(of: Vector.scalarCount, in: output.channels) { channel, count in
        func load(_ pixel: UnsafeMutablePointer<Float>) -> Vector { Vector(loading: pixel + channel, upTo: count) }
        let upper = maximum(load(top), load(top + input.pixelStride))
        let lower = maximum(load(bottom), load(bottom + input.pixelStride))
        maximum(upper, lower).store(to: target + channel, upTo: count)
      }
    }
  }
}
