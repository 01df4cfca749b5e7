import KernelInterface

/// The size of one value of a graph: height x width x channels, for one image.
public struct ValueShape: Equatable, Sendable {
  public var height: Int
  public var width: Int
  public var channels: Int

  public init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// Number of values.
  public var count: Int { height * width * channels }
}

/// Why a graph cannot run, or cannot run on an input of some size.
public enum GraphError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A layer reads a value that does not come before it.
  case unknownInput(layer: String)
  /// A layer has too many or too few inputs.
  case inputCount(layer: String, count: Int)
  /// Inputs of a layer disagree with it, or with one another, in their channels.
  case channels(layer: String, expected: Int, actual: Int)
  /// A convolution that the runtime does not know.
  case convolution(layer: String, kernel: Int, stride: Int)
  /// Channels that do not make up blocks of pixels.
  case block(layer: String, block: Int, channels: Int)
  /// Inputs of a layer that must be of one size are not, for this size of the network's input.
  case sizes(layer: String, ValueShape, ValueShape)
  /// A layer has nothing left to make, for this size of the network's input.
  case empty(layer: String)
  /// A value has more than 2^20 rows or columns, more than 65 536 channels, or more than 2^38 elements.
  case tooLarge(layer: String)
  /// There are more than `Graph.maximumLayers`.
  case tooManyLayers
  /// The output is not one of the values, or has no layer at all.
  case noOutput

  public var description: String {
    switch self {
    case .unknownInput(let layer): "layer '\(layer)' reads a value that is not made before it"
    case .inputCount(let layer, let count): "layer '\(layer)' cannot have \(count) inputs"
    case .channels(let layer, let expected, let actual):
      "layer '\(layer)' expects \(expected) channels and gets \(actual)"
    case .convolution(let layer, let kernel, let stride):
      "layer '\(layer)' is a \(kernel)x\(kernel) convolution with stride \(stride); kernels 1 and 3 and strides 1 and "
        + "2 are known"
    case .block(let layer, let block, let channels):
      "layer '\(layer)' cannot make blocks of \(block)x\(block) pixels of \(channels) channels"
    case .sizes(let layer, let a, let b):
      "layer '\(layer)' joins values of different sizes, \(a.width)x\(a.height) and \(b.width)x\(b.height): the input's"
        + " width and height must be multiples of the network's total stride"
    case .empty(let layer): "nothing is left of the input at layer '\(layer)': the input is too small"
    case .tooLarge(let layer): "layer '\(layer)' is too large"
    case .tooManyLayers: "the graph has more than \(Graph.maximumLayers) layers"
    case .noOutput: "the graph has no output"
    }
  }
}

extension Graph {
  /// No graph has more layers.
  public static let maximumLayers = 4096
  fileprivate static let maximumChannels = 1 << 16

  /// The shape of every value for an input of the given size; value 0 is the input itself.
  ///
  /// - Throws: `GraphError` if the graph is not consistent, or not for this size.
  public func shapes(inputHeight: Int, inputWidth: Int) throws(GraphError) -> [ValueShape] {
    var shapes = [ValueShape(height: inputHeight, width: inputWidth, channels: inputChannels)]
    try shapes[0].check(layer: "input")
    for layer in layers { shapes.append(try layer.shape(reading: shapes)) }
    guard output > 0, output < shapes.count else { throw .noOutput }
    return shapes
  }

  /// The channels of every value, which no input size changes.
  ///
  /// - Throws: `GraphError` if the graph is not consistent.
  public func channels() throws(GraphError) -> [Int] {
    var channels = [inputChannels]
    if layers.count > Graph.maximumLayers { throw .tooManyLayers }
    for layer in layers {
      guard layer.inputs.allSatisfy({ channels.indices.contains($0) }) else { throw .unknownInput(layer: layer.name) }
      let count = try layer.outputChannels(of: layer.inputs.map { channels[$0] })
      guard (1...Graph.maximumChannels).contains(count) else { throw .tooLarge(layer: layer.name) }
      channels.append(count)
    }
    guard output > 0, output < channels.count else { throw .noOutput }
    return channels
  }
}

