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

  /// - Parameters:
  ///   - normalization: what is done to the values on the way.
  ///   - extent: how many input pixels the output covers, horizontally and vertically; nil for all. A JPEG decoded at a
  ///     fraction of its size ends somewhere in its last pixels.
  /// - Precondition: all sizes are positive.
  /// - Complexity: O(input + output width + height).
  public init(
    inputWidth: Int, inputHeight: Int, outputWidth: Int, outputHeight: Int, filter: ResamplingFilter,
    normalization: Normalization = Normalization(), extent: (width: Double, height: Double)? = nil
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
      let weights = [Double](repeating: 0, count: before) + tap.weights + [Double](repeating: 0, count: after)
      return weights.map { Float($0) * normalization.gain }
    }
    offset = normalization.offset
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
    rows: Range<Int>, scratch: UnsafeMutablePointer<Float>
  ) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= outputHeight && pixelStride >= 3)
    columnStarts.withUnsafeBufferPointer { starts in
      columnWeights.withUnsafeBufferPointer { weights in
        guard let starts = starts.baseAddress, let weights = weights.baseAddress else { return }
        for y in rows {
          sumRows(of: input, for: y, into: scratch)
          let target = output + y * rowStride
          // The usual numbers of taps apart, so that their loops are unrolled.
          switch columnTaps {
          case 1: resampleRow(scratch, starts, weights, taps: 1, to: target, pixelStride: pixelStride)
          case 2: resampleRow(scratch, starts, weights, taps: 2, to: target, pixelStride: pixelStride)
          case 3: resampleRow(scratch, starts, weights, taps: 3, to: target, pixelStride: pixelStride)
          default: resampleRow(scratch, starts, weights, taps: columnTaps, to: target, pixelStride: pixelStride)
          }
        }
      }
    }
  }

  /// The weighted sum of the input rows that make output row `y`: `3 * inputWidth` floats in the input's range.
  private func sumRows(of input: UnsafePointer<UInt8>, for y: Int, into sums: UnsafeMutablePointer<Float>) {
    let count = 3 * inputWidth
    let tap = rowTaps[y]
    let first = input + Int(tap.start) * count
    func row(_ index: Int) -> UnsafePointer<UInt8> { first + min(index, Int(tap.count) - 1) * count }
    func weight(_ index: Int) -> Float { index < tap.count ? rowWeights[Int(tap.weight) + index] : 0 }

    // Up to three rows at once, as many as there are unless the picture shrinks a lot: sums are then stored only once.
    let (a, b, c) = (row(0), row(1), row(2))
    let (wa, wb, wc) = (weight(0), weight(1), weight(2))
    switch tap.count {
    case 1: for x in 0..<count { sums[x] = wa * Float(a[x]) }
    case 2: for x in 0..<count { sums[x] = wa * Float(a[x]) + wb * Float(b[x]) }
    default: for x in 0..<count { sums[x] = wa * Float(a[x]) + wb * Float(b[x]) + wc * Float(c[x]) }
    }
    for index in stride(from: 3, to: Int(tap.count), by: 3) {
      let (a, b, c) = (row(index), row(index + 1), row(index + 2))
      let (wa, wb, wc) = (weight(index), weight(index + 1), weight(index + 2))
      for x in 0..<count { sums[x] += wa * Float(a[x]) + wb * Float(b[x]) + wc * Float(c[x]) }
    }
  }

  @inline(__always)
  private func resampleRow(
    _ row: UnsafeMutablePointer<Float>, _ starts: UnsafePointer<Int32>, _ weights: UnsafePointer<SIMD4<Float>>,
    taps: Int, to output: UnsafeMutablePointer<Float>, pixelStride: Int
  ) {
    var (start, weight, target) = (starts, weights, output)
    for _ in 0..<outputWidth {
      let pixels = UnsafeRawPointer(row + 3 &* Int(start.pointee))
      var sum = offset
      for tap in 0..<taps {
        // The fourth lane is another pixel's red and goes nowhere.
        sum += weight[tap] * pixels.loadUnaligned(fromByteOffset: 12 &* tap, as: SIMD4<Float>.self)
      }
      target[0] = sum.x
      target[1] = sum.y
      target[2] = sum.z
      start += 1
      weight += taps
      target += pixelStride
    }
  }
}
