import KernelInterface

/// One call of a kernel, bound to its memory.
struct Step {
  /// Makes some rows of the output. No heap allocation. `worker` is the number of the thread that calls it.
  typealias Kernel = @Sendable (_ rows: Range<Int>, _ worker: Int) -> Void

  var kernel: Kernel
  /// The rows that the kernel is asked for; each may make several of the output.
  var rows: Int
  /// What it writes.
  var output: ActivationMap
  /// Whether the zeros around the output must be written anew, other values having been there.
  var clearsHalo: Bool
  /// Into how many bands of rows the work is cut.
  var bands: Int
  /// Bands start at multiples of so many rows.
  var granularity: Int
  /// The layer of the model that it belongs to.
  var layer: Int

  /// Makes one band of the output's rows.
  func run(band: Int, worker: Int) {
    let units = (rows + granularity - 1) / granularity
    let (first, end) = (units * band / bands * granularity, min(units * (band + 1) / bands * granularity, rows))
    kernel(first..<end, worker)
    let scale = output.height / rows
    if clearsHalo { output.clearHalo(besides: scale * first..<scale * end) }
  }
}
