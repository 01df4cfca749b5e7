import KernelInterface
import Testing

struct ConvolutionCase: Sendable, CustomTestStringConvertible {
  var shape: ConvolutionShape
  var height: Int
  var width: Int
  /// Foreign channels beside those of input, output and addend.
  var spare = 0
  var hasAddend = false
  var activation = Activation.none

  var testDescription: String {
    "\(shape.kernel)x\(shape.kernel)/\(shape.stride) \(shape.inputChannels)>\(shape.outputChannels) at "
      + "\(height)x\(width) spare \(spare) addend \(hasAddend) \(activation)"
  }

  var outputHeight: Int { (height + shape.stride - 1) / shape.stride }
  var outputWidth: Int { (width + shape.stride - 1) / shape.stride }

  /// Runs the table over the bands of rows, one after the other.
  func run(_ table: KernelTable, bandHeight: Int? = nil) -> TestMap {
    let output = TestMap(outputHeight, outputWidth, shape.outputChannels, spare: spare)
    withOperands(packing: table.packConvolution, table.packedCount(shape)) { convolution in
      for start in stride(from: 0, to: outputHeight, by: bandHeight ?? outputHeight) {
        table.convolve(convolution(output), start..<min(start + (bandHeight ?? outputHeight), outputHeight))
      }
    }
    return output
  }

  /// Gives `body` the convolution to a map, with the case's input and addend and with its weights, packed.
  func withOperands(
    packing pack: (ConvolutionShape, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void, _ packedCount: Int,
    _ body: (_ convolution: (_ output: TestMap) -> Convolution) -> Void
  ) {
    let terms = shape.kernel * shape.kernel * shape.inputChannels
    var noise = Noise(terms)
    let weights = noise.floats(terms * shape.outputChannels, scale: 1 / Float(terms).squareRoot())
    let bias = noise.floats(shape.outputChannels)
    var packed = [Float](repeating: .nan, count: packedCount)
    pack(shape, weights, &packed)
    let input = TestMap(height, width, shape.inputChannels, spare: spare, seed: 1)
    let addend = hasAddend ? TestMap(outputHeight, outputWidth, shape.outputChannels, spare: spare, seed: 2) : nil
    packed.withUnsafeBufferPointer { packed in
      bias.withUnsafeBufferPointer { bias in
        body { output in
          Convolution(
            shape: shape, input: input.view, output: output.view, packedWeights: packed.baseAddress!,
            bias: bias.baseAddress!, addend: addend?.view, activation: activation)
        }
      }
    }
  }
}

@Suite struct ConvolutionTests {
  static func shape(_ kernel: Int, _ stride: Int, _ input: Int, _ output: Int) -> ConvolutionShape {
    ConvolutionShape(kernel: kernel, stride: stride, inputChannels: input, outputChannels: output)
  }

  /// Sizes from one pixel up, around the widths of all tiles.
  static let sizes: [ConvolutionCase] = [(1, 1), (1, 13), (13, 1), (2, 2), (7, 21), (5, 24), (3, 25), (2, 47), (6, 72)]
    .flatMap { height, width in
      [(1, 1), (1, 2), (3, 1), (3, 2)].map { kernel, stride in
        ConvolutionCase(shape: shape(kernel, stride, 5, 35), height: height, width: width)
      }
    }

  /// Every number of output channels up to more than two blocks, odd numbers of input channels.
  static let channels: [ConvolutionCase] =
    (1...70).map { output in
      ConvolutionCase(shape: shape(output % 3 == 0 ? 1 : 3, 1, 1 + output % 4, output), height: 3, width: 14)
    }
    + [1, 2, 3, 4, 8, 16, 17, 31, 32, 48, 70].flatMap { input in
      [1, 2, 3, 4, 16, 33].map { output in
        ConvolutionCase(shape: shape(3, 1, input, output), height: 4, width: 9, spare: input % 2)
      }
    }

  /// Everything that happens at the store.
  static let stores: [ConvolutionCase] = [1, 2, 3, 4, 8, 15, 16, 24, 40, 64].flatMap { output in
    [Activation.none, .relu, .sigmoid].flatMap { activation in
      [(0, false), (0, true), (3, true), (16, false)].map { spare, hasAddend in
        ConvolutionCase(
          shape: shape(3, 1, 16, output), height: 3, width: 17, spare: spare, hasAddend: hasAddend,
          activation: activation)
      }
    }
  }

  @Test(arguments: tables)
  func agreesWithReference(table: KernelTable) {
    for test in Self.sizes + Self.channels + Self.stores {
      let output = test.run(table)
      let difference = largestDifference(output.values, test.run(reference).values)
      #expect(difference < 4e-6, "\(table.name) \(test.testDescription)")
      #expect(output.surroundingsAreUntouched, "\(table.name) \(test.testDescription)")
    }
  }

  @Test(arguments: tables)
  func bandsDoNotChangeABit(table: KernelTable) {
    for shape in [Self.shape(3, 1, 16, 24), Self.shape(3, 2, 3, 70), Self.shape(1, 1, 32, 2), Self.shape(3, 1, 32, 3)] {
      let test = ConvolutionCase(shape: shape, height: 11, width: 29, hasAddend: true, activation: .sigmoid)
      let whole = test.run(table).bits
      for bandHeight in [1, 2, 3, 5] { #expect(test.run(table, bandHeight: bandHeight).bits == whole) }
    }
  }

  /// Known by hand: a kernel of ones over an image of ones counts the pixels under it.
  @Test(arguments: tables + [reference])
  func countsPixelsUnderTheKernel(table: KernelTable) {
    let shape = Self.shape(3, 1, 1, 1)
    let input = TestMap(3, 4, 1, seed: 0)
    for y in 0..<3 { for x in 0..<4 { input.view.pixel(y, x)[0] = 1 } }
    let output = TestMap(3, 4, 1)
    var packed = [Float](repeating: .nan, count: table.packedCount(shape))
    table.packConvolution(shape, [Float](repeating: 1, count: 9), &packed)
    packed.withUnsafeBufferPointer { packed in
      withUnsafePointer(to: Float(10)) { bias in
        table.convolve(
          Convolution(
            shape: shape, input: input.view, output: output.view, packedWeights: packed.baseAddress!, bias: bias),
          0..<3)
      }
    }
    #expect(output.values == [14, 16, 16, 14, 16, 19, 19, 16, 14, 16, 16, 14])
  }
}
