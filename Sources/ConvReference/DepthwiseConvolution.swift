import KernelInterface

/// out(y, x, c) = act(bias(c) + sum over ky, kx of w(ky, kx, c) in(s y + ky - 1, s x + kx - 1, c)).
@Sendable
func convolveDepthwise(_ d: DepthwiseConvolution, _ rows: Range<Int>) {
  let channels = d.output.channels
  for y in rows {
    for x in 0..<d.output.width {
      for c in 0..<channels {
        var sum = Double(d.bias[c])
        for ky in 0..<3 {
          for kx in 0..<3 {
            sum +=
              Double(d.weights[(3 * ky + kx) * channels + c])
              * Double(d.input.pixel(d.stride * y + ky - 1, d.stride * x + kx - 1)[c])
          }
        }
        d.output.pixel(y, x)[c] = d.activation(sum)
      }
    }
  }
}
