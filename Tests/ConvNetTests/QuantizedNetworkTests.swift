import AllocationCounter
import ConvReference
import Files
import KernelInterface
import ModelFormat
import ONNXImport
import Testing

@testable import ConvNet

@Suite struct QuantizedNetworkTests {
  private func run(_ network: Network, _ height: Int, _ width: Int, seed: UInt64) throws -> [Float] {
    try network.run(height: height, width: width, fill: { $0.fill(seed: seed) }, read: \.values)
  }

  private func network(_ model: Model, _ table: KernelTable = .best, threads: Int = 1) throws -> Network {
    Network(try PackedModel(model, precision: .int8, kernels: table), threads: threads)
  }

  @Test(arguments: 0..<60)
  func anyGraphComesToWhatItsLayersSay(seed: UInt64) throws {
    let (height, width) = (Int(9 + seed % 13), Int(8 + seed % 17))
    let model = try Model.random(seed: seed, layers: 22, height: height, width: width, isCalibrated: true)
    let network = try network(model, ReferenceKernels.table)
    // Twice, as the second run finds the first one's values everywhere.
    for input in [seed, seed + 1] {
      let output = try run(network, height, width, seed: input)
      let expected = try NaiveQuantizedNetwork(model).run(height: height, width: width) { $0.fill(seed: input) }
      #expect(output == expected)
    }
  }

  @Test(arguments: KernelTable.available.map(\.name), 0..<12)
  func everyInstructionSetMakesTheSameBits(kernels: String, seed: UInt64) throws {
    let table = try #require(KernelTable.available.first { $0.name == kernels })
    let model = try Model.random(
      seed: seed, layers: 16, height: 19, width: 22, isCalibrated: true, isExact: true)
    let output = try run(try network(model, table), 19, 22, seed: seed)
    let expected = try NaiveQuantizedNetwork(model).run(height: 19, width: 22) { $0.fill(seed: seed) }
    #expect(output == expected)
    #expect(Set(output).count > 1)
  }

  // MARK: A network by hand

  private func pointwise(_ weights: Int, _ activation: Activation) -> ModelFormat.Operation {
    .convolution(
      ConvolutionShape(kernel: 1, stride: 1, inputChannels: 3, outputChannels: 3),
      .init(weights: weights, bias: 2), activation)
  }

  private func model(_ layers: [Layer]) throws -> Model {
    try Model(
      input: InputPolicy(size: .squash(width: 4, height: 4)), output: OutputEncoding(tangent: .doubledAngle),
      graph: Graph(
        inputChannels: 3, inputRange: ActivationRange(lower: 0, upper: 1), layers: layers, output: layers.count),
      tensors: [
        Tensor(name: "first", shape: [3, 1, 1, 3], values: [127, -50, 3, 0, 127, 10, 1, 2, 127] as [Float]),
        Tensor(name: "second", shape: [3, 1, 1, 3], values: [1, 0, 127, 127, 127, 127, -127, 5, 9] as [Float]),
        Tensor(name: "bias", shape: [3], values: [1, -2, 0.5] as [Float]),
      ])
  }

  private static let range = ActivationRange(lower: -10, upper: 245)

