/// A change of size from one given size to another, worked out once and used for any number of pictures.
///
/// Rows first: each output row is a weighted sum of input rows, bytes as they lie in memory; the sum is then resampled
/// along the row. All in single precision, within 1e-4 of a byte's step of the exact result. Every output row depends
/// on nothing but the input, so that threads may share the rows in any way and still make the same bits.
public struct ResamplingPlan: Sendable {
  public let inputWidth: Int
  public let inputHeight: Int
  public let outputWidth: Int
  public let outputHeight: Int

  /// The input rows of each output row.
  private let rowTaps: [RowTap]
  private let rowWeights: [Float]
  /// `columnTaps` input pixels for each output pixel, the first of which is `columnStarts`; weights may be 0.
  private let columnTaps: Int
  private let columnStarts: [Int32]
  /// One factor a channel, the normalization's gain included: nothing has to be spread over a vector in the loop.
  private let columnWeights: [SIMD4<Float>]
  /// What every value starts from: the normalization's offset.
  private let offset: SIMD4<Float>

  private struct RowTap: Sendable {
    var start: Int32
    var count: Int32
    /// Index of the first weight.
    var weight: Int32
  }

  /// - Parameter normalization: what is done to the values on the way.
  /// - Precondition: all sizes are positive.
  /// - Complexity: O(input + output width + height).
  public init(
    inputWidth: Int, inputHeight: Int, outputWidth: Int, outputHeight: Int, filter: ResamplingFilter,
    normalization: Normalization = Normalization()
  ) {
    precondition(inputWidth > 0 && inputHeight > 0 && outputWidth > 0 && outputHeight > 0)
    self.inputWidth = inputWidth
    self.inputHeight = inputHeight
    self.outputWidth = outputWidth
    self.outputHeight = outputHeight

    let rows = filter.taps(inputSize: inputHeight, outputSize: outputHeight)
    var rowTaps: [RowTap] = []
    var rowWeights: [Float] = []
    for tap in rows {
      rowTaps.append(
        RowTap(start: Int32(tap.start), count: Int32(tap.weights.count), weight: Int32(rowWeights.count)))
      rowWeights += tap.weights.map { Float($0) }
    }
    self.rowTaps = rowTaps
    self.rowWeights = rowWeights

    let columns = filter.taps(inputSize: inputWidth, outputSize: outputWidth)
    let count = columns.map(\.weights.count).max() ?? 1
    columnTaps = count
    // Where the last taps would lead out of the row they start earlier, with weights of 0.
    columnStarts = columns.map { Int32(min($0.start, inputWidth - count)) }
    columnWeights = columns.flatMap { tap in
      let before = tap.start - min(tap.start, inputWidth - count)
      let after = count - before - tap.weights.count
      let weights = [Double](repeating: 0, count: before) + tap.weights + [Double](repeating: 0, count: after)
      return weights.map { Float($0) * normalization.gain }
    }
    offset = normalization.offset
  }

  /// How many floats of scratch memory one call of `resample` needs; concurrent calls need one each.
  public var scratchCount: Int { 2 * sumsCount }

  /// One row of sums, and what vector loads read behind it.
  private var sumsCount: Int { 3 * inputWidth + 4 }

  /// Makes some rows of the output.
  ///
  /// - Parameters:
  ///   - input: `3 * inputWidth * inputHeight` bytes, interleaved.
  ///   - output: red of the output pixel (0, 0); green and blue follow.
  ///   - pixelStride: floats from an output pixel to its right neighbour, at least 3; what lies between is left alone.
  ///   - rowStride: floats from an output row to the next.
  ///   - rows: the output rows to make, within `0..<outputHeight`.
  ///   - scratch: `scratchCount` floats of any content.
  /// - Complexity: O(pixels of the input rows involved + output pixels * taps). No memory is allocated.
  public func resample(
    _ input: UnsafePointer<UInt8>, to output: UnsafeMutablePointer<Float>, pixelStride: Int, rowStride: Int,
    rows: Range<Int>, scratch: UnsafeMutablePointer<Float>
  ) {
    precondition(pixelStride >= 3 && rows.lowerBound >= 0 && rows.upperBound <= outputHeight)
    rowWeights.withUnsafeBufferPointer { rowWeights in
      columnStarts.withUnsafeBufferPointer { starts in
        columnWeights.withUnsafeBufferPointer { weights in
          guard let rowWeights = rowWeights.baseAddress, let starts = starts.baseAddress,
            let weights = weights.baseAddress
          else { return }
          makeRowPairs(rows, scratch: scratch, sumsCount: sumsCount) { y, sums in
            let tap = rowTaps[y]
            SelectedKernels.sumRows(
              input + Int(tap.start) * 3 * inputWidth, 3 * inputWidth, rowWeights + Int(tap.weight), Int(tap.count),
              sums)
          } resample: { sums, y, next in
            SelectedKernels.resampleRows(
              sums, starts, weights, columnTaps, offset, outputWidth,
              (output + y * rowStride, output + next * rowStride), pixelStride)
          }
        }
      }
    }
  }
}
