import ConvReference
import KernelInterface

extension KernelTable {
  /// The tables that this machine can run, the fastest first; the plain reference is the last.
  public static let available: [KernelTable] = [ReferenceKernels.table]

  /// The fastest table that this machine can run.
  public static let best = available[0]
}