  @Test(arguments: KernelTable.available.indices)
  func plainIntegersComeToTheSame(table: Int) throws {
    let model = try model([
      Layer(name: "a", operation: pointwise(0, .none), inputs: [0], outputRange: QuantizedNetworkTests.range),
      Layer(name: "b", operation: pointwise(1, .none), inputs: [1], outputRange: QuantizedNetworkTests.range),
    ])
    let network = try network(model, KernelTable.available[table])
    let pixel = [200, 30, 90]
    let output = try network.run(height: 1, width: 1) { map in
      for channel in 0..<3 { map.pixel(0, 0)[channel] = Float(pixel[channel]) / 255 }
    } read: {
      $0.values
    }
    // The weights are whole numbers up to 127, so that they are their own bytes; the input is in units of 1/255, what is
    // between the layers in units of 1 from -10 on; so a bias of 1 is 255 of the first layer's units, and 1 of the second's.
    let first = [[127, -50, 3], [0, 127, 10], [1, 2, 127]]
    let second = [[1, 0, 127], [127, 127, 127], [-127, 5, 9]]
    func dot(_ a: [Int], _ b: [Int]) -> Int { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let between = zip(first, [255, -510, 128]).map { weights, bias in
      max(0, min(255, Int((Float(dot(weights, pixel) + bias) / 255).rounded(.toNearestOrEven)) + 10))
    }
    let expected = zip(second, [1, -2, 0]).map { weights, bias in
      Float(dot(weights, between) - 10 * dot(weights, [1, 1, 1]) + bias)
    }
    #expect(output == expected)
  }

  // MARK: Formats

  @Test func partsOfAConcatenationShareAScale() throws {
    let graph = try model([
      Layer(
        name: "a", operation: pointwise(0, .relu), inputs: [0], outputRange: ActivationRange(lower: 0, upper: 2)),
      Layer(
        name: "b", operation: pointwise(0, .none), inputs: [1], outputRange: ActivationRange(lower: -3, upper: 1)),
      Layer(name: "up", operation: .upsample(.nearest), inputs: [2]),
      Layer(name: "pool", operation: .maxPool, inputs: [3]),
      Layer(name: "join", operation: .concatenate, inputs: [1, 4]),
      Layer(name: "cut", operation: .slice(2..<5), inputs: [5]),
      Layer(
        name: "sum", operation: .add(.none), inputs: [6, 1], outputRange: ActivationRange(lower: -4, upper: 4)),
      Layer(
        name: "out", operation: pointwise(1, .none), inputs: [7], outputRange: ActivationRange(lower: -9, upper: 9)),
    ]).graph
    let lowered = try #require(LoweredGraph(quantizing: graph))
    // Nothing is converted.
    #expect(lowered.graph.layers.map(\.operation) == graph.layers.map(\.operation))
    #expect(lowered.graph.layers.map(\.inputs) == graph.layers.map(\.inputs))
    #expect(lowered.origins == Array(0...7) && lowered.values == Array(0...8))
    #expect(lowered.formats[0] == Quantization(ActivationRange(lower: 0, upper: 1)))
    let shared = Quantization(ActivationRange(lower: -3, upper: 2))
    #expect(shared.scale == 5.0 / 255 && shared.zeroPoint == 153)
    #expect(lowered.formats[1...6].allSatisfy { $0 == shared })
    #expect(lowered.formats[7] == Quantization(ActivationRange(lower: -4, upper: 4)))
    #expect(lowered.formats[8] == nil)
  }

  @Test func whatHasNoKernelForBytesIsInFloats() throws {
    let unit = ActivationRange(lower: 0, upper: 1)
    let graph = try model([
      Layer(name: "a", operation: pointwise(0, .relu), inputs: [0], outputRange: unit),
      Layer(name: "gate", operation: .activate(.sigmoid), inputs: [1], outputRange: unit),
      Layer(name: "b", operation: pointwise(0, .none), inputs: [2], outputRange: unit),
      Layer(name: "c", operation: pointwise(0, .relu), inputs: [2], outputRange: unit),
      Layer(name: "sum", operation: .add(.none), inputs: [3, 4], outputRange: unit),
    ]).graph
    let lowered = try #require(LoweredGraph(quantizing: graph))
    // a to floats, the gate to bytes (once for its two readers), b and c to floats for the sum, which is the output.
    #expect(
      lowered.graph.layers.map(\.operation).count { $0 == .activate(.none) } == 4 && lowered.graph.layers.count == 9)
    let gate = lowered.values[2]
    #expect(lowered.formats[gate] == nil && lowered.formats[gate - 1] == nil && lowered.formats[gate + 1] != nil)
    #expect(lowered.graph.layers[lowered.values[3] - 1].inputs == [gate + 1])
    #expect(lowered.graph.layers[lowered.values[4] - 1].inputs == [gate + 1])
  }

