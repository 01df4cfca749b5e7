import KernelInterface
import Testing

struct QuantizedCase: CustomTestStringConvertible {
  var shape: ConvolutionShape
  var height: Int
  var width: Int
  /// Foreign channels beside those of input, output and addend.
  var spare = 0
  var zeroPoints: (input: UInt8, output: UInt8, addend: UInt8) = (0, 0, 0)
  var hasAddend = false
  var activation = Activation.none
  /// Whether inputs and weights are so small that `ByteWinogradTransform` admits them.
  var isSmall = false

  /// A case that the table's Winograd kernels, if it has those of bytes, admit.
  func fitting(_ table: KernelTable) -> QuantizedCase {
    guard table.isByteWinograd else { return self }
    var test = self
    test.isSmall = true
    test.zeroPoints.input = min(zeroPoints.input, test.largestInput)
    return test
  }

  var largestInput: UInt8 { isSmall ? ByteWinogradTransform.largestInput : 255 }

  var testDescription: String {
    "\(shape.kernel)x\(shape.kernel)/\(shape.stride) \(shape.inputChannels)>\(shape.outputChannels) at "
      + "\(height)x\(width) spare \(spare) zeros \(zeroPoints) addend \(hasAddend) \(activation) small \(isSmall)"
  }

  /// Runs the table over the bands of rows, one after the other, to bytes and to floats.
  func run(_ table: KernelTable, bandHeight: Int? = nil) -> (bytes: TestByteMap, floats: TestMap) {
    let (outputHeight, outputWidth) = (
      (height + shape.stride - 1) / shape.stride, (width + shape.stride - 1) / shape.stride
    )
    let terms = shape.kernel * shape.kernel * shape.inputChannels
    var noise = Noise(terms)
    let filter = QuantizedFilter(
      shape: shape, weights: noise.floats(terms * shape.outputChannels), fitsTransform: isSmall && shape.kernel == 3)
    let floatBias = noise.floats(shape.outputChannels)
    let packed = UnsafeMutableRawPointer.allocate(
      byteCount: table.quantized.direct.packedBytes(shape), alignment: 64)
    defer { packed.deallocate() }
    table.quantized.direct.pack(shape, filter.weights, packed)
    let input = TestByteMap(
      height, width, shape.inputChannels, spare: spare, scale: 1 / 128, zeroPoint: zeroPoints.input,
      largest: largestInput, seed: 1)
    // Scales under which most results stay inside the range of a byte and some do not.
    let bytes = TestByteMap(
      outputHeight, outputWidth, shape.outputChannels, spare: spare,
      scale: Float(terms).squareRoot() / (isSmall ? 640 : 160), zeroPoint: zeroPoints.output,
      largest: height % 2 == 0 ? max(zeroPoints.output, 190) : 255)
    let floats = TestMap(outputHeight, outputWidth, shape.outputChannels, spare: spare)
    let addend =
      hasAddend
      ? TestByteMap(
        outputHeight, outputWidth, shape.outputChannels, spare: spare, scale: 1 / 50, zeroPoint: zeroPoints.addend,
        seed: 2) : nil
    let bias = filter.bias(floatBias, inputScale: input.view.scale, inputZeroPoint: zeroPoints.input)
    for output in [ActivationMap.bytes(bytes.view), .floats(floats.view)] {
      let multipliers = filter.multipliers(inputScale: input.view.scale, outputScale: output.scale)
      bias.withUnsafeBufferPointer { bias in
        multipliers.withUnsafeBufferPointer { multipliers in
          let convolution = QuantizedConvolution(
            shape: shape, input: input.view, output: output, packedWeights: packed, bias: bias.baseAddress!,
            multipliers: multipliers.baseAddress!, addend: addend?.view, activation: activation)
          for start in stride(from: 0, to: outputHeight, by: bandHeight ?? outputHeight) {
            table.quantized.direct.convolve(
              convolution, start..<min(start + (bandHeight ?? outputHeight), outputHeight))
          }
        }
      }
    }
    return (bytes, floats)
  }
}

