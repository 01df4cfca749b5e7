import KernelInterface
import ModelFormat
import Testing

@testable import ConvNet

/// Networks in which convolutions store their results as a DepthToSpace rearranges them, and where they cannot.
@Suite struct DepthToSpaceTests {
  enum Reader: CaseIterable {
    /// The shuffled value is the output.
    case none
    /// A 3x3 kernel reads it and needs zeros around it.
    case convolution
    /// It is a part of a concatenation, so that its pixels do not lie side by side.
    case concatenation
    /// Something else reads the convolution.
    case sum
    /// The convolution ends in a sigmoid.
    case sigmoid

    var isStoredShuffled: Bool { self == .none || self == .convolution }
  }

  private func model(_ reader: Reader) throws -> Model {
    var random = SplitMix64(state: 5)
    var tensors: [Tensor] = []
    func convolution(_ inputs: Int, _ outputs: Int, stride: Int = 1, _ activation: Activation = .none)
      -> ModelFormat.Operation
    {
      for shape in [[outputs, 3, 3, inputs], [outputs]] {
        let values = (0..<shape.reduce(1, *)).map { _ in random.float() * 0.3 }
        tensors.append(Tensor(name: "\(tensors.count)", shape: shape, values: values))
      }
      return .convolution(
        ConvolutionShape(kernel: 3, stride: stride, inputChannels: inputs, outputChannels: outputs),
        .init(weights: tensors.count - 2, bias: tensors.count - 1), activation)
    }
    let shuffle = Operation.depthToSpace(DepthToSpace(block: 2, order: .pixelsFirst))
    let unit = ActivationRange(lower: -1.5, upper: 2)
    var layers = [
      Layer(name: "stem", operation: convolution(3, 16, stride: 2, .relu), inputs: [0], outputRange: unit),
      Layer(
        name: "maps", operation: convolution(16, 16, reader == .sigmoid ? .sigmoid : .none), inputs: [1],
        outputRange: unit),
      Layer(name: "shuffle", operation: shuffle, inputs: [2]),
    ]
    switch reader {
    case .none, .sigmoid: break
    case .convolution:
      layers.append(Layer(name: "out", operation: convolution(4, 5, .relu), inputs: [3], outputRange: unit))
    case .concatenation:
      layers.append(Layer(name: "join", operation: .concatenate, inputs: [3, 3]))
      layers.append(Layer(name: "out", operation: convolution(8, 5), inputs: [4], outputRange: unit))
    case .sum:
      layers.append(Layer(name: "sum", operation: .add(.none), inputs: [1, 2], outputRange: unit))
      layers.append(Layer(name: "again", operation: shuffle, inputs: [4]))
      layers.append(Layer(name: "out", operation: .add(.none), inputs: [3, 5], outputRange: unit))
    }
    return try Model(
      input: InputPolicy(size: .squash(width: 8, height: 8)), output: OutputEncoding(tangent: .doubledAngle),
      graph: Graph(inputChannels: 3, inputRange: unit, layers: layers, output: layers.count), tensors: tensors)
  }

  @Test(arguments: Reader.allCases)
  func whatIsStoredShuffled(reader: Reader) throws {
    let graph = try model(reader).graph
    for lowered in [LoweredGraph(graph), try #require(LoweredGraph(quantizing: graph))] {
      let convolution = lowered.values[2] - 1
      #expect(lowered.shuffles[convolution] == (reader.isStoredShuffled ? lowered.values[3] - 1 : nil))
      #expect(lowered.shuffles.count { $0 != nil } == (reader.isStoredShuffled ? 1 : 0))
      let plan = try MemoryPlan(lowered, inputHeight: 8, inputWidth: 8)
      #expect((plan.places[lowered.values[2]] == plan.places[lowered.values[3]]) == reader.isStoredShuffled)
    }
  }

  @Test(arguments: Reader.allCases, KernelTable.available.map(\.name))
  func comesToTheSame(reader: Reader, kernels: String) throws {
    let table = try #require(KernelTable.available.first { $0.name == kernels })
    let model = try model(reader)
    for (height, width) in [(1, 1), (9, 14), (70, 91), (9, 14)] {
      for threads in 1...2 {
        let network = Network(model, kernels: table, threads: threads)
        let bytes = Network(try PackedModel(model, precision: .int8, kernels: table), threads: threads)
        // Twice, as the second run finds the first one's values everywhere.
        for seed in 1...2 as ClosedRange<UInt64> {
          func run(_ network: Network) throws -> [Float] {
            try network.run(height: height, width: width, fill: { $0.fill(seed: seed) }, read: \.values)
          }
          let expected = try NaiveNetwork(model: model).run(height: height, width: width) { $0.fill(seed: seed) }
          let output = try run(network)
          #expect(output.count == expected.count)
          #expect(zip(output, expected).allSatisfy { abs($0 - $1) <= 1e-5 }, "\(height)x\(width)")
          let exact = try NaiveQuantizedNetwork(model).run(height: height, width: width) { $0.fill(seed: seed) }
          // Sigmoids and sums in floats are not the same to the bit on every instruction set.
          if reader != .sigmoid { #expect(try run(bytes) == exact, "\(height)x\(width)") }
        }
      }
    }
  }

  /// Whoever watches a convolution sees all that it makes.
  @Test func observersSeeAllValues() throws {
    let network = Network(try model(.none))
    var seen: [Float] = []
    network.observer = { layer, output in if layer == 1 { seen = output.values } }
    let output = try network.run(height: 9, width: 14, fill: { $0.fill(seed: 1) }, read: \.values)
    #expect(seen == output && seen.count == 10 * 14 * 4)
  }
}