  @Test func sumsThatCouldOverflowAreTakenInFloats() {
    func shape(_ channels: Int) -> ConvolutionShape {
      ConvolutionShape(kernel: 3, stride: 1, inputChannels: channels, outputChannels: 1)
    }
    #expect(shape(3683).fitsQuantizedSums)
    #expect(!shape(3684).fitsQuantizedSums)
  }

  @Test func rangesAlwaysHoldZero() {
    let positive = Quantization(ActivationRange(lower: 2, upper: 5.1))
    #expect(positive.zeroPoint == 0 && positive.scale == Float(5.1) / 255)
    let negative = Quantization(ActivationRange(lower: -2.55, upper: -1))
    #expect(negative.zeroPoint == 255 && abs(negative.scale - 0.01) < 1e-8)
    let few = Quantization(ActivationRange(lower: -1, upper: 2, steps: 60))
    #expect(few.scale == 0.05 && few.zeroPoint == 20 && few.largest == 60)
  }

  @Test func noRangesNoInt8() throws {
    let model = try Model.random(seed: 1, layers: 4, height: 8, width: 8)
    #expect(!model.graph.isCalibrated)
    #expect(throws: NetworkError.notCalibrated) { try PackedModel(model, precision: .int8) }
    #expect(try PackedModel(model, precision: .fp32).precision == .fp32)
    // One is missing.
    var graph = try self.model([
      Layer(name: "a", operation: pointwise(0, .relu), inputs: [0], outputRange: QuantizedNetworkTests.range)
    ]).graph
    #expect(LoweredGraph(quantizing: graph) != nil)
    graph.inputRange = nil
    #expect(LoweredGraph(quantizing: graph) == nil)
  }

  // MARK: Against floats

