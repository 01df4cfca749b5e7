import KernelInterface

@Sendable
func quantizedPackedBytes(_ shape: ConvolutionShape) -> Int { shape.macsPerPixel }

/// The reference takes the weights as they are: output x kernel x kernel x input channels.
@Sendable
func packQuantizedConvolution(
  _ shape: ConvolutionShape, _ weights: UnsafePointer<Int8>, _ packed: UnsafeMutableRawPointer
) {
  packed.copyMemory(from: weights, byteCount: shape.macsPerPixel)
}

@Sendable
func convolveQuantized(_ c: QuantizedConvolution, _ rows: Range<Int>) {
  let shape = c.shape
  let padding = (shape.kernel - 1) / 2
  let weights = c.packedWeights.assumingMemoryBound(to: Int8.self)
  for y in rows {
    for x in 0..<c.output.width {
      for o in 0..<shape.outputChannels {
        var sum = c.bias[o]
        var weight = weights + o * shape.kernel * shape.kernel * shape.inputChannels
        for ky in 0..<shape.kernel {
          for kx in 0..<shape.kernel {
            let pixel = c.input.pixel(shape.stride * y + ky - padding, shape.stride * x + kx - padding)
            for i in 0..<shape.inputChannels { sum += Int32(weight[i]) * Int32(pixel[i]) }
            weight += shape.inputChannels
          }
        }
        var value = Float(sum) * c.multipliers[o]
        if let addend = c.addend {
          value += (Float(addend.pixel(y, x)[o]) - Float(addend.zeroPoint)) * (addend.scale / c.output.scale)
        }
        let offset = shape.offset(ofOutput: o, halfStride: c.halfStride)
        switch c.output {
        case .bytes(let map): map.pixel(y, x)[offset] = byte(value, map, c.activation)
        case .floats(let map): map.pixel(y, x)[offset] = c.activation(Double(value))
        }
      }
    }
  }
}

/// The byte of the map nearest to `value`, in units of the map, plus the zero point; under ReLU at least that.
func byte(_ value: Float, _ map: QuantizedMap, _ activation: Activation) -> UInt8 {
  let nearest = (Double(value) + Double(map.zeroPoint)).rounded(.toNearestOrEven)
  let least = activation == .relu ? Double(map.zeroPoint) : 0
  // Said so that not-a-number becomes the least byte, as in vector instructions.
  return UInt8(nearest > least ? min(nearest, Double(map.largest)) : least)
}

/// One sum: the rate of scalar code that waits for each result.
@Sendable
func quantizedPeakLoop(_ iterations: Int, _ sums: UnsafeMutablePointer<Int32>) -> Int {
  for _ in 0..<iterations { sums[0] &+= sums[0] &* sums[1] }
  return iterations
}
