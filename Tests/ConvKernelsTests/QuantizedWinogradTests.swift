import KernelInterface
import Testing

/// Besides these, all tests of the convolution of bytes run with `withQuantizedWinograd` too.
@Suite struct QuantizedWinogradTests {
  private typealias Transform = IntegerWinogradTransform

  static func shape(_ input: Int, _ output: Int) -> ConvolutionShape {
    ConvolutionShape(kernel: 3, stride: 1, inputChannels: input, outputChannels: output)
  }

  // MARK: The transform

  /// A^T [(G g) * (B^T d)] is 24 times the correlation of d and g; by linearity for all, if for every unit vector.
  @Test func transformIsCorrelation() {
    for tap in 0..<3 {
      for input in 0..<6 {
        for output in 0..<4 {
          let sum = (0..<6).reduce(0) { sum, point in
            sum + Transform.output[output][point] * Transform.filter[point][tap] * Transform.input[point][input]
          }
          #expect(sum == (input == output + tap ? 24 : 0))
        }
      }
    }
  }

  @Test func bytesAndWeightsFit16Bits() {
    /// The largest magnitude of M X M^T for X in the range.
    func largest(_ matrix: [[Int]], _ range: ClosedRange<Int>) -> Int {
      let factors = matrix.flatMap { row in matrix.map { column in row.flatMap { a in column.map { a * $0 } } } }
      return factors.reduce(0) { largest, factors in
        let (highest, lowest) = factors.reduce((0, 0)) { sums, factor in
          let ends = [factor * range.lowerBound, factor * range.upperBound].sorted()
          return (sums.0 + ends[1], sums.1 + ends[0])
        }
        return max(largest, highest, -lowest)
      }
    }
    #expect(largest(Transform.input, 0...255) == 17340)
    #expect(largest(Transform.filter, -127...127) == 18288)
  }

  @Test func whatIsShiftedIs576TimesTheSum() {
    #expect(9 &* Transform.inverseOf9 == 1 && 9 << Transform.shift == 576)
  }

  @Test func admitsWhatFits26Bits() {
    func filter(_ shape: ConvolutionShape, _ weight: Float) -> QuantizedFilter {
      var weights = [Float](repeating: weight, count: shape.macsPerPixel)
      // The scale is that of the largest.
      weights[shape.macsPerPixel - 1] = 127
      return QuantizedFilter(shape: shape, weights: weights)
    }
    #expect(Transform.admits(filter(Self.shape(115, 1), -127)))
    #expect(!Transform.admits(filter(Self.shape(116, 1), -127)))
    #expect(Transform.admits(filter(Self.shape(700, 1), 20)))
    #expect(!Transform.admits(filter(Self.shape(800, 1), 20)))
    for (kernel, stride) in [(1, 1), (3, 2)] {
      let shape = ConvolutionShape(kernel: kernel, stride: stride, inputChannels: 16, outputChannels: 16)
      #expect(!Transform.admits(filter(shape, 1)))
    }
  }

  // MARK: The kernels

  /// Heights and widths that are no multiples of 4, maps of more tiles than are made at a time.
  static let cases: [QuantizedCase] = [(1, 1), (4, 3), (3, 4), (5, 8), (9, 33), (26, 90)].flatMap { height, width in
    [(16, 16), (24, 40), (33, 20), (115, 9)].map { input, output in
      QuantizedCase(
        shape: shape(input, output), height: height, width: width, spare: height % 3,
        zeroPoints: (31, output % 20 == 0 ? 0 : 100, UInt8(width)), hasAddend: height % 2 == 1,
        activation: width % 2 == 0 ? .relu : .none)
    }
  }

