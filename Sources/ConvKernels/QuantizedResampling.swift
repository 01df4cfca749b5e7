import KernelInterface

// Loops over bytes that the compiler turns into vector instructions itself.

@Sendable
func maxPoolQuantized(_ input: QuantizedMap, _ output: QuantizedMap, _ rows: Range<Int>) {
  for y in rows {
    for x in 0..<output.width {
      let top = input.pixel(2 * y, 2 * x)
      let bottom = input.pixel(2 * y + 1, 2 * x)
      let target = output.pixel(y, x)
      let step = input.pixelStride
      for channel in 0..<output.channels {
        target[channel] = max(
          max(top[channel], top[channel + step]), max(bottom[channel], bottom[channel + step]))
      }
    }
  }
}

@Sendable
func upsampleNearestQuantized(_ input: QuantizedMap, _ output: QuantizedMap, _ rows: Range<Int>) {
  for y in rows {
    for x in 0..<output.width {
      output.pixel(y, x).update(from: input.pixel(y / 2, x / 2), count: output.channels)
    }
  }
}

@Sendable
func upsampleBilinearQuantized(_ input: QuantizedMap, _ output: QuantizedMap, _ rows: Range<Int>) {
  for y in rows {
    let near = y / 2
    let far = min(max(y % 2 == 0 ? near - 1 : near + 1, 0), input.height - 1)
    for x in 0..<output.width {
      let nearX = x / 2
      let farX = min(max(x % 2 == 0 ? nearX - 1 : nearX + 1, 0), input.width - 1)
      let target = output.pixel(y, x)
      let (a, b) = (input.pixel(near, nearX), input.pixel(near, farX))
      let (c, d) = (input.pixel(far, nearX), input.pixel(far, farX))
      for channel in 0..<output.channels {
        let nearRow = 3 * UInt16(a[channel]) + UInt16(b[channel])
        let farRow = 3 * UInt16(c[channel]) + UInt16(d[channel])
        target[channel] = UInt8(truncatingIfNeeded: (3 * nearRow + farRow + 8) >> 4)
      }
    }
  }
}
