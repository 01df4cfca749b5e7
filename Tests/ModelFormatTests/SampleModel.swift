import KernelInterface
import ModelFormat

extension Model {
  /// A small model with every kind of layer, tensor and optional field.
  static func sample(
    size: InputPolicy.Size = .longestSide(64, multiple: 4), bias: [Float] = [0.5, -1], metadata: [String: String] = [:]
  ) throws -> Model {
    let tensors = [
      Tensor(name: "stem.weights", shape: [2, 3, 3, 3], values: (0..<54).map { Float($0) / 8 - 3 }),
      Tensor(name: "stem.bias", shape: [2], values: bias),
      Tensor(name: "head.weights", shape: [3, 1, 1, 4], values: (0..<12).map { Int8($0 * 20 - 120) }),
      Tensor(name: "head.bias", shape: [3], values: [0, 1, 2] as [Float]),
      Tensor(name: "head.scales", shape: [3], values: [0.01, 0.02, 0.03] as [Float]),
      Tensor(name: "depthwise.weights", shape: [3, 3, 2], values: (0..<18).map { Float($0) }),
    ]
    let stem = Operation.Parameters(weights: 0, bias: 1)
    let layers = [
      Layer(
        name: "stem",
        operation: .convolution(
          ConvolutionShape(kernel: 3, stride: 2, inputChannels: 3, outputChannels: 2), stem, .relu),
        inputs: [0], outputRange: ActivationRange(lower: 0, upper: 6)),
      Layer(
        name: "depthwise",
        operation: .depthwiseConvolution(stride: 1, channels: 2, .init(weights: 5, bias: 1), .none), inputs: [1]),
      Layer(name: "pool", operation: .maxPool, inputs: [2]),
      Layer(name: "up", operation: .upsample(.bilinear), inputs: [3]),
      Layer(name: "sum", operation: .add(.relu), inputs: [1, 4]),
      Layer(name: "concat", operation: .concatenate, inputs: [5, 1]),
      Layer(
        name: "head",
        operation: .convolution(
          ConvolutionShape(kernel: 1, stride: 1, inputChannels: 4, outputChannels: 3),
          .init(weights: 2, bias: 3, scales: 4), .none),
        inputs: [6]),
      Layer(name: "cut", operation: .slice(0..<2), inputs: [7]),
      Layer(name: "end", operation: .activate(.sigmoid), inputs: [8]),
    ]
    return try Model(
      metadata: metadata, input: InputPolicy(size: size, resampling: .bilinear, mean: [0.1, 0.2, 0.3]),
      output: OutputEncoding(tangent: .angle),
      graph: Graph(
        inputChannels: 3, inputRange: ActivationRange(lower: -1, upper: 1), layers: layers, output: 9),
      tensors: tensors)
  }
}
