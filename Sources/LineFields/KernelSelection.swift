import FieldKernels

#if canImport(FieldKernelsAVX2)
  import CPUFeatures
  import FieldKernelsAVX2
#endif

/// The field kernels for the instruction set that this machine has; all sets make the same bits.
enum SelectedKernels {
  #if canImport(FieldKernelsAVX2)
    static let decodeRow = cpu_has_avx2() ? FieldKernelsAVX2.decodeRow : FieldKernels.decodeRow
  #else
    static let decodeRow = FieldKernels.decodeRow
  #endif
}