extension Layer {
  /// The shape of the value that the layer makes, where `shapes` are those of all values before it.
  ///
  /// - Throws: `GraphError` if the layer does not suit its inputs.
  public func shape(reading shapes: [ValueShape]) throws(GraphError) -> ValueShape {
    guard inputs.allSatisfy({ shapes.indices.contains($0) }) else { throw .unknownInput(layer: name) }
    let shape = try outputShape(of: inputs.map { shapes[$0] })
    try shape.check(layer: name)
    return shape
  }

  /// The shape of what the layer makes of inputs of these shapes.
  private func outputShape(of inputs: [ValueShape]) throws(GraphError) -> ValueShape {
    var shape = inputs.first ?? ValueShape(height: 0, width: 0, channels: 0)
    shape.channels = try outputChannels(of: inputs.map(\.channels))
    switch operation {
    case .convolution(let convolution, _, _):
      shape.divide(by: convolution.stride)
      for addend in inputs.dropFirst() { try checkSize(shape, addend) }
    case .depthwiseConvolution(let stride, _, _, _): shape.divide(by: stride)
    case .maxPool:
      shape.height /= 2
      shape.width /= 2
    case .upsample:
      shape.height *= 2
      shape.width *= 2
    case .depthToSpace(let shuffle):
      shape.height *= shuffle.block
      shape.width *= shuffle.block
    case .concatenate, .add: for input in inputs.dropFirst() { try checkSize(shape, input) }
    case .slice, .activate: break
    }
    return shape
  }

  /// The channels of what the layer makes of inputs with so many channels.
  func outputChannels(of inputs: [Int]) throws(GraphError) -> Int {
    let counts =
      switch operation {
      case .convolution: 1...2
      case .add: 2...2
      case .concatenate: 1...1024
      default: 1...1
      }
    guard counts.contains(inputs.count) else { throw .inputCount(layer: name, count: inputs.count) }
    let first = inputs[0]
    switch operation {
    case .convolution(let shape, _, _):
      try checkKernel(shape.kernel, stride: shape.stride)
      try checkChannels(first, expected: shape.inputChannels)
      for addend in inputs.dropFirst() { try checkChannels(addend, expected: shape.outputChannels) }
      return shape.outputChannels
    case .depthwiseConvolution(let stride, let channels, _, _):
      try checkKernel(3, stride: stride)
      try checkChannels(first, expected: channels)
      return channels
    case .maxPool, .upsample, .activate: return first
    case .depthToSpace(let shuffle):
      // No more channels than 2^16 are allowed, hence no larger blocks than 2^8.
      guard (1...256).contains(shuffle.block), first % (shuffle.block * shuffle.block) == 0 else {
        throw .block(layer: name, block: shuffle.block, channels: first)
      }
      return first / (shuffle.block * shuffle.block)
    case .concatenate: return inputs.reduce(0, +)
    case .add:
      try checkChannels(inputs[1], expected: first)
      return first
    case .slice(let range):
      guard range.lowerBound >= 0, range.upperBound <= first else {
        throw .channels(layer: name, expected: range.upperBound, actual: first)
      }
      return range.count
    }
  }

  private func checkKernel(_ kernel: Int, stride: Int) throws(GraphError) {
    guard kernel == 1 || kernel == 3, stride == 1 || stride == 2 else {
      throw .convolution(layer: name, kernel: kernel, stride: stride)
    }
  }

  private func checkChannels(_ channels: Int, expected: Int) throws(GraphError) {
    guard channels == expected else { throw .channels(layer: name, expected: expected, actual: channels) }
  }

  private func checkSize(_ a: ValueShape, _ b: ValueShape) throws(GraphError) {
    guard a.height == b.height, a.width == b.width else { throw .sizes(layer: name, a, b) }
  }
}

extension ValueShape {
  private static let maximumSide = 1 << 20
  /// Of all values of one layer: far more than any memory holds, and few enough that no sum of sizes overflows.
  private static let maximumCount = 1 << 38

  /// Whether a value may be so large, or so small.
  fileprivate func check(layer: String) throws(GraphError) {
    guard height > 0, width > 0, channels > 0 else { throw .empty(layer: layer) }
    guard max(height, width) <= Self.maximumSide, channels <= Graph.maximumChannels, count <= Self.maximumCount else {
      throw .tooLarge(layer: layer)
    }
  }

  /// ceil(size / stride): what is left by a strided convolution with "same" padding.
  fileprivate mutating func divide(by stride: Int) {
    height = (height + stride - 1) / stride
    width = (width + stride - 1) / stride
  }
}
