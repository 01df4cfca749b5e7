import KernelInterface

@Sendable
func depthToSpace(_ d: DepthToSpace, _ input: FeatureMap, _ output: FeatureMap, _ rows: Range<Int>) {
  for y in rows {
    for x in 0..<output.width {
      for c in 0..<output.channels {
        let channel = d.inputChannel(c, of: output.channels, row: y % d.block, column: x % d.block)
        output.pixel(y, x)[c] = input.pixel(y / d.block, x / d.block)[channel]
      }
    }
  }
}

@Sendable
func depthToSpaceQuantized(_ d: DepthToSpace, _ input: QuantizedMap, _ output: QuantizedMap, _ rows: Range<Int>) {
  for y in rows {
    for x in 0..<output.width {
      for c in 0..<output.channels {
        let channel = d.inputChannel(c, of: output.channels, row: y % d.block, column: x % d.block)
        output.pixel(y, x)[c] = input.pixel(y / d.block, x / d.block)[channel]
      }
    }
  }
}
