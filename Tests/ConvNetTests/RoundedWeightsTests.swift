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
