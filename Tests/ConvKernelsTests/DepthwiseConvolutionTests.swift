import KernelInterface
import Testing

@Suite struct DepthwiseConvolutionTests {
  func run(
    _ table: KernelTable, _ height: Int, _ width: Int, _ channels: Int, stride: Int, spare: Int = 0,
    _ activation: Activation = .none, bandHeight: Int = .max
  ) -> TestMap {
    let input = TestMap(height, width, channels, spare: spare, seed: 1)
    let output = TestMap((height + stride - 1) / stride, (width + stride - 1) / stride, channels, spare: spare)
    var noise = Noise(2)
    let weights = noise.floats(9 * channels)
    let bias = noise.floats(channels)
    weights.withUnsafeBufferPointer { weights in
      bias.withUnsafeBufferPointer { bias in
        let depthwise = DepthwiseConvolution(
          stride: stride, input: input.view, output: output.view, weights: weights.baseAddress!,
          bias: bias.baseAddress!, activation: activation)
        var next = 0
        while next < output.view.height {
          let end = min(output.view.height, bandHeight == .max ? .max : next + bandHeight)
          table.convolveDepthwise(depthwise, next..<end)
          next = end
        }
      }
    }
    return output
  }

  @Test(arguments: tables)
  func agreesWithReference(table: KernelTable) {
    for (height, width) in [(1, 1), (1, 6), (5, 1), (7, 21)] {
      for channels in [1, 3, 4, 5, 8, 11, 16, 17, 32, 39] {
        for stride in [1, 2] {
          for (spare, activation) in [(0, Activation.none), (2, .relu), (0, .sigmoid)] {
            let output = run(table, height, width, channels, stride: stride, spare: spare, activation)
            let expected = run(reference, height, width, channels, stride: stride, spare: spare, activation)
            let name = "\(table.name) \(height)x\(width)x\(channels) / \(stride) \(activation)"
            #expect(largestDifference(output.values, expected.values) < 2e-6, "\(name)")
            #expect(output.surroundingsAreUntouched, "\(name)")
          }
        }
      }
    }
  }

  @Test(arguments: tables)
  func bandsDoNotChangeABit(table: KernelTable) {
    #expect(run(table, 9, 10, 21, stride: 1).bits == run(table, 9, 10, 21, stride: 1, bandHeight: 2).bits)
  }
}
