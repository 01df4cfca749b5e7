import KernelInterface
import ModelFormat

/// What one layer has to do.
public struct LayerCost: Sendable {
  public var name: String
  /// What it computes, in a few words: `conv 3x3 /2 16>32 relu`, `conv 3x3 32>32 relu winograd`.
  public var operation: String
  public var output: ValueShape
  /// Multiply-accumulates of the direct computation; 0 if the layer only moves or compares values.
  public var macs: Int
  /// The numbers that it computes with.
  public var precision: Precision

  init(_ layer: Layer, output: ValueShape, precision: Precision, isWinograd: Bool) {
    self.precision = precision
    name = layer.name
    operation = layer.operation.summary + (isWinograd ? " winograd" : "")
    self.output = output
    macs = output.height * output.width * layer.macsPerPixel
  }
}

extension Layer {
  /// Multiply-accumulates for one pixel of the output.
  var macsPerPixel: Int {
    switch operation {
    case .convolution(let shape, _, _): shape.macsPerPixel
    case .depthwiseConvolution(_, let channels, _, _): 9 * channels
    default: 0
    }
  }
}

extension Operation {
  /// The operation in a few words.
  var summary: String {
    func suffix(_ activation: Activation) -> String { activation == .none ? "" : " \(activation)" }
    func stride(_ stride: Int) -> String { stride == 1 ? "" : " /\(stride)" }
    switch self {
    case .convolution(let shape, _, let activation):
      return "conv \(shape.kernel)x\(shape.kernel)\(stride(shape.stride)) \(shape.inputChannels)>"
        + "\(shape.outputChannels)\(suffix(activation))"
    case .depthwiseConvolution(let step, let channels, _, let activation):
      return "depthwise 3x3\(stride(step)) \(channels)\(suffix(activation))"
    case .maxPool: return "max pool"
    case .upsample(let interpolation): return "upsample \(interpolation)"
    case .depthToSpace(let shuffle): return "depth to space x\(shuffle.block)"
    case .concatenate: return "concat"
    case .add(let activation): return "add\(suffix(activation))"
    case .slice(let channels): return "slice \(channels.lowerBound)..<\(channels.upperBound)"
    case .activate(let activation): return "\(activation)"
    }
  }
}