@Suite struct QuantizedConvolutionTests {
  static func shape(_ kernel: Int, _ stride: Int, _ input: Int, _ output: Int) -> ConvolutionShape {
    ConvolutionShape(kernel: kernel, stride: stride, inputChannels: input, outputChannels: output)
  }

  static let sizes: [QuantizedCase] = [(1, 1), (1, 13), (13, 1), (2, 2), (7, 21), (5, 24), (3, 25), (2, 47), (6, 72)]
    .flatMap { height, width in
      [(1, 1), (1, 2), (3, 1), (3, 2)].map { kernel, stride in
        QuantizedCase(
          shape: shape(kernel, stride, 5, 35), height: height, width: width, zeroPoints: (7, 100, 0))
      }
    }

  static let channels: [QuantizedCase] =
    (1...70).map { output in
      QuantizedCase(shape: shape(output % 3 == 0 ? 1 : 3, 1, 1 + output % 7, output), height: 3, width: 14)
    }
    + [1, 2, 3, 4, 5, 8, 16, 17, 31, 32, 48, 70].flatMap { input in
      [1, 2, 3, 4, 16, 33].map { output in
        QuantizedCase(shape: shape(3, 1, input, output), height: 4, width: 9, spare: 2 * (input % 3))
      }
    }

  static let stores: [QuantizedCase] = [1, 2, 3, 4, 8, 15, 16, 24, 40, 64].flatMap { output in
    [Activation.none, .relu].flatMap { activation in
      [(0, false, 0), (0, true, 0), (4, true, 128), (16, false, 3)].map { spare, hasAddend, zero in
        QuantizedCase(
          shape: shape(3, 1, 16, output), height: 3, width: 17, spare: spare,
          zeroPoints: (UInt8(zero), UInt8(zero / 2), UInt8(zero)), hasAddend: hasAddend, activation: activation)
      }
    }
  }

  /// Rows of several stretches whose inputs are widened at a time.
  static let long: [QuantizedCase] = [(1, 1, 70), (1, 2, 81), (3, 1, 60), (3, 2, 97)].flatMap { kernel, stride, width in
    [48, 130].map { input in
      QuantizedCase(
        shape: shape(kernel, stride, input, 20), height: 3, width: width, spare: input % 3 * 4, zeroPoints: (90, 3, 0))
    }
  }

  /// Few outputs have a way of their own, with tiles that reach back at the end of a row.
  static let few: [QuantizedCase] = [3, 21, 22, 23, 27, 43, 44, 45].flatMap { width in
    [1, 2, 3, 4].map { output in
      QuantizedCase(
        shape: shape(3, 1, 32, output), height: 3, width: width, zeroPoints: (9, 128, 77), hasAddend: output % 2 == 1)
    }
  }

