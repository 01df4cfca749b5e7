import KernelInterface

/// One call of a kernel, bound to its memory.
struct Step {
  /// Makes some rows of the output. No heap allocation.
  typealias Kernel = @Sendable (_ rows: Range<Int>) -> Void

  var kernel: Kernel
  /// The rows that the kernel is asked for; each may make several of the output.
  var rows: Int
  /// What it writes.
  var output: ActivationMap
  /// Whether the zeros around the output must be written anew, other values having been there.
  var clearsHalo: Bool
  /// Into how many bands of rows the work is cut.
  var bands: Int
  /// The layer of the model that it belongs to.
  var layer: Int

  /// Makes one band of the output's rows.
  func run(band: Int) {
    let (first, end) = (rows * band / bands, rows * (band + 1) / bands)
    kernel(first..<end)
    let scale = output.height / rows
    if clearsHalo { output.clearHalo(besides: scale * first..<scale * end) }
  }
}
