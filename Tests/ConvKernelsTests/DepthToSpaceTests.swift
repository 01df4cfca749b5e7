import KernelInterface
import Testing

/// DepthToSpace as a pass of its own, and as the way in which a convolution stores its result.
@Suite struct DepthToSpaceTests {
  static let operators = [2, 3].flatMap { block in
    [DepthToSpace.Order.pixelsFirst, .channelsFirst].map { DepthToSpace(block: block, order: $0) }
  }

  @Test(arguments: tables, operators)
  func equalsReference(table: KernelTable, shuffle: DepthToSpace) {
    let (block, area) = (shuffle.block, shuffle.block * shuffle.block)
    for (height, width) in [(1, 1), (1, 2), (2, 1), (3, 7), (5, 4)] {
      for channels in [1, 2, 3, 4, 5, 8, 17] {
        for spare in [0, 2] {
          let name = "\(table.name) \(height)x\(width)x\(channels) spare \(spare) \(shuffle)"
          let input = TestMap(height, width, area * channels, spare: spare, seed: 3)
          let output = TestMap(block * height, block * width, channels, spare: spare)
          let expected = TestMap(block * height, block * width, channels)
          for y in 0..<block * height { table.depthToSpace(shuffle, input.view, output.view, y..<y + 1) }
          reference.depthToSpace(shuffle, input.view, expected.view, 0..<block * height)
          #expect(output.bits == expected.bits && output.surroundingsAreUntouched, "\(name)")

          let bytes = TestByteMap(height, width, area * channels, spare: spare, seed: 3)
          let byteOutput = TestByteMap(block * height, block * width, channels, spare: spare)
          let expectedBytes = TestByteMap(block * height, block * width, channels)
          for y in 0..<block * height {
            table.quantized.depthToSpace(shuffle, bytes.view, byteOutput.view, y..<y + 1)
          }
          reference.quantized.depthToSpace(shuffle, bytes.view, expectedBytes.view, 0..<block * height)
          #expect(byteOutput.bytes == expectedBytes.bytes && byteOutput.surroundingsAreUntouched, "\(name)")
        }
      }
    }
  }

  /// ONNX's definition, by hand: two pixels of eight channels.
  @Test(arguments: tables + [reference])
  func orders(table: KernelTable) {
    let input = TestMap(1, 2, 8, seed: 0)
    for x in 0..<2 { for c in 0..<8 { input.view.pixel(0, x)[c] = Float(10 * x + c) } }
    let output = TestMap(2, 4, 2)
    table.depthToSpace(DepthToSpace(block: 2, order: .pixelsFirst), input.view, output.view, 0..<2)
    #expect(output.values == [0, 1, 2, 3, 10, 11, 12, 13, 4, 5, 6, 7, 14, 15, 16, 17])
    table.depthToSpace(DepthToSpace(block: 2, order: .channelsFirst), input.view, output.view, 0..<2)
    #expect(output.values == [0, 4, 1, 5, 10, 14, 11, 15, 2, 6, 3, 7, 12, 16, 13, 17])
  }

  // MARK: Stored so by a convolution

  static let shuffle = DepthToSpace(block: 2, order: .pixelsFirst)

  @Test func whatAdmitsAView() {
    #expect([16, 32, 48].allSatisfy { Self.shuffle.admitsView(channels: $0) })
    #expect([4, 8, 12, 24].allSatisfy { !Self.shuffle.admitsView(channels: $0) })
    #expect(!DepthToSpace(block: 2, order: .channelsFirst).admitsView(channels: 16))
    #expect(!DepthToSpace(block: 4, order: .pixelsFirst).admitsView(channels: 16))
  }

  struct Case: Sendable {
    var shape: ConvolutionShape
    var height: Int
    var width: Int
    var activation: Activation
  }

  /// One, two and more blocks of channels, whose middles lie within a vector or between two.
  static let cases = [(1, 1), (1, 13), (2, 2), (3, 25), (5, 24)].flatMap { height, width in
    [16, 32, 48, 64, 80].flatMap { outputs in
      [(3, 1), (3, 2), (1, 1)].map { kernel, stride in
        Case(
          shape: ConvolutionShape(kernel: kernel, stride: stride, inputChannels: 8, outputChannels: outputs),
          height: height, width: width, activation: (outputs + kernel) % 3 == 0 ? .relu : .none)
      }
    }
  }

