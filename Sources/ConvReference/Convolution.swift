import KernelInterface

/// The reference takes the weights as they are: output x kernel x kernel x input channels.
@Sendable
func packConvolution(
  _ shape: ConvolutionShape, _ weights: UnsafePointer<Float>, _ packed: UnsafeMutablePointer<Float>
) {
  packed.update(
    from: weights, count: shape.kernel * shape.kernel * shape.inputChannels * shape.outputChannels)
}

/// out(y, x, o) = act(bias(o) + sum over ky, kx, i of w(o, ky, kx, i) in(s y + ky - p, s x + kx - p, i) + addend(y, x, o)).
@Sendable
func convolve(_ c: Convolution, _ rows: Range<Int>) {
  let shape = c.shape
  let padding = (shape.kernel - 1) / 2
  for y in rows {
    for x in 0..<c.output.width {
      for o in 0..<shape.outputChannels {
        var sum = Double(c.bias[o])
        var weight = c.packedWeights + o * shape.kernel * shape.kernel * shape.inputChannels
        for ky in 0..<shape.kernel {
          for kx in 0..<shape.kernel {
            let pixel = c.input.pixel(shape.stride * y + ky - padding, shape.stride * x + kx - padding)
            for i in 0..<shape.inputChannels { sum += Double(weight[i]) * Double(pixel[i]) }
            weight += shape.inputChannels
          }
        }
        if let addend = c.addend { sum += Double(addend.pixel(y, x)[o]) }
        c.output.pixel(y, x)[shape.offset(ofOutput: o, halfStride: c.halfStride)] = c.activation(sum)
      }
    }
  }
}
