import KernelInterface
import ModelFormat

/// A small generator with a seed.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func float() -> Float { Float.random(in: -1...1, using: &self) }
}

extension Model {
  /// A network of random layers in random order for inputs of the given size: whatever graph a file may hold.
  ///
  /// - Parameters:
  ///   - isCalibrated: whether it says what its activations span, by chance.
  ///   - isExact: whether it is made only of what int8 computes to the bit, once it has been calibrated.
  static func random(
    seed: UInt64, layers count: Int, height: Int, width: Int, isCalibrated: Bool = false, isExact: Bool = false
  ) throws -> Model {
    var random = SplitMix64(state: seed)
    var graph = Graph(inputChannels: 3, layers: [], output: 0)
    var shapes = [ValueShape(height: height, width: width, channels: 3)]
    var tensors: [Tensor] = []

    func parameters(_ shape: [Int], outputs: Int) -> Operation.Parameters {
      let terms = shape.reduce(1, *) / outputs
      func tensor(_ shape: [Int], _ scale: Float) {
        let values = (0..<shape.reduce(1, *)).map { _ in random.float() * scale }
        tensors.append(Tensor(name: "\(tensors.count)", shape: shape, values: values))
      }
      tensor(shape, min(0.3, 1.5 / Float(terms).squareRoot()))
      tensor([outputs], 0.5)
      return .init(weights: tensors.count - 2, bias: tensors.count - 1)
    }

    while graph.layers.count < count {
      // Mostly the newest value, so that the network gets deep.
      let source = Bool.random(using: &random) ? shapes.count - 1 : Int.random(in: 0..<shapes.count, using: &random)
      let shape = shapes[source]
      let activations: [Activation] = isExact ? [.none, .relu] : [.none, .relu, .sigmoid]
      let activation = activations.randomElement(using: &random) ?? .none
      let twins = shapes.indices.filter { shapes[$0].height == shape.height && shapes[$0].width == shape.width }
      let equals = twins.filter { shapes[$0].channels == shape.channels }
      let operation: Operation
      var inputs = [source]
      switch Int.random(in: 0..<9, using: &random) {
      case 0, 1, 2:
        // Enough for Winograd's convolution, at times, and for a result that is stored as a DepthToSpace rearranges it.
        let outputs = [1, 2, 3, 4, 5, 8, 9, 16, 16, 17, 24, 32].randomElement(using: &random) ?? 1
        let convolution = ConvolutionShape(
          kernel: Bool.random(using: &random) ? 3 : 1, stride: Int.random(in: 1...2, using: &random),
          inputChannels: shape.channels, outputChannels: outputs)
        let weights = [outputs, convolution.kernel, convolution.kernel, shape.channels]
        operation = .convolution(convolution, parameters(weights, outputs: outputs), activation)
        let made = try Layer(name: "", operation: operation, inputs: [0]).shape(of: [shape], channels: outputs)
        if let addend = shapes.indices.filter({ shapes[$0] == made }).randomElement(using: &random) {
          inputs.append(addend)
        }
      case 3:
        if isExact { continue }
        operation = .depthwiseConvolution(
          stride: Int.random(in: 1...2, using: &random), channels: shape.channels,
          parameters([3, 3, shape.channels], outputs: shape.channels), activation)
      case 4: operation = .maxPool
      case 5:
        guard shape.height * shape.width < 2000 else { continue }
        let isFirst = Bool.random(using: &random)
        if shape.channels % 4 == 0, Bool.random(using: &random) {
          operation = .depthToSpace(DepthToSpace(block: 2, order: isFirst ? .pixelsFirst : .channelsFirst))
        } else {
          operation = .upsample(isFirst ? .nearest : .bilinear)
        }
      case 6:
        guard shape.channels < 24 else { continue }
        operation = .concatenate
        inputs = (0..<Int.random(in: 1...3, using: &random)).map { _ in twins.randomElement(using: &random) ?? source }
      case 7:
        operation = .add(activation)
        inputs.append(equals.randomElement(using: &random) ?? source)
      default:
        let start = Int.random(in: 0..<shape.channels, using: &random)
        operation =
          Bool.random(using: &random)
          ? .slice(start..<Int.random(in: start + 1...shape.channels, using: &random)) : .activate(activation)
      }
      let next = Graph(
        inputChannels: 3,
        layers: graph.layers + [Layer(name: "\(graph.layers.count)", operation: operation, inputs: inputs)],
        output: graph.layers.count + 1)
      guard let grown = try? next.shapes(inputHeight: height, inputWidth: width) else { continue }
      graph = next
      shapes = grown
    }
    if isExact {
      // Bytes become floats in a convolution.
      let channels = shapes[graph.output].channels
      let shape = ConvolutionShape(kernel: 3, stride: 1, inputChannels: channels, outputChannels: 5)
      let parameters = parameters([5, 3, 3, channels], outputs: 5)
      graph.layers.append(
        Layer(name: "last", operation: .convolution(shape, parameters, .relu), inputs: [graph.output]))
    }
    if isCalibrated {
      graph.inputRange = ActivationRange(lower: -1, upper: 1)
      for index in graph.layers.indices where graph.layers[index].operation.makesNewValues {
        graph.layers[index].outputRange = ActivationRange(
          lower: Float.random(in: -2...0, using: &random), upper: Float.random(in: 0.5...3, using: &random),
          steps: [255, 255, 100, 63, 63].randomElement(using: &random) ?? 255)
      }
    }
    // An output of at least two channels.
    let last = graph.layers.count
    let layer = Layer(name: "output", operation: .concatenate, inputs: [last, last])
    graph.layers.append(layer)
    graph.output = last + 1
    return try Model(
      input: InputPolicy(size: .squash(width: width, height: height)), output: OutputEncoding(tangent: .angle),
      graph: graph, tensors: tensors)
  }
}

extension Layer {
  fileprivate func shape(of inputs: [ValueShape], channels: Int) throws -> ValueShape {
    let graph = Graph(inputChannels: inputs[0].channels, layers: [self], output: 1)
    return try graph.shapes(inputHeight: inputs[0].height, inputWidth: inputs[0].width)[1]
  }
}
