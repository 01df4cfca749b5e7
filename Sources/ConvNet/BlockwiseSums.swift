import KernelInterface
import ModelFormat

extension Graph {
  /// For each layer that is a dense convolution whose rounding matters, the ranges of input channels that are summed apart
  /// before the sums are added up; nil for the others.
  ///
  /// What a sum of n terms loses by rounding grows with the longest chain of additions, which blocks make shorter
  /// (Higham, Accuracy and Stability of Numerical Algorithms, 4.2). An error made in the first layers passes through all
  /// others and some networks amplify it a thousandfold, so the first layers, down to a quarter of the input's size, are
  /// summed in blocks of 16 channels, and the image itself channel by channel: there it costs little.
  func inputBlocks() -> [[Range<Int>]?] {
    // How much smaller than the input each value is; nil once something was made larger again.
    var strides: [Int?] = [1]
    return layers.map { layer in
      var stride = layer.inputs.map { strides[$0] }.max { ($0 ?? .max) < ($1 ?? .max) } ?? nil
      defer { strides.append(stride) }
      switch layer.operation {
      case .convolution(let shape, _, _):
        stride = stride.map { $0 * shape.stride }
        guard let stride, stride <= 4 else { return nil }
        return shape.inputBlocks(of: shape.inputChannels < 4 ? 1 : 16)
      case .depthwiseConvolution(let step, _, _, _): stride = stride.map { $0 * step }
      case .maxPool: stride = stride.map { $0 * 2 }
      case .upsample, .depthToSpace: stride = nil
      case .concatenate, .add, .slice, .activate: break
      }
      return nil
    }
  }
}

extension ConvolutionShape {
  fileprivate func inputBlocks(of size: Int) -> [Range<Int>] {
    Swift.stride(from: 0, to: inputChannels, by: size).map { $0..<min($0 + size, inputChannels) }
  }

  /// The weights of some of the input channels, out of OHWI.
  func restrict(_ weights: [Float], to block: Range<Int>) -> [Float] {
    var part: [Float] = []
    part.reserveCapacity(weights.count / inputChannels * block.count)
    for start in Swift.stride(from: 0, to: weights.count, by: inputChannels) {
      part += weights[start + block.lowerBound..<start + block.upperBound]
    }
    return part
  }

  /// The same convolution of some of the input channels.
  func restricted(to block: Range<Int>) -> ConvolutionShape {
    ConvolutionShape(kernel: kernel, stride: stride, inputChannels: block.count, outputChannels: outputChannels)
  }
}
