/// What is applied to a sum before it is stored.
public enum Activation: UInt8, Sendable {
  case none = 0
  case relu = 1
  case sigmoid = 2
}

/// A convolution's shape. Padding is "same": (kernel - 1) / 2 zeros on each side; the output has ceil(size / stride) pixels.
public struct ConvolutionShape: Equatable, Hashable, Sendable {
  /// 1 or 3.
  public var kernel: Int
  /// 1 or 2.
  public var stride: Int
  public var inputChannels: Int
  public var outputChannels: Int

  public init(kernel: Int, stride: Int, inputChannels: Int, outputChannels: Int) {
    self.kernel = kernel
    self.stride = stride
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
  }

  /// Multiply-accumulates for one output pixel.
  public var macsPerPixel: Int { kernel * kernel * inputChannels * outputChannels }
}

/// One dense convolution, as a kernel sees it.
public struct Convolution: @unchecked Sendable {
  public var shape: ConvolutionShape
  public var input: FeatureMap
  public var output: FeatureMap
  /// Weights in the order that the same table's `packConvolution` made.
  public var packedWeights: UnsafePointer<Float>
  /// One value an output channel.
  public var bias: UnsafePointer<Float>
  /// Added before the activation, of the output's shape: a residual connection costs no pass of its own. It may be the
  /// output itself, which is then added to.
  public var addend: FeatureMap?
  public var activation: Activation
  /// Values from the first half of a pixel's output channels to the second; nil where it lies right behind. See
  /// `DepthToSpace.view`. Not together with an addend.
  public var halfStride: Int?

  public init(
    shape: ConvolutionShape, input: FeatureMap, output: FeatureMap, packedWeights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, addend: FeatureMap? = nil, activation: Activation = .none, halfStride: Int? = nil
  ) {
    self.shape = shape
    self.input = input
    self.output = output
    self.packedWeights = packedWeights
    self.bias = bias
    self.addend = addend
    self.activation = activation
    self.halfStride = halfStride
  }
}

/// One depthwise 3x3 convolution with "same" padding; weights are 9 x channels, tap-major.
public struct DepthwiseConvolution: @unchecked Sendable {
  public var stride: Int
  public var input: FeatureMap
  public var output: FeatureMap
  public var weights: UnsafePointer<Float>
  public var bias: UnsafePointer<Float>
  public var activation: Activation

  public init(
    stride: Int, input: FeatureMap, output: FeatureMap, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    activation: Activation = .none
  ) {
    self.stride = stride
    self.input = input
    self.output = output
    self.weights = weights
    self.bias = bias
    self.activation = activation
  }
}
