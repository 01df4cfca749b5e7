import KernelInterface
import ModelFormat
import Testing

@testable import ConvNet

@Suite struct RoundedWeightsTests {
  private func run(_ model: Model, _ precision: Precision) throws -> [Float] {
    try Network(PackedModel(model, precision: precision)).run(
      height: 19, width: 22, fill: { $0.fill(seed: 5) }, read: \.values)
  }

  @Test(arguments: 0..<12)
  func computeTheSameBitsIn8Bits(seed: UInt64) throws {
    let model = try Model.random(seed: seed, layers: 16, height: 19, width: 22, isCalibrated: true)
    let rounded = try model.withRoundedWeights()
    #expect(try run(rounded, .int8) == run(model, .int8))
    #expect(try rounded.withRoundedWeights() == rounded)
    for layer in rounded.graph.layers {
      guard case .convolution(_, let operands, _) = layer.operation else { continue }
      #expect(rounded.tensors[operands.weights].elementType == .int8)
    }
    // And as a file.
    #expect(try Model(serialized: rounded.serialized()) == rounded)
  }

  @Test func singlePrecisionComputesWithThem() throws {
    let model = try model(weights: [127, -50.4, 3.3])
    #expect(try run(model.withRoundedWeights(), .fp32) == run(self.model(weights: [127, -50, 3]), .fp32))
  }

  /// Bytes that QuantizedFilter does not take as they are, -128 and scales that are no scales, are rounded as floats.
  @Test func bytesOfAnotherMaker() throws {
    let shape = ConvolutionShape(kernel: 1, stride: 1, inputChannels: 3, outputChannels: 3)
    let bytes: [Int8] = [-128, 64, 0, 5, -7, 9, 127, 1, 2]
    func model(_ weights: Tensor, _ scales: Int?) throws -> Model {
      let layers = [
        Layer(
          name: "a", operation: .convolution(shape, .init(weights: 0, bias: 1, scales: scales), .none), inputs: [0],
          outputRange: ActivationRange(lower: -1, upper: 1))
      ]
      return try Model(
        input: InputPolicy(size: .squash(width: 22, height: 19)), output: OutputEncoding(tangent: .doubledAngle),
        graph: Graph(
          inputChannels: 3, inputRange: ActivationRange(lower: -1, upper: 1), layers: layers, output: 1),
        tensors: [
          weights, Tensor(name: "bias", shape: [3], values: [0, 1, 2] as [Float]),
          Tensor(name: "scales", shape: [3], values: [0.0078125, -0.5, 0] as [Float]),
        ])
    }
    let factors: [Float] = [0.0078125, -0.5, 0]
    let floats = bytes.enumerated().map { Float($1) * factors[$0 / 3] }
    let stored = try run(model(Tensor(name: "w", shape: [3, 1, 1, 3], values: bytes), 2), .int8)
    let rounded = try run(model(Tensor(name: "w", shape: [3, 1, 1, 3], values: floats), nil), .int8)
    #expect(stored == rounded)
    #expect(Set(stored).count > 3)
  }

  @Test func layersThatShareWeightsGoOnSharingThem() throws {
    let rounded = try model(weights: [127, -50, 3]).withRoundedWeights()
    #expect(rounded.tensors.map(\.name) == ["w", "bias", "w scales"])
    #expect(rounded.parameterCount == 9 + 3 + 3)
  }

  @Test func aNameThatIsTaken() throws {
    let model = try model(weights: [1, 2, 3], bias: "w scales")
    #expect(throws: ModelProblem.duplicateName("w scales")) { try model.withRoundedWeights() }
  }

  /// Two pointwise convolutions, all of whose output channels have the same weights.
  private func model(weights: [Float], bias: String = "bias") throws -> Model {
    let shape = ConvolutionShape(kernel: 1, stride: 1, inputChannels: 3, outputChannels: 3)
    return try Model(
      input: InputPolicy(size: .squash(width: 22, height: 19)), output: OutputEncoding(tangent: .doubledAngle),
      graph: Graph(
        inputChannels: 3,
        layers: ["a", "b"].enumerated().map { index, name in
          Layer(name: name, operation: .convolution(shape, .init(weights: 0, bias: 1), .none), inputs: [index])
        }, output: 2),
      tensors: [
        Tensor(name: "w", shape: [3, 1, 1, 3], values: weights + weights + weights),
        Tensor(name: bias, shape: [3], values: [0, 1, 2] as [Float]),
      ])
  }
}