  @Test(arguments: ["residual", "pyramid", "transposed", "shuffle"])
  func comesNearToFloats(name: String) throws {
    let path = Path.join(Path.parent(#filePath), "../../Fixtures/networks/\(name)")
    let (height, width) = (36, 52)
    var options = ONNXImport.Options()
    options.size = .squash(width: width, height: height)
    let original = try ONNXImport.model(try File.read(path + ".onnx"), options: options)
    let floats = Network(original)
    let statistics = ActivationStatistics(floats)
    for seed in 0..<4 {
      _ = try floats.run(height: height, width: width, fill: { $0.fill(unit: seed) }, read: { _ in })
    }
    // Through the file format as well.
    let model = try Model(serialized: try statistics.calibrated().serialized())
    #expect(model.graph.isCalibrated)
    let quantized = try network(model, threads: 2)
    let expected = try floats.run(height: height, width: width, fill: { $0.fill(unit: 9) }, read: \.values)
    let output = try quantized.run(height: height, width: width, fill: { $0.fill(unit: 9) }, read: \.values)
    // Layer by layer it is the same, but for the sigmoids' last bits.
    let naive = try NaiveQuantizedNetwork(model).run(height: height, width: width) { $0.fill(unit: 9) }
    #expect(zip(naive, output).allSatisfy { abs($0 - $1) <= 1e-5 })
    // The signal must be far above the error.
    let mean = expected.reduce(0, +) / Float(expected.count)
    let power = expected.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = zip(expected, output).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    #expect(error > 0 && error < 0.01 * power, "\(name): \(error / power)")
    // What must stay in floats may take as much memory, but not more; scratch memory apart.
    func arenaBytes(_ network: Network) throws -> Int {
      try MemoryPlan(network.packed.lowered, inputHeight: height, inputWidth: width).arenaBytes
    }
    #expect(try arenaBytes(quantized) <= arenaBytes(floats))
    #expect(quantized.layerCosts.contains { $0.precision == .int8 && $0.macs > 0 })
    #expect(floats.layerCosts.allSatisfy { $0.precision == .fp32 })
    #expect(quantized.layerCosts.map(\.macs) == floats.layerCosts.map(\.macs))
  }

  /// Floats that are handed over are rounded as those who fill the input themselves do it.
  @Test func theInputIsInBytes() throws {
    let network = try network(
      try model([
        Layer(name: "a", operation: pointwise(0, .none), inputs: [0], outputRange: QuantizedNetworkTests.range)
      ]))
    let output = try run(network, 5, 7, seed: 3)
    let other = try network.runNatively(height: 5, width: 7) { input in
      guard case .bytes(let map) = input else {
        Issue.record("the input is in floats")
        return
      }
      #expect(map.scale == 1 / 255 && map.zeroPoint == 0 && map.pixelStride == 4)
      let floats = NaiveNetwork.Buffer(ValueShape(height: 5, width: 7, channels: 3))
      floats.map.fill(seed: 3)
      withExtendedLifetime(floats) { ReferenceKernels.table.quantized.quantize(floats.map, map, 0..<5) }
    } read: {
      $0.values
    }
    #expect(output == other && Set(output).count > 1)
  }

  // MARK: Winograd

  /// Layers that Winograd's kernels take, those of bytes if there are few steps, with a residual sum and a result that is
  /// stored as a DepthToSpace rearranges it.
  private func wideChannels(steps: UInt8 = 255) throws -> Model {
    var random = SplitMix64(state: 3)
    var tensors: [Tensor] = []
    func convolution(_ name: String, _ kernel: Int, _ input: Int, _ output: Int, _ inputs: [Int]) -> Layer {
      let values = (0..<kernel * kernel * input * output).map { _ in random.float() * 0.2 }
      tensors.append(Tensor(name: "\(name) weights", shape: [output, kernel, kernel, input], values: values))
      tensors.append(
        Tensor(name: "\(name) bias", shape: [output], values: (0..<output).map { _ in random.float() }))
      let shape = ConvolutionShape(kernel: kernel, stride: 1, inputChannels: input, outputChannels: output)
      return Layer(
        name: name,
        operation: .convolution(
          shape, .init(weights: tensors.count - 2, bias: tensors.count - 1), name == "d" ? .none : .relu),
        inputs: inputs, outputRange: ActivationRange(lower: -1, upper: 3, steps: steps))
    }
    let layers = [
      convolution("a", 3, 3, 24, [0]), convolution("b", 3, 24, 32, [1]), convolution("c", 3, 32, 32, [2, 2]),
      convolution("d", 3, 32, 16, [3]),
      Layer(name: "shuffle", operation: .depthToSpace(DepthToSpace(block: 2, order: .pixelsFirst)), inputs: [4]),
    ]
    return try Model(
      input: InputPolicy(size: .squash(width: 44, height: 44)), output: OutputEncoding(tangent: .doubledAngle),
      graph: Graph(
        inputChannels: 3, inputRange: ActivationRange(lower: -1, upper: 1), layers: layers, output: layers.count),
      tensors: tensors)
  }

  @Test(arguments: KernelTable.available.map(\.name), [63, 255] as [UInt8])
  func winogradMakesTheSameBits(kernels: String, steps: UInt8) throws {
    let table = try #require(KernelTable.available.first { $0.name == kernels })
    let model = try wideChannels(steps: steps)
    let shape = ConvolutionShape(kernel: 3, stride: 1, inputChannels: 1, outputChannels: 1)
    let filter = QuantizedFilter(shape: shape, weights: [Float](repeating: 0, count: 9))
    let hasWinograd = table.quantized.winograd?.admits(filter, [0], steps) ?? false
    for (height, width) in [(1, 1), (42, 55)] {
      let expected = try NaiveQuantizedNetwork(model).run(height: height, width: width) { $0.fill(seed: 5) }
      for threads in 1...3 {
        let network = try network(model, table, threads: threads)
        #expect(try run(network, height, width, seed: 5) == expected)
        #expect(
          network.layerCosts.count { $0.operation.hasSuffix("winograd") } == (hasWinograd ? 3 : 0))
      }
    }
  }

  // MARK: Threads and memory

  /// Layers large enough to be cut into bands.
  private func wide(isExact: Bool = false) throws -> Model {
    try Model.random(seed: 4, layers: 12, height: 90, width: 120, isCalibrated: true, isExact: isExact)
  }

  @Test func sameBitsForAnyNumberOfThreads() throws {
    let packed = try PackedModel(try wide(), precision: .int8)
    let expected = try run(Network(packed), 90, 120, seed: 1)
    for threads in 2...5 {
      let network = Network(packed, threads: threads)
      for _ in 0..<5 { #expect(try run(network, 90, 120, seed: 1) == expected) }
    }
  }

  @Test func notANumberStaysInItsPlace() throws {
    let network = try network(try wide(), threads: 2)
    let clean = try run(network, 90, 120, seed: 1)
    let spoilt = try network.run(height: 90, width: 120) { map in
      for y in 0..<90 { for x in 0..<120 { map.pixel(y, x)[y % 3] = y % 2 == 0 ? .nan : .infinity } }
    } read: {
      $0.values
    }
    #expect(spoilt != clean)
    #expect(try run(network, 90, 120, seed: 1) == clean)
  }

  @Test func int8WeightsOfAFileAreUsedAsTheyAre() throws {
    let shape = ConvolutionShape(kernel: 1, stride: 1, inputChannels: 3, outputChannels: 3)
    let bytes: [Int8] = [127, -50, 3, 0, 127, 10, 1, 2, 127]
    func model(_ weights: Tensor, _ scales: Int?) throws -> Model {
      try Model(
        input: InputPolicy(size: .squash(width: 4, height: 4)), output: OutputEncoding(tangent: .doubledAngle),
        graph: Graph(
          inputChannels: 3, inputRange: ActivationRange(lower: -1, upper: 1),
          layers: [
            Layer(
              name: "a", operation: .convolution(shape, .init(weights: 0, bias: 1, scales: scales), .none),
              inputs: [0], outputRange: ActivationRange(lower: -1, upper: 1))
          ], output: 1),
        tensors: [
          weights, Tensor(name: "bias", shape: [3], values: [1, 2, 3] as [Float]),
          Tensor(name: "scales", shape: [3], values: [0.5, 2, 0.25] as [Float]),
        ])
    }
    let factors: [Float] = [0.5, 2, 0.25]
    let floats = bytes.enumerated().map { Float($1) * factors[$0 / 3] }
    let stored = try network(model(Tensor(name: "w", shape: [3, 1, 1, 3], values: bytes), 2))
    let rounded = try network(model(Tensor(name: "w", shape: [3, 1, 1, 3], values: floats), nil))
    #expect(try run(stored, 4, 4, seed: 1) == run(rounded, 4, 4, seed: 1))
  }

  @Test(.enabled(if: allocations_are_counted()), arguments: [1, 2])
  func framesAfterTheFirstAllocateNothing(threads: Int) throws {
    for model in [try wide(isExact: true), try wideChannels()] {
      let network = try network(model, threads: threads)
      func frame() throws { try network.run(height: 90, width: 120, fill: { $0.base[0] = 1 }, read: { _ in }) }
      for _ in 0..<3 { try frame() }
      let counts = ThreadCounts(network.pool)
      let before = counts.read()
      for _ in 0..<5 { try frame() }
      #expect(counts.read() == before)
    }
  }
}

extension FeatureMap {
  /// Smooth waves in [0, 1], others for each seed.
  fileprivate func fill(unit seed: Int) {
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<channels {
          let phase = (y * (3 + seed % 4) + x * (5 + channel) + 17 * seed) % 64
          pixel(y, x)[channel] = Float(abs(phase - 32)) / 32
        }
      }
    }
  }
}
