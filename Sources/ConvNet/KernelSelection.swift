import CPUFeatures
import ConvKernels
import ConvReference
import KernelInterface

#if canImport(ConvKernelsAVX2)
  import ConvKernelsAVX2
  import ConvKernelsAVX512
  import ConvKernelsAVX512Half
#endif

extension KernelTable {
  /// The tables that this machine can run, the fastest first; the plain reference is the last.
  public static let available: [KernelTable] = {
    var tables = [ConvKernels.Kernels.table, ReferenceKernels.table]
    #if canImport(ConvKernelsAVX2)
      if cpu_has_avx2() { tables.insert(ConvKernelsAVX2.Kernels.table, at: 0) }
      if cpu_has_avx512() {
        var table = ConvKernelsAVX512.Kernels.table
        table.quantized = table.quantized.narrowed(by: ConvKernelsAVX512Half.Kernels.table.quantized)
        tables.insert(table, at: 0)
      }
    #endif
    return tables
  }()

  /// The fastest table that this machine can run.
  public static let best = available[0]
}

extension KernelTable {
  /// The Winograd kernels, where they are faster than the direct convolution: of its time they take 0.46 at 16>16 channels
  /// and 0.28 to 0.45 above (AVX-512; 0.30 to 0.61 on AVX2, 0.52 to 0.59 on SSE2), but 1.3 at 8>8, as the transforms
  /// fill whole vectors of channels. Very small maps, of fewer than some ten tiles, would gain from the direct one, but
  /// cost nothing.
  ///
  /// They are not for layers whose rounding matters (`Graph.inputBlocks`): theirs is that of one long chain of sums.
  func winograd(for shape: ConvolutionShape) -> WinogradKernels? {
    shape.kernel == 3 && shape.stride == 1 && shape.inputChannels >= 16 && shape.outputChannels >= 16 ? winograd : nil
  }

  /// The Winograd kernels of bytes, where they are faster than the direct convolution: of its time they take 0.3 to 0.5 on
  /// AVX2 and on SSE2, 0.57 to 0.75 on AVX-512 where their inputs and weights are small enough. Their results are the same bits, so that they are for all layers.
  func quantizedWinograd(
    for filter: QuantizedFilter, bias: [Int32], largestInput: UInt8
  ) -> QuantizedConvolutionKernels? {
    guard ByteWinogradTransform.serves(filter.shape), let winograd = quantized.winograd else { return nil }
    return winograd.admits(filter, bias, largestInput) ? winograd.kernels : nil
  }
}
