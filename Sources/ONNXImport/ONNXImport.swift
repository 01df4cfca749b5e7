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
    /// Whether channel 3 is how likely a line ends in a cell; nil: if the tangent is written as doubled angle and there
    /// are four channels at least.
    public var ends: Bool?
    /// Whether the heat, the angle and the ends still need a sigmoid; nil: if the graph has none at its end.
    public var isLogit: Bool?
    /// Facts for people: name, licence, origin.
    public var metadata: [String: String] = [:]

    public init() {}
  }

  /// Converts a network of the operators that the runtime has. Batch normalisation, activations and sums are fused into
  /// the convolutions before them. Sigmoids that only the heat and the ends go through at the end are left to the
  /// decoding of the output, which then has these as logits.
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
        reason: "the network takes images of any size",
        nextStep: "say which with --size, --area, --longest-side or --scale")
    }

    let builder = try GraphBuilder(source, size: probe(size))
    var graph = builder.graph
    var encoding = try encoding(graph, options)
    if options.isLogit == nil { graph.foldSigmoids(of: &encoding) }
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
    case .longestSide(_, let multiple), .scale(_, let multiple), .area(_, let multiple): (8 * multiple, 8 * multiple)
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
    func isLogit(_ channel: Int) -> Bool { options.isLogit ?? !graph.isSigmoid(channel: channel) }
    let hasEnds = options.ends ?? (channels >= 4 && tangent == .doubledAngle)
    let hasStops = hasEnds && channels >= 4 + OutputEncoding.stopCount
    let stops = (0..<OutputEncoding.stopCount).map { isLogit(4 + $0) }
    guard !hasStops || Set(stops).count == 1 else {
      throw .graph(
        reason:
          "some of the stops, channels 4 to \(3 + stops.count) of the output, went through a sigmoid and others did not",
        nextStep: "export all of them with it, or all without")
    }
    return OutputEncoding(
      heatIsLogit: isLogit(0), tangent: tangent, angleIsLogit: tangent == .angle && isLogit(1),
      endChannel: hasEnds ? 3 : nil, endIsLogit: hasEnds && isLogit(3), stopChannel: hasStops ? 4 : nil,
      stopIsLogit: hasStops && stops[0])
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
      case .depthToSpace(let shuffle):
        // Any pixel of a block stands for the others.
        value = layer.inputs[0]
        channel = shuffle.inputChannel(channel, of: 0, row: 0, column: 0)
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
