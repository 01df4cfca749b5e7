import AllocationCounter
import ConvReference
import KernelInterface
import ModelFormat
import Testing

@testable import ConvNet

@Suite struct NetworkTests {
  private func run(_ network: Network, _ height: Int, _ width: Int, seed: UInt64) throws -> [Float] {
    try network.run(height: height, width: width, fill: { $0.fill(seed: seed) }, read: \.values)
  }

  private func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    #expect(a.count == b.count)
    return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  @Test(arguments: 0..<60)
  func anyGraphComesToWhatItsLayersSay(seed: UInt64) throws {
    let (height, width) = (Int(9 + seed % 13), Int(8 + seed % 17))
    let model = try Model.random(seed: seed, layers: 22, height: height, width: width)
    let network = Network(model, kernels: ReferenceKernels.table)
    // Twice, as the second run finds the first one's values everywhere.
    for input in [seed, seed + 1] {
      let output = try run(network, height, width, seed: input)
      let expected = try NaiveNetwork(model: model).run(height: height, width: width) { $0.fill(seed: input) }
      // Not to the bit: long sums are made in blocks.
      #expect(largestDifference(output, expected) <= 1e-6 * expected.reduce(1) { max($0, abs($1)) })
    }
  }

  @Test(arguments: KernelTable.available.map(\.name), 0..<10)
  func everyInstructionSetAgrees(kernels: String, seed: UInt64) throws {
    let table = try #require(KernelTable.available.first { $0.name == kernels })
    let model = try Model.random(seed: seed, layers: 16, height: 19, width: 22)
    let network = Network(model, kernels: table)
    let output = try run(network, 19, 22, seed: seed)
    let expected = try NaiveNetwork(model: model).run(height: 19, width: 22) { $0.fill(seed: seed) }
    let scale = expected.reduce(1) { max($0, abs($1)) }
    #expect(largestDifference(output, expected) <= 1e-5 * scale)
  }

  /// Layers large enough to be cut into bands.
  private func wide() throws -> Model {
    var random = SplitMix64(state: 3)
    let weights = (0..<24 * 9 * 24).map { _ in random.float() * 0.1 }
    let tensors = [
      Tensor(name: "stem", shape: [24, 3, 3, 3], values: Array(weights[..<648])),
      Tensor(name: "body", shape: [24, 3, 3, 24], values: weights),
      Tensor(name: "bias", shape: [24], values: (0..<24).map { _ in random.float() }),
    ]
    func convolution(_ inputs: Int, weights: Int, stride: Int) -> ModelFormat.Operation {
      .convolution(
        ConvolutionShape(kernel: 3, stride: stride, inputChannels: inputs, outputChannels: 24),
        .init(weights: weights, bias: 2), .relu)
    }
    let layers = [
      Layer(name: "stem", operation: convolution(3, weights: 0, stride: 1), inputs: [0]),
      Layer(name: "down", operation: convolution(24, weights: 1, stride: 2), inputs: [1]),
      Layer(name: "up", operation: .upsample(.bilinear), inputs: [2]),
      Layer(name: "sum", operation: .add(.none), inputs: [1, 3]),
      Layer(name: "out", operation: convolution(24, weights: 1, stride: 1), inputs: [4]),
    ]
    return try Model(
      input: InputPolicy(size: .squash(width: 64, height: 48)), output: OutputEncoding(tangent: .angle),
      graph: Graph(inputChannels: 3, layers: layers, output: 5), tensors: tensors)
  }

  @Test func sameBitsForAnyNumberOfThreads() throws {
    let packed = PackedModel(try wide())
    let expected = try run(Network(packed), 46, 62, seed: 1)
    for threads in 2...5 {
      let network = Network(packed, threads: threads)
      for _ in 0..<10 {
        #expect(try run(network, 46, 62, seed: 1) == expected)
      }
    }
  }

  @Test func sizesMayChange() throws {
    let packed = PackedModel(try wide())
    let network = Network(packed, threads: 2)
    for (height, width) in [(48, 64), (2, 2), (10, 130), (48, 64)] {
      let output = try run(network, height, width, seed: 5)
      #expect(try run(Network(packed), height, width, seed: 5) == output)
    }
  }

