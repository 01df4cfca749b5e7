/// A change of size to bytes, for a network that computes with them, worked out once and used for any number of pictures:
/// a byte is the value that `ResamplingPlan` makes times a factor plus a zero point, rounded.
///
/// Rows first, then along the row, as there, but in whole numbers: sums of rows to 1/256 of a byte's step, weights along the
/// row to 15 bits. With the factor that keeps bytes as they are, the result is some hundredths of a step off before the
/// last rounding, and another 512th for each input row that an output row covers. Instruction sets, and threads that share
/// the rows in any way, make the same bytes.
public struct ByteResamplingPlan: Sendable {
  public let inputWidth: Int
  public let inputHeight: Int
  public let outputWidth: Int
  public let outputHeight: Int

  /// The first input row of each output row, and its weights, in 1/65,536.
  private let rows: [(start: Int, weights: [UInt16])]
  /// The input pixels of each output pixel: the first, then weights of red, green and blue for each pair of neighbours, as
  /// `resampleRowsToBytes` takes them.
  private let columnStarts: [Int32]
  private let columnWeights: [SIMD8<Int16>]
  private let pairs: Int
  /// What every sum starts from, and how many bits it has besides the byte's.
  private let start: SIMD4<Int32>
  private let shift: Int32

  /// - Parameters:
  ///   - factor, zeroPoint: what makes bytes of normalized values. A factor that makes more than 16,384 of a byte's step, or an
  ///     offset of more than 2^21, is taken for that: the bytes are 0 or 255 in any case.
  /// - Precondition: all sizes are positive.
  /// - Complexity: O(input + output width + height).
  public init(
    inputWidth: Int, inputHeight: Int, outputWidth: Int, outputHeight: Int, filter: ResamplingFilter,
    normalization: Normalization, factor: Float, zeroPoint: UInt8
  ) {
    precondition(inputWidth > 0 && inputHeight > 0 && outputWidth > 0 && outputHeight > 0)
    (self.inputWidth, self.inputHeight) = (inputWidth, inputHeight)
    (self.outputWidth, self.outputHeight) = (outputWidth, outputHeight)

    rows = filter.taps(inputSize: inputHeight, outputSize: outputHeight).map {
      ($0.start, wholeNumbers($0.weights, sum: 65_535).map { UInt16($0) })
    }

    func limited(_ value: Float, _ limit: Double) -> Double { value.isNaN ? 0 : max(-limit, min(limit, Double(value))) }
    let channels = 0..<3
    let gains = channels.map { limited(normalization.gain[$0] * factor, Self.largestGain) }
    let offsets = channels.map { limited(normalization.offset[$0] * factor + Float(zeroPoint), Self.largestOffset) }
    // As many bits behind the point as there is room for: the weights add up to 2^14 at most, so that their sums stay under
    // 2^29, as offsets do.
    let room = min(
      Self.largestGain / gains.reduce(0) { max($0, abs($1)) },
      Self.largestOffset / offsets.reduce(0) { max($0, abs($1)) }, 1_048_576)
    let bits = Int(room.exponent)
    let scale = Double(1 << bits)

    let columns = filter.taps(inputSize: inputWidth, outputSize: outputWidth)
    let pairs = (columns.reduce(1) { max($0, $1.weights.count) } + 1) / 2
    self.pairs = pairs
    columnStarts = columns.map { Int32($0.start) }
    columnWeights = columns.flatMap { tap in
      let weights = gains.map { gain in wholeNumbers(tap.weights.map { $0 * gain }, sum: (gain * scale).rounded()) }
      return (0..<pairs).map { pair in
        var lanes = SIMD8<Int16>()
        for lane in 0..<6 where 2 * pair + lane % 2 < tap.weights.count {
          lanes[lane] = Int16(weights[lane / 2][2 * pair + lane % 2])
        }
        return lanes
      }
    }
    // Sums of rows have 8 bits behind the point, and lack 2^15.
    var start = SIMD4<Int32>()
    for channel in channels {
      let half = Double(1 << (bits + 7))
      start[channel] = Int32(
        (offsets[channel] * scale * 256).rounded() + half + 32_768 * (gains[channel] * scale).rounded())
    }
    self.start = start
    shift = Int32(bits + 8)
  }

  private static let largestGain = 16_384.0
  private static let largestOffset = 2_097_152.0

  /// How many 16-bit integers of scratch memory one call of `resample` needs; concurrent calls need one each.
  public var scratchCount: Int { 2 * sumsCount }

  /// One row of sums, and what is read behind it: the last pixel's pairs, and what a vector holds beyond.
  private var sumsCount: Int { 3 * inputWidth + 6 * pairs + 2 }

  /// Makes some rows of the output.
  ///
  /// - Parameters:
  ///   - input: `3 * inputWidth * inputHeight` bytes, interleaved.
  ///   - output: red of the output pixel (0, 0); green and blue follow, and a byte without meaning that is written too.
  ///   - rowStride: bytes from an output row to the next.
  ///   - rows: the output rows to make, within `0..<outputHeight`.
  ///   - scratch: `scratchCount` integers of any content.
  /// - Complexity: O(pixels of the input rows involved + output pixels * taps). No memory is allocated.
  public func resample(
    _ input: UnsafePointer<UInt8>, to output: UnsafeMutablePointer<UInt8>, rowStride: Int, rows: Range<Int>,
    scratch: UnsafeMutablePointer<Int16>
  ) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= outputHeight)
    columnStarts.withUnsafeBufferPointer { starts in
      columnWeights.withUnsafeBufferPointer { weights in
        guard let starts = starts.baseAddress, let weights = weights.baseAddress else { return }
        makeRowPairs(rows, scratch: scratch, sumsCount: sumsCount) { y, sums in
          let row = self.rows[y]
          SelectedKernels.sumRowsToShorts(
            input + row.start * 3 * inputWidth, 3 * inputWidth, row.weights, row.weights.count, sums)
        } resample: { sums, y, next in
          SelectedKernels.resampleRowsToBytes(
            sums, starts, weights, pairs, start, shift, outputWidth,
            (output + y * rowStride, output + next * rowStride))
        }
      }
    }
  }
}

/// Whole numbers in the ratio of the values that add up to `sum` exactly: a plain picture stays plain.
private func wholeNumbers(_ values: [Double], sum: Double) -> [Double] {
  let total = values.reduce(0, +)
  var (before, cut) = (0.0, 0.0)
  return values.map { value in
    before += value
    let next = total == 0 ? 0 : (before / total * sum).rounded()
    defer { cut = next }
    return next - cut
  }
}
