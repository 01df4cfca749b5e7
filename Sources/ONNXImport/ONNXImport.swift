import KernelInterface
import ModelFormat

/// Reads networks in the ONNX format.
public enum ONNXImport {
  /// What an ONNX file does not say about a network.
  public struct Options: Sendable {
    /// Which size images are brought to; nil: the size that the file fixes.
    public var size: InputPolicy.Size?
    public var resampling = InputPolicy.Resampling.area
    public var scale: Float = 1 / 255
    public var mean: [Float] = [0, 0, 0]
    public var deviation: [Float] = [1, 1, 1]
    /// How the tangent is written; nil: as one angle if the output has 2 channels, as doubled angle if it has more.
    public var tangent: OutputEncoding.Tangent?
    /// Whether the heat, and the angle, still need a sigmoid; nil: if the graph has none at its end.
    public var isLogit: Bool?
    /// Facts for people: name, licence, origin.
    public var metadata: [String: String] = [:]

    public init() {}
  }

  /// Converts a network of the operators that the runtime has. Batch normalisation, activations and sums are fused into
  /// the convolutions before them. A sigmoid that only the heat goes through at the end is left to the decoding of the
  /// output, which then has the heat as a logit.
  ///
  /// - Parameter bytes: the ONNX file.
  /// - Throws: `ONNXError` if the file is damaged, or the network is not one that the runtime can run.
  public static func model(_ bytes: [UInt8], options: Options = Options()) throws(ONNXError) -> Model {
    let source = try ONNXModel(bytes)
    let fixed = try source.graph.imageInput()
    var size = options.size
    if size == nil, let width = fixed.width, let height = fixed.height { size = .squash(width: width, height: height) }
    guard let size else {
      throw .graph(
        reason: "the network takes images of any size", nextStep: "say which with --size, --longest-side or --scale")
    }

    let builder = try GraphBuilder(source, size: probe(size))
    var graph = builder.graph
    if options.isLogit == nil { graph.foldHeatSigmoid() }
    let encoding = try encoding(graph, options)
    let input = InputPolicy(
      size: size, resampling: options.resampling, scale: options.scale, mean: options.mean,
      deviation: options.deviation)
    do {
      return try Model(
        metadata: options.metadata, input: input, output: encoding, graph: graph,
        tensors: builder.tensors)
    } catch {
      throw .graph(reason: "the network \(error)", nextStep: "export it again")
    }
  }

  /// A size to follow the graph with.
  private static func probe(_ size: InputPolicy.Size) -> (width: Int, height: Int) {
    switch size {
    case .squash(let width, let height): (width, height)
    case .longestSide(_, let multiple), .scale(_, let multiple): (8 * multiple, 8 * multiple)
    }
  }

  private static func encoding(_ graph: Graph, _ options: Options) throws(ONNXError) -> OutputEncoding {
    let channels: Int
    do { channels = try graph.channels()[graph.output] } catch {
      throw .graph(reason: error.description, nextStep: "export the network again")
    }
    guard channels >= 2 else {
      throw .graph(
        reason: "the output has \(channels) channel",
        nextStep: "export the network with heat and angle, or heat, cos 2t and sin 2t, as channels")
    }
    let tangent = options.tangent ?? (channels == 2 ? .angle : .doubledAngle)
    return OutputEncoding(
      heatIsLogit: options.isLogit ?? !graph.isSigmoid(channel: 0), tangent: tangent,
      angleIsLogit: tangent == .angle && (options.isLogit ?? !graph.isSigmoid(channel: 1)))
  }
}

extension Graph {
  /// Whether a channel of the output went through a sigmoid last.
  fileprivate func isSigmoid(channel: Int) -> Bool {
    var (value, channel) = (output, channel)
    while value > 0 {
      let layer = layers[value - 1]
      switch layer.operation {
      case .convolution(_, _, let activation), .depthwiseConvolution(_, _, _, let activation), .add(let activation),
        .activate(let activation):
        return activation == .sigmoid
      case .maxPool, .upsample: value = layer.inputs[0]
      case .slice(let channels):
        value = layer.inputs[0]
        channel += channels.lowerBound
      case .concatenate:
        guard let counts = try? self.channels() else { return false }
        for input in layer.inputs {
          value = input
          if channel < counts[input] { break }
          channel -= counts[input]
        }
      }
    }
    return false
  }
}