  @Test func impossibleSizesAreRefused() throws {
    let network = Network(try wide())
    #expect(throws: NetworkError.self) { try run(network, 47, 64, seed: 1) }
    #expect(throws: NetworkError.self) { try run(network, 0, 64, seed: 1) }
    #expect(throws: NetworkError.graph(.tooLarge(layer: "input"))) {
      try run(network, 1 << 30, 1 << 30, seed: 1)
    }
    let huge = #expect(throws: NetworkError.self) { try run(network, 1 << 16, 1 << 16, seed: 1) }
    #expect(huge?.description.contains("65536x65536") == true)
    // It still works.
    #expect(try run(network, 2, 4, seed: 1).count == 2 * 4 * 24)
  }

  @Test func notANumberStaysInItsPlace() throws {
    let network = Network(try wide(), threads: 2)
    let clean = try run(network, 48, 64, seed: 1)
    try network.run(height: 48, width: 64) { map in
      for y in 0..<48 { for x in 0..<64 { map.pixel(y, x)[y % 3] = y % 2 == 0 ? .nan : .infinity } }
    } read: { _ in
    }
    // No trace of it is left in a halo or anywhere else.
    #expect(try run(network, 48, 64, seed: 1) == clean)
  }

  @Test func int8WeightsAreScaled() throws {
    let shape = ConvolutionShape(kernel: 3, stride: 1, inputChannels: 3, outputChannels: 4)
    var random = SplitMix64(state: 11)
    let quantised = (0..<4 * 27).map { _ in Int8.random(in: -128...127, using: &random) }
    let depthwise = (0..<9 * 4).map { _ in Int8.random(in: -128...127, using: &random) }
    let scales: [Float] = [0.01, 0.02, 0.03, 0.04]
    func model(_ weights: Tensor, _ depthwiseWeights: Tensor, scales index: Int?) throws -> Model {
      try Model(
        input: InputPolicy(size: .squash(width: 8, height: 8)), output: OutputEncoding(tangent: .angle),
        graph: Graph(
          inputChannels: 3,
          layers: [
            Layer(
              name: "a", operation: .convolution(shape, .init(weights: 0, bias: 1, scales: index), .none), inputs: [0]),
            Layer(
              name: "b",
              operation: .depthwiseConvolution(
                stride: 1, channels: 4, .init(weights: 3, bias: 1, scales: index), .none), inputs: [1]),
          ], output: 2),
        tensors: [
          weights, Tensor(name: "bias", shape: [4], values: [1, 2, 3, 4] as [Float]),
          Tensor(name: "scales", shape: [4], values: scales), depthwiseWeights,
        ])
    }
    let small = try model(
      Tensor(name: "w", shape: [4, 3, 3, 3], values: quantised),
      Tensor(name: "d", shape: [3, 3, 4], values: depthwise),
      scales: 2)
    let large = try model(
      Tensor(
        name: "w", shape: [4, 3, 3, 3], values: quantised.enumerated().map { Float($1) * scales[$0 / 27] }),
      Tensor(name: "d", shape: [3, 3, 4], values: depthwise.enumerated().map { Float($1) * scales[$0 % 4] }),
      scales: nil)
    #expect(try run(Network(small), 5, 7, seed: 1) == run(Network(large), 5, 7, seed: 1))
  }

  @Test func layersAreMeasured() throws {
    let network = Network(try wide())
    network.measuresLayers = true
    _ = try run(network, 48, 64, seed: 1)
    #expect(network.layerMilliseconds.count == 5)
    #expect(network.layerMilliseconds.allSatisfy { $0 > 0 })
    let costs = network.layerCosts
    #expect(costs.map(\.name) == ["stem", "down", "up", "sum", "out"])
    #expect(costs[1].operation == "conv 3x3 /2 24>24 relu")
    #expect(costs[1].macs == 24 * 32 * 9 * 24 * 24)
    #expect(costs[2].macs == 0)
    #expect(network.activationBytes > 4 * 48 * 64 * 24 * 2)
  }

  /// Sums of many terms that are all near one: in single precision, one long chain of additions loses them.
  @Test func longSumsKeepTheirTerms() throws {
    let shape = ConvolutionShape(kernel: 3, stride: 1, inputChannels: 64, outputChannels: 2)
    let widen = ConvolutionShape(kernel: 1, stride: 1, inputChannels: 3, outputChannels: 64)
    let model = try Model(
      input: InputPolicy(size: .squash(width: 8, height: 8)), output: OutputEncoding(tangent: .angle),
      graph: Graph(
        inputChannels: 3,
        layers: [
          Layer(name: "a", operation: .convolution(widen, .init(weights: 0, bias: 1), .none), inputs: [0]),
          Layer(name: "b", operation: .convolution(shape, .init(weights: 2, bias: 3), .none), inputs: [1]),
        ], output: 2),
      tensors: [
        Tensor(name: "w", shape: [64, 1, 1, 3], values: [Float](repeating: 1, count: 192)),
        Tensor(name: "x", shape: [64], values: [Float](repeating: 0, count: 64)),
        Tensor(name: "y", shape: [2, 3, 3, 64], values: [Float](repeating: 1 / 3, count: 2 * 9 * 64)),
        Tensor(name: "z", shape: [2], values: [1e4, -1e4] as [Float]),
      ])
    #expect(model.graph.inputBlocks() == [[0..<1, 1..<2, 2..<3], [0..<16, 16..<32, 32..<48, 48..<64]])
    let output = try run(Network(model), 8, 8, seed: 1)
    let expected = try NaiveNetwork(model: model).run(height: 8, width: 8) { $0.fill(seed: 1) }
    #expect(largestDifference(output, expected) <= 2e-3)
  }

  // MARK: Allocations

  @Test(.enabled(if: allocations_are_counted()), arguments: KernelTable.available.map(\.name), [1, 2])
  func framesAfterTheFirstAllocateNothing(kernels: String, threads: Int) throws {
    let table = try #require(KernelTable.available.first { $0.name == kernels })
    let network = Network(try wide(), kernels: table, threads: threads)
    func frame() throws { try network.run(height: 48, width: 64, fill: { $0.base[0] = 1 }, read: { _ in }) }
    for _ in 0..<3 { try frame() }
    let counts = ThreadCounts(network.pool)
    let before = counts.read()
    for _ in 0..<5 { try frame() }
    let after = counts.read()
    #expect(after == before)
    // The counter counts.
    let array = [Int](repeating: threads, count: 100)
    #expect(counts.read() > after)
    #expect(array.count == 100)
  }
}
