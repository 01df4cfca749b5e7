import KernelInterface
import Testing

/// Besides these, the tests of the convolution of bytes and those of `QuantizedWinogradTests` run with tables
/// `withQuantizedWinograd`.
@Suite struct ByteWinogradTests {
  private typealias Transform = ByteWinogradTransform

  /// 2 A^T [(G g) * (B^T d)] is twice the correlation of d and g; by linearity for all, if for every unit vector.
  @Test func transformIsCorrelation() {
    for tap in 0..<3 {
      for input in 0..<4 {
        for output in 0..<2 {
          let sum = (0..<4).reduce(0) { sum, point in
            sum + Transform.doubledOutput[output][point] * Transform.filter[point][tap] * Transform.input[point][input]
          }
          #expect(sum == (input == output + tap ? 2 : 0))
        }
      }
    }
  }

  @Test func transformedInputsFitBytes() {
    for (row, rowFactors) in Transform.input.enumerated() {
      for (column, columnFactors) in Transform.input.enumerated() {
        let factors = rowFactors.flatMap { a in columnFactors.map { a * $0 } }
        let offset = row == 1 && column == 1 ? 0 : Transform.offset
        let largest = Int(Transform.largestInput)
        #expect(factors.reduce(0) { $0 + max($1, 0) } * largest + offset <= 255)
        #expect(factors.reduce(0) { $0 + min($1, 0) } * largest + offset >= 0)
      }
    }
  }

  private func filter(_ taps: [Int8]) throws -> QuantizedFilter {
    let shape = QuantizedWinogradTests.shape(1, 1)
    return try #require(QuantizedFilter(shape: shape, weights: taps, scales: [1]))
  }

