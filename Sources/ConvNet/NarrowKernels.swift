import KernelInterface

extension QuantizedKernels {
  /// These kernels, and those of vectors half as long for maps whose channels would leave half of a last vector idle. Of the time
  /// with whole vectors, layers with 8 outputs take 0.35 to 0.40, with 24 outputs 0.44 to 0.72 (Zen 4, which makes two such vectors
  /// at once).
  func narrowed(by half: QuantizedKernels) -> QuantizedKernels {
    let whole = self
    var mixed = self
    mixed.direct = whole.direct.narrowed(by: half.direct)
    if let wide = whole.winograd, let narrow = half.winograd {
      mixed.winograd?.kernels = wide.kernels.narrowed(by: narrow.kernels)
    }
    mixed.add = { (isNarrow($2.channels) ? half : whole).add($0, $1, $2, $3, $4) }
    mixed.addUpsampled = { (isNarrow($2.channels) ? half : whole).addUpsampled($0, $1, $2, $3, $4) }
    return mixed
  }
}

extension QuantizedConvolutionKernels {
  fileprivate func narrowed(by half: QuantizedConvolutionKernels) -> QuantizedConvolutionKernels {
    let whole = self
    return QuantizedConvolutionKernels(
      tileRows: whole.tileRows,
      packedBytes: { (isNarrow($0.outputChannels) ? half : whole).packedBytes($0) },
      pack: { (isNarrow($0.outputChannels) ? half : whole).pack($0, $1, $2) },
      scratchBytes: { (isNarrow($0.outputChannels) ? half : whole).scratchBytes($0) },
      convolve: { (isNarrow($0.shape.outputChannels) ? half : whole).convolve($0, $1, $2) })
  }
}

/// Whether the last of the vectors of sixteen channels would be at most half full. Up to four outputs have kernels of
/// their own for whole vectors.
private func isNarrow(_ channels: Int) -> Bool { channels > 4 && 1...8 ~= channels % 16 }
