import PixelKernels

#if canImport(PixelKernelsAVX2)
  import CPUFeatures
  import PixelKernelsAVX2
#endif

/// The pixel kernels for the instruction set that this machine has; all sets make the same bits.
enum SelectedKernels {
  #if canImport(PixelKernelsAVX2)
    private static let hasAVX2 = cpu_has_avx2()
    static let sumRows = hasAVX2 ? PixelKernelsAVX2.sumRows : PixelKernels.sumRows
    static let sumRowsToShorts = hasAVX2 ? PixelKernelsAVX2.sumRowsToShorts : PixelKernels.sumRowsToShorts
    static let resampleRows = hasAVX2 ? PixelKernelsAVX2.resampleRows : PixelKernels.resampleRows
    static let resampleRowsToBytes =
      hasAVX2 ? PixelKernelsAVX2.resampleRowsToBytes : PixelKernels.resampleRowsToBytes
  #else
    static let sumRows = PixelKernels.sumRows
    static let sumRowsToShorts = PixelKernels.sumRowsToShorts
    static let resampleRows = PixelKernels.resampleRows
    static let resampleRowsToBytes = PixelKernels.resampleRowsToBytes
  #endif
}