  @Test(arguments: tables + [reference])
  func convolutionsStoreShuffled(table: KernelTable) {
    for test in Self.cases {
      let (shape, maps) = (test.shape, test.shape.outputChannels / 4)
      let (height, width) = (
        (test.height + shape.stride - 1) / shape.stride, (test.width + shape.stride - 1) / shape.stride
      )
      let terms = shape.kernel * shape.kernel * shape.inputChannels
      var noise = Noise(terms)
      let weights = noise.floats(terms * shape.outputChannels, scale: 1 / Float(terms).squareRoot())
      let bias = noise.floats(shape.outputChannels)
      let input = TestMap(test.height, test.width, shape.inputChannels, seed: 1)
      let plain = TestMap(height, width, shape.outputChannels)
      let (output, expected) = (TestMap(2 * height, 2 * width, maps), TestMap(2 * height, 2 * width, maps))
      var packed = [Float](repeating: .nan, count: table.packedCount(shape))
      table.packConvolution(shape, weights, &packed)
      packed.withUnsafeBufferPointer { packed in
        bias.withUnsafeBufferPointer { bias in
          var convolution = Convolution(
            shape: shape, input: input.view, output: plain.view, packedWeights: packed.baseAddress!,
            bias: bias.baseAddress!, activation: test.activation)
          table.convolve(convolution, 0..<height)
          (convolution.output, convolution.halfStride) = DepthToSpace.view(output.view)
          for y in 0..<height { table.convolve(convolution, y..<y + 1) }
        }
      }
      reference.depthToSpace(Self.shuffle, plain.view, expected.view, 0..<2 * height)
      #expect(output.bits == expected.bits && output.surroundingsAreUntouched, "\(table.name) \(test)")
    }
  }

  @Test(arguments: tables + tables.compactMap(\.withQuantizedWinograd) + [reference])
  func convolutionsOfBytesStoreShuffled(table: KernelTable) {
    for test in Self.cases {
      let (shape, maps) = (test.shape, test.shape.outputChannels / 4)
      let (height, width) = (
        (test.height + shape.stride - 1) / shape.stride, (test.width + shape.stride - 1) / shape.stride
      )
      let terms = shape.kernel * shape.kernel * shape.inputChannels
      var noise = Noise(terms)
      let filter = QuantizedFilter(
        shape: shape, weights: noise.floats(terms * shape.outputChannels),
        fitsTransform: table.isByteWinograd && shape.kernel == 3)
      let packed = UnsafeMutableRawPointer.allocate(byteCount: table.quantized.direct.packedBytes(shape), alignment: 64)
      defer { packed.deallocate() }
      table.quantized.direct.pack(shape, filter.weights, packed)
      let input = TestByteMap(
        test.height, test.width, shape.inputChannels, scale: 1 / 128, zeroPoint: 9,
        largest: table.isByteWinograd ? ByteWinogradTransform.largestInput : 255, seed: 1)
      let bias = filter.bias(noise.floats(shape.outputChannels), inputScale: 1 / 128, inputZeroPoint: 9)
      func map() -> TestByteMap {
        TestByteMap(2 * height, 2 * width, maps, scale: Float(terms).squareRoot() / 160, zeroPoint: 90)
      }
      let (output, expected) = (map(), map())
      let plain = TestByteMap(
        height, width, shape.outputChannels, scale: output.view.scale, zeroPoint: output.view.zeroPoint)
      let (floatOutput, expectedFloats) = (TestMap(2 * height, 2 * width, maps), TestMap(2 * height, 2 * width, maps))
      let plainFloats = TestMap(height, width, shape.outputChannels)
      let (byteView, byteHalf) = DepthToSpace.view(output.view)
      let (floatView, floatHalf) = DepthToSpace.view(floatOutput.view)
      let outputs: [(ActivationMap, Int?)] = [
        (.bytes(plain.view), nil), (.bytes(byteView), byteHalf), (.floats(plainFloats.view), nil),
        (.floats(floatView), floatHalf),
      ]
      for (output, halfStride) in outputs {
        let multipliers = filter.multipliers(inputScale: 1 / 128, outputScale: output.scale)
        bias.withUnsafeBufferPointer { bias in
          multipliers.withUnsafeBufferPointer { multipliers in
            let convolution = QuantizedConvolution(
              shape: shape, input: input.view, output: output, packedWeights: packed, bias: bias.baseAddress!,
              multipliers: multipliers.baseAddress!, activation: test.activation, halfStride: halfStride)
            for y in 0..<height { table.quantized.direct.convolve(convolution, y..<y + 1) }
          }
        }
      }
      reference.quantized.depthToSpace(Self.shuffle, plain.view, expected.view, 0..<2 * height)
      reference.depthToSpace(Self.shuffle, plainFloats.view, expectedFloats.view, 0..<2 * height)
      #expect(output.bytes == expected.bytes && output.surroundingsAreUntouched, "\(table.name) \(test)")
      #expect(floatOutput.bits == expectedFloats.bits, "\(table.name) \(test)")
      #expect(floatOutput.surroundingsAreUntouched, "\(table.name) \(test)")
    }
  }
}
