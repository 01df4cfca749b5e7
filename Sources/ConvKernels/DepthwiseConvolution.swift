import KernelInterface
import RegisterTiles
import VectorIntrinsics

/// A vector of channels at a time: its nine weights stay in registers along the row.
@Sendable
func convolveDepthwise(_ depthwise: DepthwiseConvolution, _ rows: Range<Int>) {
  for y in rows {
    forEachGroup(of: Vector.scalarCount, in: depthwise.output.channels) { channel, count in
      convolveRow(depthwise, y, channel, count)
    }
  }
  if depthwise.activation == .sigmoid { map(depthwise.output, depthwise.output, .sigmoid, rows) }
}

@inline(__always)
private func convolveRow(_ depthwise: DepthwiseConvolution, _ y: Int, _ channel: Int, _ count: Int) {
  let channels = depthwise.output.channels
  let stride = depthwise.stride
  let floor = Vector(repeating: depthwise.activation == .relu ? 0 : -.infinity)
  func weight(_ tap: Int) -> Vector { Vector(loading: depthwise.weights + (tap * channels + channel), upTo: count) }
  let (w0, w1, w2) = (weight(0), weight(1), weight(2))
  let (w3, w4, w5) = (weight(3), weight(4), weight(5))
  let (w6, w7, w8) = (weight(6), weight(7), weight(8))
  let bias = Vector(loading: depthwise.bias + channel, upTo: count)
  for x in 0..<depthwise.output.width {
    let top = depthwise.input.pixel(stride * y - 1, stride * x - 1) + channel
    let step = depthwise.input.pixelStride
    var sum = bias
    func accumulate(_ input: UnsafeMutablePointer<Float>, _ a: Vector, _ b: Vector, _ c: Vector) {
      sum = multiply_add(sum, Vector(loading: input, upTo: count), a)
      sum = multiply_add(sum, Vector(loading: input + step, upTo: count), b)
      sum = multiply_add(sum, Vector(loading: input + 2 * step, upTo: count), c)
    }
    accumulate(top, w0, w1, w2)
    accumulate(top + depthwise.input.rowStride, w3, w4, w5)
    accumulate(top + 2 * depthwise.input.rowStride, w6, w7, w8)
    maximum(sum, floor).store(to: depthwise.output.pixel(y, x) + channel, upTo: count)
  }
}
