import KernelInterface

// As a pass of its own, for where no convolution can store its result so.

@Sendable
func depthToSpace(_ shuffle: DepthToSpace, _ input: FeatureMap, _ output: FeatureMap, _ rows: Range<Int>) {
  for y in rows {
    let row = y / shuffle.block
    shuffleRow(
      shuffle, y % shuffle.block, input.pixel(row, 0), input.pixelStride, input.width, output.pixel(y, 0),
      output.pixelStride, output.channels)
  }
}

@Sendable
func depthToSpaceQuantized(
  _ shuffle: DepthToSpace, _ input: QuantizedMap, _ output: QuantizedMap, _ rows: Range<Int>
) {
  for y in rows {
    let row = y / shuffle.block
    shuffleRow(
      shuffle, y % shuffle.block, input.pixel(row, 0), input.pixelStride, input.width, output.pixel(y, 0),
      output.pixelStride, output.channels)
  }
}

/// Makes row `row` of the blocks of a row of pixels.
@inline(__always)
private func shuffleRow<Value>(
  _ shuffle: DepthToSpace, _ row: Int, _ input: UnsafePointer<Value>, _ inputStride: Int, _ width: Int,
  _ output: UnsafeMutablePointer<Value>, _ outputStride: Int, _ channels: Int
) {
  let block = shuffle.block
  var target = output
  for x in 0..<width {
    let pixel = input + x * inputStride
    for column in 0..<block {
      switch shuffle.order {
      case .pixelsFirst:
        let source = pixel + (block * row + column) * channels
        for channel in 0..<channels { target[channel] = source[channel] }
      case .channelsFirst:
        let source = pixel + (block * row + column)
        for channel in 0..<channels { target[channel] = source[block * block * channel] }
      }
      target += outputStride
    }
  }
}
