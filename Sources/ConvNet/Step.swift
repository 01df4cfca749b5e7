import KernelInterface

/// One call of a kernel, bound to its memory.
struct Step {
  enum Kernel {
    case convolve(Convolution)
    case convolveDepthwise(DepthwiseConvolution)
    case maxPool(input: FeatureMap, output: FeatureMap)
    case upsampleNearest(input: FeatureMap, output: FeatureMap)
    case upsampleBilinear(input: FeatureMap, output: FeatureMap)
    case add(FeatureMap, FeatureMap, output: FeatureMap, Activation)
    case map(input: FeatureMap, output: FeatureMap, Activation)
  }

  var kernel: Kernel
  /// What it writes.
  var output: FeatureMap
  /// Whether the zeros around the output must be written anew, other values having been there.
  var clearsHalo: Bool
  /// Into how many bands of rows the work is cut.
  var bands: Int
  /// The layer that it belongs to.
  var layer: Int

  /// Makes one band of the output's rows.
  func run(band: Int, with kernels: KernelTable) {
    let height = output.height
    let rows = height * band / bands..<height * (band + 1) / bands
    switch kernel {
    case .convolve(let convolution): kernels.convolve(convolution, rows)
    case .convolveDepthwise(let convolution): kernels.convolveDepthwise(convolution, rows)
    case .maxPool(let input, let output): kernels.maxPool(input, output, rows)
    case .upsampleNearest(let input, let output): kernels.upsampleNearest(input, output, rows)
    case .upsampleBilinear(let input, let output): kernels.upsampleBilinear(input, output, rows)
    case .add(let a, let b, let output, let activation): kernels.add(a, b, output, activation, rows)
    case .map(let input, let output, let activation): kernels.map(input, output, activation, rows)
    }
    if clearsHalo { output.clearHalo(besides: rows) }
  }
}

extension FeatureMap {
  /// Writes zeros left and right of these rows, and above and below the map if they reach its top or bottom.
  func clearHalo(besides rows: Range<Int>) {
    func clear(_ y: Int, _ columns: Range<Int>) {
      for x in columns { pixel(y, x).update(repeating: 0, count: channels) }
    }
    if rows.lowerBound == 0 { clear(-1, -1..<width + 1) }
    if rows.upperBound == height { clear(height, -1..<width + 1) }
    for y in rows {
      clear(y, -1..<0)
      clear(y, width..<width + 1)
    }
  }
}
