import PixelKernels

#if canImport(PixelKernelsAVX2)
  import CPUFeatures
  import PixelKernelsAVX2
#endif

/// The pixel kernels for the instruction set that this machine has; all sets make the same bits.
enum SelectedKernels {
  #if canImport(PixelKernelsAVX2)
    static let columnFeatures = cpu_has_avx2() ? PixelKernelsAVX2.columnFeatures : PixelKernels.columnFeatures
  #else
    static let columnFeatures = PixelKernels.columnFeatures
  #endif
}
