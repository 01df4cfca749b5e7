import CPUFeatures
import ConvKernels
import ConvReference
import KernelInterface

#if canImport(ConvKernelsAVX2)
  import ConvKernelsAVX2
  import ConvKernelsAVX512
#endif

extension KernelTable {
  /// The tables that this machine can run, the fastest first; the plain reference is the last.
  public static let available: [KernelTable] = {
    var tables = [ConvKernels.Kernels.table, ReferenceKernels.table]
    #if canImport(ConvKernelsAVX2)
      if cpu_has_avx2() { tables.insert(ConvKernelsAVX2.Kernels.table, at: 0) }
      if cpu_has_avx512() { tables.insert(ConvKernelsAVX512.Kernels.table, at: 0) }
    #endif
    return tables
  }()

  /// The fastest table that this machine can run.
  public static let best = available[0]
}

extension KernelTable {
  /// The Winograd kernels, where they are faster than the direct convolution.
  func winograd(for shape: ConvolutionShape) -> WinogradKernels? {
    shape.kernel == 3 && shape.stride == 1 && shape.inputChannels >= 16 && shape.outputChannels >= 16 ? winograd : nil
  }
}
