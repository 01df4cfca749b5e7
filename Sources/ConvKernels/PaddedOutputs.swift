import KernelInterface

extension ConvolutionShape {
  /// Output channels, filled up to whole vectors.
  var paddedOutputs: Int { (outputChannels + Vector.scalarCount - 1) / Vector.scalarCount * Vector.scalarCount }
}
