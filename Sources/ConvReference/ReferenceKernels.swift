import KernelInterface

/// Every operator as plain scalar loops: what the operators mean, and what the fast tables are tested against.
///
/// Sums are taken in double precision, so that a fast kernel is compared with the true value and not with another
/// order of rounding.
public enum ReferenceKernels {
  public static let table = KernelTable(
    name: "reference",
    packedCount: { $0.kernel * $0.kernel * $0.inputChannels * $0.outputChannels },
    packConvolution: packConvolution,
    convolve: convolve,
    winograd: nil,
    convolveDepthwise: convolveDepthwise,
    maxPool: maxPool,
    upsampleNearest: upsampleNearest,
    upsampleBilinear: upsampleBilinear,
    depthToSpace: depthToSpace,
    add: add,
    addUpsampled: addUpsampled,
    map: map,
    peakLoop: peakLoop,
    quantized: QuantizedKernels(
      direct: QuantizedConvolutionKernels(
        packedBytes: quantizedPackedBytes, pack: packQuantizedConvolution, scratchBytes: { _ in 0 },
        convolve: { convolution, _, rows in convolveQuantized(convolution, rows) }),
      winograd: nil,
      maxPool: maxPoolQuantized,
      upsampleNearest: upsampleNearestQuantized,
      upsampleBilinear: upsampleBilinearQuantized,
      depthToSpace: depthToSpaceQuantized,
      add: addQuantized,
      addUpsampled: addUpsampledQuantized,
      map: mapQuantized,
      quantize: quantize,
      dequantize: dequantize,
      peakLoop: quantizedPeakLoop))

  /// Winograd's convolution in plain loops: the same as the direct one but for the rounding of the packed weights.
  public static let winograd = WinogradKernels(
    packedCount: winogradPackedCount, pack: packWinograd, scratchCount: { _ in 0 }, convolve: convolveWinograd)
}