  @Test(arguments: tables.compactMap(\.withQuantizedWinograd))
  func equalsReference(table: KernelTable) {
    for test in Self.cases.map({ $0.fitting(table) }) {
      let (expected, whole) = (test.run(reference), test.run(table))
      #expect(whole.bytes.bytes == expected.bytes.bytes, "\(table.name) \(test.testDescription)")
      #expect(whole.floats.bits == expected.floats.bits, "\(table.name) \(test.testDescription)")
      #expect(whole.bytes.surroundingsAreUntouched && whole.floats.surroundingsAreUntouched)
      for bandHeight in [1, 4, 6] { #expect(test.run(table, bandHeight: bandHeight).bytes.bytes == whole.bytes.bytes) }
    }
  }

  /// The largest sums that are admitted, of either sign.
  @Test(arguments: tables.compactMap(\.withQuantizedWinograd).filter { !$0.isByteWinograd })
  func extremesAreExact(table: KernelTable) {
    let shape = Self.shape(115, 2)
    let terms = 9 * 115
    let input = TestByteMap(5, 5, 115, zeroPoint: 255)
    for y in 0..<5 { for x in 0..<5 { for channel in 0..<115 { input.view.pixel(y, x)[channel] = 255 } } }
    let output = TestMap(5, 5, 2)
    let packed = UnsafeMutableRawPointer.allocate(byteCount: table.quantized.direct.packedBytes(shape), alignment: 64)
    defer { packed.deallocate() }
    let weights = (0..<2 * terms).map { Int8($0 < terms ? 127 : -127) }
    table.quantized.direct.pack(shape, weights, packed)
    let (bias, multipliers) = ([Int32](repeating: 0, count: 2), [Float](repeating: 1, count: 2))
    bias.withUnsafeBufferPointer { bias in
      multipliers.withUnsafeBufferPointer { multipliers in
        table.quantized.direct.convolve(
          QuantizedConvolution(
            shape: shape, input: input.view, output: .floats(output.view), packedWeights: packed,
            bias: bias.baseAddress!, multipliers: multipliers.baseAddress!), 0..<5)
      }
    }
    let largest = Float(255 * 127 * terms)
    #expect(output.values == (0..<25).flatMap { _ in [largest, -largest] })
  }

  /// Floats alone take a sigmoid.
  @Test(arguments: tables)
  func sigmoidIsThatOfTheDirectConvolution(table: KernelTable) {
    guard let winograd = table.withQuantizedWinograd else { return }
    let test = QuantizedCase(
      shape: Self.shape(16, 20), height: 6, width: 11, spare: 1, activation: .sigmoid
    ).fitting(winograd)
    for bandHeight in [2, 6] {
      let floats = test.run(winograd, bandHeight: bandHeight).floats
      #expect(floats.bits == test.run(table).floats.bits && floats.surroundingsAreUntouched)
    }
  }
}

extension KernelTable {
  /// This table with its Winograd kernels in the place of the direct ones, wherever they serve; nil if it has none.
  var withQuantizedWinograd: KernelTable? {
    guard let winograd = quantized.winograd?.kernels else { return nil }
    let direct = quantized.direct
    @Sendable func way(_ shape: ConvolutionShape) -> QuantizedConvolutionKernels {
      shape.kernel == 3 && shape.stride == 1 ? winograd : direct
    }
    var table = self
    table.name += hasByteWinograd ? KernelTable.byteWinograd : " winograd"
    table.quantized.direct = QuantizedConvolutionKernels(
      packedBytes: { way($0).packedBytes($0) }, pack: { way($0).pack($0, $1, $2) },
      scratchBytes: { way($0).scratchBytes($0) }, convolve: { way($0.shape).convolve($0, $1, $2) })
    return table
  }
}

extension KernelTable {
  private static let byteWinograd = " byte winograd"

  /// Whether it is a table `withQuantizedWinograd` whose kernels take small inputs and weights alone.
  var isByteWinograd: Bool { name.hasSuffix(KernelTable.byteWinograd) }

  private var hasByteWinograd: Bool {
    let shape = QuantizedWinogradTests.shape(1, 1)
    let filter = QuantizedFilter(shape: shape, weights: [Float](repeating: 1, count: 9))
    return quantized.winograd?.admits(filter, [0], 255) == false
  }
}

extension QuantizedConvolutionKernels {
  /// Convolves with scratch memory that holds rubbish.
  func convolve(_ convolution: QuantizedConvolution, _ rows: Range<Int>) {
    let size = scratchBytes(convolution.shape)
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: size + 64, alignment: 64)
    defer { scratch.deallocate() }
    for index in scratch.indices { scratch[index] = 0xA5 }
    convolve(convolution, scratch.baseAddress!, rows)
    #expect(scratch[size...].allSatisfy { $0 == 0xA5 })
  }
}
