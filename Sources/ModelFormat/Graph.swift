import KernelInterface

/// A feed-forward network: layers in the order in which they run.
///
/// Every layer makes one value. Value 0 is the network's input, value `i + 1` the output of `layers[i]`; a layer reads
/// only values with a smaller number, so a graph has no cycles by construction.
public struct Graph: Equatable, Sendable {
  /// Channels of the input, value 0.
  public var inputChannels: Int
  /// What the input's values span in practice, for quantisation.
  public var inputRange: ActivationRange?
  public var layers: [Layer]
  /// The value that is the network's output.
  public var output: Int

  public init(inputChannels: Int, inputRange: ActivationRange? = nil, layers: [Layer], output: Int) {
    self.inputChannels = inputChannels
    self.inputRange = inputRange
    self.layers = layers
    self.output = output
  }

  /// Number of values: the input and one for each layer.
  public var valueCount: Int { layers.count + 1 }

  /// Whether all ranges are known that it takes to compute in 8 bits: of the input, and of all that layers compute.
  public var isCalibrated: Bool {
    inputRange != nil && layers.allSatisfy { $0.outputRange != nil || !$0.operation.makesNewValues }
  }
}

/// One layer of a graph.
public struct Layer: Equatable, Sendable {
  /// Name for people and for error messages.
  public var name: String
  public var operation: Operation
  /// The values that it reads.
  public var inputs: [Int]
  /// What the output's values span in practice, for quantisation.
  public var outputRange: ActivationRange?

  public init(name: String, operation: Operation, inputs: [Int], outputRange: ActivationRange? = nil) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.outputRange = outputRange
  }
}

/// What a layer computes.
public enum Operation: Equatable, Sendable {
  /// Dense convolution; a second input, if there is one, is added before the activation.
  case convolution(ConvolutionShape, Parameters, Activation)
  /// Depthwise 3x3 convolution, one filter a channel.
  case depthwiseConvolution(stride: Int, channels: Int, Parameters, Activation)
  /// 2x2 maximum with stride 2; an odd last row or column is dropped.
  case maxPool
  /// Twice the width and height.
  case upsample(Interpolation)
  /// Blocks of pixels made of channels.
  case depthToSpace(DepthToSpace)
  /// All inputs one after the other along the channels.
  case concatenate
  /// The sum of two inputs, then the activation.
  case add(Activation)
  /// A range of channels.
  case slice(Range<Int>)
  /// The activation alone.
  case activate(Activation)

  /// Whether it computes: other layers only choose and arrange values of their inputs, or interpolate between them.
  public var makesNewValues: Bool {
    switch self {
    case .convolution, .depthwiseConvolution, .add, .activate: true
    case .maxPool, .upsample, .depthToSpace, .concatenate, .slice: false
    }
  }

  /// Where a convolution's parameters lie in the model's list of tensors.
  public struct Parameters: Equatable, Sendable {
    /// Output x kernel x kernel x input channels (OHWI); 3 x 3 x channels if depthwise. float32 or int8.
    public var weights: Int
    /// One float32 an output channel.
    public var bias: Int
    /// With int8 weights: one float32 an output channel, by which its weights are multiplied.
    public var scales: Int?

    public init(weights: Int, bias: Int, scales: Int? = nil) {
      self.weights = weights
      self.bias = bias
      self.scales = scales
    }
  }

  public enum Interpolation: UInt8, Sendable {
    case nearest = 0
    /// Half-pixel centres, edges clamped.
    case bilinear = 1
  }
}

/// The interval that an activation's values were seen to span, or the part of it that is worth representing in 8 bits.
public struct ActivationRange: Equatable, Sendable {
  public var lower: Float
  public var upper: Float
  /// Into how many steps it is divided, which is the largest byte: fewer than 255 leave bits for what a layer that reads
  /// the bytes makes of them (`ByteWinogradTransform`).
  public var steps: UInt8

  /// The width of a sound range: its steps, and their reciprocals, are ordinary numbers.
  static let soundWidths: ClosedRange<Float> = 1e-20...1e20

  public init(lower: Float, upper: Float, steps: UInt8 = 255) {
    self.lower = lower
    self.upper = upper
    self.steps = steps
  }

  /// What quantisation has to reach over, zero included.
  private var width: Float { max(upper, 0) - min(lower, 0) }

  /// Whether it is narrower than any sound one.
  public var isTiny: Bool { width < ActivationRange.soundWidths.lowerBound }

  /// Whether it is an interval of ordinary numbers, neither empty nor a point, in at least one step.
  public var isSound: Bool {
    lower.isFinite && upper.isFinite && lower < upper && steps > 0
      && ActivationRange.soundWidths.contains(width)
  }
}
