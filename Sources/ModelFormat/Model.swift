import KernelInterface

/// A network with its parameters, and what is needed to run it on images: how the input is prepared and what the output
/// means.
public struct Model: Equatable, Sendable {
  /// Facts for people: name, licence, origin, and so on.
  public var metadata: [String: String]
  public var input: InputPolicy
  public var output: OutputEncoding
  public var graph: Graph
  public var tensors: [Tensor]

  /// - Throws: `ModelProblem` if the parts do not fit together.
  public init(
    metadata: [String: String] = [:], input: InputPolicy, output: OutputEncoding, graph: Graph, tensors: [Tensor]
  ) throws(ModelProblem) {
    self.metadata = metadata
    self.input = input
    self.output = output
    self.graph = graph
    self.tensors = tensors
    try validate()
  }

  /// Number of parameters, biases included.
  public var parameterCount: Int { tensors.reduce(0) { $0 + $1.count } }

  private func validate() throws(ModelProblem) {
    let channels: [Int]
    do { channels = try graph.channels() } catch { throw .graph(error) }
    guard graph.inputChannels == 3 else { throw .inconsistent("an input of \(graph.inputChannels) channels, not 3") }
    if let problem = input.problem ?? output.problem(outputChannels: channels[graph.output]) {
      throw .inconsistent(problem)
    }
    var names: Set<String> = []
    for tensor in tensors {
      guard names.insert(tensor.name).inserted else { throw .duplicateName(tensor.name) }
      if let index = tensor.firstNonFinite { throw .nonFinite(tensor: tensor.name, index: index) }
    }
    names = []
    for layer in graph.layers {
      guard names.insert(layer.name).inserted else { throw .duplicateName(layer.name) }
      switch layer.operation {
      case .convolution(let shape, let parameters, _):
        let weights = [shape.outputChannels, shape.kernel, shape.kernel, shape.inputChannels]
        try validate(parameters, of: layer.name, weights: weights, outputChannels: shape.outputChannels)
      case .depthwiseConvolution(_, let count, let parameters, _):
        try validate(parameters, of: layer.name, weights: [3, 3, count], outputChannels: count)
      default: break
      }
    }
    for range in [graph.inputRange] + graph.layers.map(\.outputRange) {
      guard let range else { continue }
      guard range.isSound else {
        throw .inconsistent("an activation range of \(range.lower) to \(range.upper) in \(range.steps) steps")
      }
    }
  }

  private func validate(
    _ parameters: Operation.Parameters, of layer: String, weights: [Int], outputChannels: Int
  ) throws(ModelProblem) {
    func check(_ index: Int, _ shape: [Int], _ types: [ElementType]) throws(ModelProblem) {
      guard tensors.indices.contains(index), tensors[index].shape == shape, types.contains(tensors[index].elementType)
      else { throw .parameters(layer: layer) }
    }
    try check(parameters.weights, weights, [.float32, .int8])
    try check(parameters.bias, [outputChannels], [.float32])
    let isInt8 = tensors[parameters.weights].elementType == .int8
    guard isInt8 == (parameters.scales != nil) else { throw .parameters(layer: layer) }
    if let scales = parameters.scales { try check(scales, [outputChannels], [.float32]) }
  }
}

/// What is wrong with a model, or with the file that should hold one.
public enum ModelProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file does not begin as a model does.
  case notAModel
  /// Made by a newer or older program.
  case version(UInt32)
  /// The file is shorter or longer than it says.
  case size(expected: UInt64, actual: Int)
  /// The content hash does not match.
  case corrupt
  /// The header breaks off or has a value that means nothing; the text says where.
  case header(String)
  /// A tensor that does not lie where a tensor may lie; the text says why.
  case tensorPlace(tensor: String, String)
  case duplicateName(String)
  case nonFinite(tensor: String, index: Int)
  /// A layer's parameters are missing, or of another shape or type than the layer needs.
  case parameters(layer: String)
  case graph(GraphError)
  /// Parts that do not fit together; the text names what the model has.
  case inconsistent(String)

  public var description: String {
    switch self {
    case .notAModel: "not a model file"
    case .version(let version):
      "a model file of version \(version); this program reads versions up to \(ModelFile.version)"
    case .size(let expected, let actual): "has \(actual) bytes where \(expected) are announced"
    case .corrupt: "is damaged: its content does not match its hash"
    case .header(let place): "has a header that makes no sense at \(place)"
    case .tensorPlace(let tensor, let reason): "tensor '\(tensor)' \(reason)"
    case .duplicateName(let name): "has two things of the name '\(name)'"
    case .nonFinite(let tensor, let index): "tensor '\(tensor)' is not a finite number at element \(index)"
    case .parameters(let layer): "layer '\(layer)' has no parameters of the right shape and type"
    case .graph(let error): error.description
    case .inconsistent(let what): "has \(what)"
    }
  }

  /// What to do about it.
  var nextStep: String {
    switch self {
    case .notAModel: "name a .lsdnet file, or make one with `lsdnet convert model.onnx model.lsdnet`"
    case .version: "convert the network again with this program's `lsdnet convert`"
    case .size, .corrupt: "copy or download it again"
    case .nonFinite: "train the network again or use another checkpoint: these weights are spoilt"
    default: "convert the network again with `lsdnet convert`"
    }
  }
}

/// A model file that cannot be used, in words for the person who named it.
public struct ModelError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file's path, or a name for the bytes.
  public var file: String
  public var reason: String
  /// What to do about it, in the imperative.
  public var nextStep: String

  public init(file: String, reason: String, nextStep: String) {
    self.file = file
    self.reason = reason
    self.nextStep = nextStep
  }

  public init(file: String, _ problem: ModelProblem) {
    self.init(file: file, reason: problem.description, nextStep: problem.nextStep)
  }

  /// `file: reason; next step`
  public var description: String { "\(file): \(reason); \(nextStep)" }
}
