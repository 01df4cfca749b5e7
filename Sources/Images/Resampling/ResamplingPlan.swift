/// A change of size from one given size to another, worked out once and used for any number of pictures.
///
/// Rows first: each output row is a weighted sum of input rows, in fixed point on bytes as they lie in memory; the sum
/// is then resampled along the row in single precision. Every output row depends on nothing but the input, so that
/// threads may share the rows in any way and still make the same bits.
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
  private let columnWeights: [Float]

  private struct RowTap: Sendable {
    var start: Int32
    var count: Int32
    /// Index of the first weight.
    var weight: Int32
  }

  /// - Parameters:
  ///   - extent: how many input pixels the output covers, horizontally and vertically; nil for all. A JPEG decoded at a
  ///     fraction of its size ends somewhere in its last pixels.
  /// - Precondition: all sizes are positive.
  /// - Complexity: O(input + output width + height).
  public init(
    inputWidth: Int, inputHeight: Int, outputWidth: Int, outputHeight: Int, filter: ResamplingFilter,
    extent: (width: Double, height: Double)? = nil
  ) {
    precondition(inputWidth > 0 && inputHeight > 0 && outputWidth > 0 && outputHeight > 0)
    self.inputWidth = inputWidth
    self.inputHeight = inputHeight
    self.outputWidth = outputWidth
    self.outputHeight = outputHeight

    let rows = filter.taps(
      inputSize: inputHeight, outputSize: outputHeight, extent: extent?.height ?? Double(inputHeight))
    var rowTaps: [RowTap] = []
    var rowWeights: [Float] = []
    for tap in rows {
      rowTaps.append(
        RowTap(start: Int32(tap.start), count: Int32(tap.weights.count), weight: Int32(rowWeights.count)))
      rowWeights += tap.weights.map { Float($0) }
    }
    self.rowTaps = rowTaps
    self.rowWeights = rowWeights

    let columns = filter.taps(
      inputSize: inputWidth, outputSize: outputWidth, extent: extent?.width ?? Double(inputWidth))
    let count = columns.map(\.weights.count).max() ?? 1
    columnTaps = count
    // Where the last taps would lead out of the row they start earlier, with weights of 0.
    columnStarts = columns.map { Int32(min($0.start, inputWidth - count)) }
    columnWeights = columns.flatMap { tap in
      let before = tap.start - min(tap.start, inputWidth - count)
      let after = count - before - tap.weights.count
      return [Float](repeating: 0, count: before) + tap.weights.map { Float($0) } + [Float](repeating: 0, count: after)
    }
  }

  /// How many floats of scratch memory one call of `resample` needs; concurrent calls need one each.
  public var scratchCount: Int { 3 * inputWidth + 32 }

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
    normalization: Normalization = Normalization(), rows: Range<Int>, scratch: UnsafeMutablePointer<Float>
  ) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= outputHeight && pixelStride >= 3)
    for y in rows {
      sumRows(of: input, for: y, into: scratch)
      resampleRow(scratch, to: output + y * rowStride, pixelStride: pixelStride, normalization: normalization)
    }
  }

  /// The weighted sum of the input rows that make output row `y`: `3 * inputWidth` floats in the input's range.
  private func sumRows(of input: UnsafePointer<UInt8>, for y: Int, into sums: UnsafeMutablePointer<Float>) {
    let count = 3 * inputWidth
    let tap = rowTaps[y]
    for index in 0..<Int(tap.count) {
      let row = input + (Int(tap.start) + index) * count
      let weight = rowWeights[Int(tap.weight) + index]
      if index == 0 {
        for x in 0..<count { sums[x] = weight * Float(row[x]) }
      } else {
        for x in 0..<count { sums[x] += weight * Float(row[x]) }
      }
    }
  }

  private func resampleRow(
    _ row: UnsafeMutablePointer<Float>, to output: UnsafeMutablePointer<Float>, pixelStride: Int,
    normalization: Normalization
  ) {
    for x in 0..<outputWidth {
      var sum = SIMD4<Float>.zero
      let start = 3 * Int(columnStarts[x])
      for index in 0..<columnTaps {
        // The fourth lane is another pixel's red and goes nowhere.
        let pixel = UnsafeRawPointer(row + start + 3 * index).loadUnaligned(as: SIMD4<Float>.self)
        sum += columnWeights[x * columnTaps + index] * pixel
      }
      let value = sum * normalization.gain + normalization.offset
      let pixel = output + x * pixelStride
      pixel[0] = value.x
      pixel[1] = value.y
      pixel[2] = value.z
    }
  }
}