  /// The definition leaves no freedom: equal to the bit on every instruction set.
  @Test(arguments: tables + tables.compactMap(\.withQuantizedWinograd))
  func equalsReference(table: KernelTable) {
    for test in (Self.sizes + Self.channels + Self.stores + Self.long + Self.few).map({ $0.fitting(table) }) {
      let (bytes, floats) = test.run(table)
      let expected = test.run(reference)
      #expect(bytes.bytes == expected.bytes.bytes, "\(table.name) \(test.testDescription)")
      #expect(floats.bits == expected.floats.bits, "\(table.name) \(test.testDescription)")
      #expect(
        bytes.surroundingsAreUntouched && floats.surroundingsAreUntouched, "\(table.name) \(test.testDescription)")
    }
  }

  @Test(arguments: tables + tables.compactMap(\.withQuantizedWinograd))
  func bandsDoNotChangeABit(table: KernelTable) {
    let test = QuantizedCase(
      shape: Self.shape(3, 1, 12, 37), height: 19, width: 29, hasAddend: true, activation: .relu
    ).fitting(table)
    let whole = test.run(table).bytes.bytes
    for bandHeight in [1, 3, 4, 5, 8] { #expect(test.run(table, bandHeight: bandHeight).bytes.bytes == whole) }
  }

  /// The largest inputs and weights there are: nothing saturates on the way.
  @Test(arguments: tables + tables.compactMap(\.withQuantizedWinograd).filter { !$0.isByteWinograd } + [reference])
  func extremesAreExact(table: KernelTable) {
    let shape = Self.shape(3, 1, 64, 1)
    let terms = 9 * 64
    for sign in [Int8(1), -1] {
      let input = TestByteMap(1, 1, 64, zeroPoint: 255)
      for channel in 0..<64 { input.view.pixel(0, 0)[channel] = 255 }
      let output = TestMap(1, 1, 1)
      let packed = UnsafeMutableRawPointer.allocate(
        byteCount: table.quantized.direct.packedBytes(shape), alignment: 64)
      defer { packed.deallocate() }
      table.quantized.direct.pack(shape, [Int8](repeating: 127 * sign, count: terms), packed)
      withUnsafePointer(to: Int32(0)) { bias in
        withUnsafePointer(to: Float(1)) { multiplier in
          table.quantized.direct.convolve(
            QuantizedConvolution(
              shape: shape, input: input.view, output: .floats(output.view), packedWeights: packed, bias: bias,
              multipliers: multiplier), 0..<1)
        }
      }
      #expect(output.values == [Float(sign) * 255 * 127 * Float(terms)])
    }
  }

  @Test func weightsRoundedBefore() throws {
    let shape = Self.shape(1, 1, 2, 2)
    let filter = QuantizedFilter(shape: shape, weights: [0.5, -1.27, 0, 2.54])
    let again = try #require(QuantizedFilter(shape: shape, weights: [50, -127, 0, 127], scales: filter.scales))
    #expect(again.weights == filter.weights && again.scales == filter.scales)
    #expect(QuantizedFilter(shape: shape, weights: [-128, 0, 0, 0], scales: [1, 1]) == nil)
    for scale in [0, -1, .infinity, .nan, .leastNonzeroMagnitude] as [Float] {
      #expect(QuantizedFilter(shape: shape, weights: [1, 2, 3, 4], scales: [1, scale]) == nil)
    }
  }

  /// A quantised convolution is near the one of floats that it stands for.
  @Test func approximatesTheConvolutionOfFloats() {
    let shape = Self.shape(3, 1, 16, 8)
    var noise = Noise(5)
    let weights = noise.floats(9 * 16 * 8, scale: 1 / 12)
    let bias = noise.floats(8)
    let input = TestMap(6, 7, 16, seed: 3)
    let inputBytes = TestByteMap(6, 7, 16, scale: 2 / 255, zeroPoint: 128)
    reference.quantized.quantize(input.view, inputBytes.view, 0..<6)
    let expected = TestMap(6, 7, 8)
    let output = TestMap(6, 7, 8)
    let filter = QuantizedFilter(shape: shape, weights: weights)
    bias.withUnsafeBufferPointer { bias in
      weights.withUnsafeBufferPointer { weights in
        reference.convolve(
          Convolution(
            shape: shape, input: input.view, output: expected.view, packedWeights: weights.baseAddress!,
            bias: bias.baseAddress!), 0..<6)
      }
    }
    filter.weights.withUnsafeBytes { weights in
      filter.bias(bias, inputScale: 2 / 255, inputZeroPoint: 128).withUnsafeBufferPointer { bias in
        filter.multipliers(inputScale: 2 / 255, outputScale: 1).withUnsafeBufferPointer { multipliers in
          reference.quantized.direct.convolve(
            QuantizedConvolution(
              shape: shape, input: inputBytes.view, output: .floats(output.view),
              packedWeights: weights.baseAddress!, bias: bias.baseAddress!, multipliers: multipliers.baseAddress!),
            0..<6)
        }
      }
    }
    #expect(largestDifference(output.values, expected.values) < 0.04)
  }
}
