import KernelInterface

@Sendable
func maxPoolQuantized(_ input: QuantizedMap, _ output: QuantizedMap, _ rows: Range<Int>) {
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
    let (nearY, farY) = bilinearNeighbours(y, input.height)
    for x in 0..<output.width {
      let (nearX, farX) = bilinearNeighbours(x, input.width)
      for c in 0..<output.channels {
        let near = 3 * Int(input.pixel(nearY, nearX)[c]) + Int(input.pixel(nearY, farX)[c])
        let far = 3 * Int(input.pixel(farY, nearX)[c]) + Int(input.pixel(farY, farX)[c])
        output.pixel(y, x)[c] = UInt8((3 * near + far + 8) / 16)
      }
    }
  }
}
