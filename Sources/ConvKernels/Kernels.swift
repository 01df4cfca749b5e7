import KernelInterface

/// The operators, compiled for one instruction set.
public enum Kernels {
  public static let table = KernelTable(
    name: instructionSet,
    packedCount: packedCount,
    packConvolution: packConvolution,
    convolve: convolve,
    winograd: WinogradKernels(
      packedCount: winogradPackedCount, pack: packWinograd, scratchCount: winogradScratchCount,
      convolve: convolveWinograd),
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
        packedBytes: quantizedPackedBytes, pack: packQuantizedConvolution, scratchBytes: quantizedScratchBytes,
        convolve: convolveQuantized),
      winograd: hasByteDots ? byteWinograd : shortWinograd,
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

  private static let byteWinograd = QuantizedWinogradKernels(
    kernels: QuantizedConvolutionKernels(
      tileRows: 2, packedBytes: byteWinogradPackedBytes, pack: packByteWinograd, scratchBytes: byteWinogradScratchBytes,
      convolve: convolveByteWinograd),
    admits: ByteWinogradTransform.admits)

  private static let shortWinograd = QuantizedWinogradKernels(
    kernels: QuantizedConvolutionKernels(
      tileRows: WinogradTransform.outputs, packedBytes: quantizedWinogradPackedBytes, pack: packQuantizedWinograd,
      scratchBytes: quantizedWinogradScratchBytes, convolve: convolveQuantizedWinograd),
    admits: { filter, _, _ in IntegerWinogradTransform.admits(filter) })
}
