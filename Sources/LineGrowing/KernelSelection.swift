import FieldKernels

#if canImport(FieldKernelsAVX2)
  import CPUFeatures
  import FieldKernelsAVX2
#endif

/// The field kernels for the instruction set that this machine has; all sets make the same bits.
enum SelectedKernels {
  #if canImport(FieldKernelsAVX2)
    private static let hasAVX2 = cpu_has_avx2()
    static let copyRow = hasAVX2 ? FieldKernelsAVX2.copyRow : FieldKernels.copyRow
    static let findRidge = hasAVX2 ? FieldKernelsAVX2.findRidge : FieldKernels.findRidge
    static let sampleAxis = hasAVX2 ? FieldKernelsAVX2.sampleAxis : FieldKernels.sampleAxis
    static let sampleStops = hasAVX2 ? FieldKernelsAVX2.sampleStops : FieldKernels.sampleStops
    static let countAligned = hasAVX2 ? FieldKernelsAVX2.countAligned : FieldKernels.countAligned
  #else
    static let copyRow = FieldKernels.copyRow
    static let findRidge = FieldKernels.findRidge
    static let sampleAxis = FieldKernels.sampleAxis
    static let sampleStops = FieldKernels.sampleStops
    static let countAligned = FieldKernels.countAligned
  #endif
}