  @Test func admitsWhatFits() throws {
    let fits: [[Int8]] = [
      [127, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, -127, 0, 0, 0, 0], [14, 14, 14, 14, 14, 14, 14, 14, 15],
      [-50, 77, 0, 0, 0, 0, 0, 0, 0], [127, 0, -127, 0, 0, 0, -127, 0, 127],
    ]
    let doesNot: [[Int8]] = [
      [14, 14, 14, 14, 16, 14, 14, 14, 14], [-50, 78, 0, 0, 0, 0, 0, 0, 0], [64, 0, 0, 0, 0, 0, 0, 0, 64],
      [0, 100, 0, -28, 0, 0, 0, 0, 0],
    ]
    for taps in fits { #expect(Transform.admits(try filter(taps), bias: [0], largestInput: 63), "\(taps)") }
    for taps in doesNot { #expect(!Transform.admits(try filter(taps), bias: [0], largestInput: 63), "\(taps)") }
    #expect(!Transform.admits(try filter(fits[0]), bias: [0], largestInput: 64))
    #expect(Transform.admits(try filter(fits[0]), bias: [1 - 1 << 28], largestInput: 63))
    #expect(!Transform.admits(try filter(fits[0]), bias: [1 << 28], largestInput: 63))
    let strided = ConvolutionShape(kernel: 3, stride: 2, inputChannels: 1, outputChannels: 1)
    let filter = QuantizedFilter(shape: strided, weights: [Float](repeating: 0, count: 9))
    #expect(!Transform.admits(filter, bias: [0], largestInput: 63))
  }

  @Test func servesShapesWithEnoughChannels() {
    #expect(Transform.serves(QuantizedWinogradTests.shape(16, 16)))
    #expect(!Transform.serves(QuantizedWinogradTests.shape(15, 16)))
    #expect(!Transform.serves(QuantizedWinogradTests.shape(16, 15)))
    for (kernel, stride) in [(1, 1), (3, 2)] {
      #expect(
        !Transform.serves(ConvolutionShape(kernel: kernel, stride: stride, inputChannels: 16, outputChannels: 16)))
    }
  }

  /// Weights are rounded as finely as the transform allows.
  @Test func fittingWeights() {
    var noise = Noise(3)
    for inputs in [1, 7, 40] {
      let shape = QuantizedWinogradTests.shape(inputs, 20)
      let weights = noise.floats(shape.macsPerPixel)
      let (fitting, plain) = (
        QuantizedFilter(shape: shape, weights: weights, fitsTransform: true),
        QuantizedFilter(shape: shape, weights: weights)
      )
      let bias = [Int32](repeating: 0, count: 20)
      #expect(Transform.admits(fitting, bias: bias, largestInput: 63))
      #expect(!Transform.admits(plain, bias: bias, largestInput: 63))
      for (index, weight) in weights.enumerated() {
        let scale = fitting.scales[index / (9 * inputs)]
        #expect(abs(Float(fitting.weights[index]) * scale - weight) <= 0.501 * scale)
        #expect(scale < 9 * plain.scales[index / (9 * inputs)])
      }
      // A little larger, and some channel would not fit.
      let larger = fitting.weights.map { Int8(($0.magnitude > 1 ? 1.1 : 1) * Float($0)) }
      let scaled = QuantizedFilter(shape: shape, weights: larger, scales: fitting.scales)
      #expect(scaled.map { Transform.admits($0, bias: bias, largestInput: 63) } == false)
    }
    // A single tap costs nothing.
    let shape = QuantizedWinogradTests.shape(1, 1)
    let taps: [Float] = [0, 0, 0, 0, 0.5, 0, 0, 0, 0]
    #expect(QuantizedFilter(shape: shape, weights: taps, fitsTransform: true).weights[4] == 127)
  }

  /// The largest and the least inputs beside each other, and weights whose transforms are as large as they may be.
  @Test(arguments: tables.compactMap(\.withQuantizedWinograd).filter(\.isByteWinograd))
  func extremesAreExact(table: KernelTable) throws {
    let filters: [[Int8]] = [
      [127, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, -127, 0, 0, 0, 0, 0, 0], [14, 14, 14, 14, 15, 14, 14, 14, 14],
      [-14, 14, -14, 14, -15, 14, -14, 14, -14], [127, 0, -127, 0, 0, 0, -127, 0, 127], [0, 63, 0, 0, 0, 0, 0, -63, 0],
    ]
    let (inputs, outputs) = (115, 17)
    let shape = QuantizedWinogradTests.shape(inputs, outputs)
    let weights = (0..<outputs * 9 * inputs).map { index in
      filters[index / (9 * inputs) % filters.count][index / inputs % 9] * (index / (9 * inputs) < 9 ? 1 : -1)
    }
    let filter = try #require(
      QuantizedFilter(shape: shape, weights: weights, scales: Array(repeating: 1, count: outputs)))
    let bias = (0..<outputs).map { Int32($0 % 2 == 0 ? 1 : -1) * (1 << 28 - 1) }
    #expect(ByteWinogradTransform.admits(filter, bias: bias, largestInput: 63))
    let input = TestByteMap(6, 7, inputs, zeroPoint: 63, largest: 63)
    for y in 0..<6 {
      for x in 0..<7 {
        for channel in 0..<inputs { input.view.pixel(y, x)[channel] = (y / 2 + x / 3 + y * x) % 2 == 0 ? 63 : 0 }
      }
    }
    func run(_ table: KernelTable) -> [UInt32] {
      let packed = UnsafeMutableRawPointer.allocate(byteCount: table.quantized.direct.packedBytes(shape), alignment: 64)
      defer { packed.deallocate() }
      table.quantized.direct.pack(shape, weights, packed)
      let output = TestMap(6, 7, outputs)
      let multipliers = [Float](repeating: 1, count: outputs)
      bias.withUnsafeBufferPointer { bias in
        multipliers.withUnsafeBufferPointer { multipliers in
          table.quantized.direct.convolve(
            QuantizedConvolution(
              shape: shape, input: input.view, output: .floats(output.view), packedWeights: packed,
              bias: bias.baseAddress!, multipliers: multipliers.baseAddress!), 0..<6)
        }
      }
      return output.bits
    }
    #expect(run(table) == run(reference))
  }
}
