import KernelInterface
import ModelFormat

/// Everything that is settled once the size of the input is known: the memory, and the calls to make.
final class Plan {
  let memory: MemoryPlan
  let arena: Arena
  let steps: [Step]
  let input: FeatureMap
  let output: FeatureMap

  /// - Throws: `NetworkError` if the graph does not admit the size, or the activations take too much memory.
  init(_ packed: PackedModel, height: Int, width: Int, threads: Int) throws(NetworkError) {
    let graph = packed.model.graph
    do {
      memory = try MemoryPlan(graph, inputHeight: height, inputWidth: width)
    } catch {
      throw .graph(error)
    }
    let bytes = memory.arenaCount * MemoryLayout<Float>.stride
    guard bytes <= Network.memoryLimit else {
      throw .tooLarge(width: width, height: height, bytes: bytes, limit: Network.memoryLimit)
    }
    guard let arena = Arena(count: memory.arenaCount) else { throw .outOfMemory(bytes: bytes) }
    steps = Plan.steps(packed, memory, arena: arena.base, threads: threads)
    input = memory.map(0, in: arena.base)
    output = memory.map(graph.output, in: arena.base)
    self.arena = arena
  }

  /// The zeros around the input have to be written anew, other values having been there.
  var clearsInputHalo: Bool { memory.needsHalo[0] }

  private static func steps(
    _ packed: PackedModel, _ memory: MemoryPlan, arena: UnsafeMutablePointer<Float>, threads: Int
  ) -> [Step] {
    var steps: [Step] = []
    for (index, layer) in packed.model.graph.layers.enumerated() {
      let value = index + 1
      let shape = memory.shapes[value]
      let output = memory.map(value, in: arena)
      let inputs = layer.inputs.map { memory.map($0, in: arena) }
      func append(_ kernel: Step.Kernel, writing output: FeatureMap) {
        let bands = bands(rows: output.height, macs: shape.height * shape.width * layer.macsPerPixel, threads: threads)
        steps.append(
          Step(kernel: kernel, output: output, clearsHalo: memory.needsHalo[value], bands: bands, layer: index))
      }
      switch layer.operation {
      case .convolution(let shape, _, let activation):
        guard let parameters = packed.parameters(ofLayer: index) else { continue }
        let convolution = Convolution(
          shape: shape, input: inputs[0], output: output, packedWeights: parameters.weights, bias: parameters.bias,
          addend: inputs.count > 1 ? inputs[1] : nil, activation: activation)
        append(.convolve(convolution), writing: output)
      case .depthwiseConvolution(let stride, _, _, let activation):
        guard let parameters = packed.parameters(ofLayer: index) else { continue }
        let convolution = DepthwiseConvolution(
          stride: stride, input: inputs[0], output: output, weights: parameters.weights, bias: parameters.bias,
          activation: activation)
        append(.convolveDepthwise(convolution), writing: output)
      case .maxPool: append(.maxPool(input: inputs[0], output: output), writing: output)
      case .upsample(.nearest): append(.upsampleNearest(input: inputs[0], output: output), writing: output)
      case .upsample(.bilinear): append(.upsampleBilinear(input: inputs[0], output: output), writing: output)
      case .add(let activation): append(.add(inputs[0], inputs[1], output: output, activation), writing: output)
      case .activate(let activation): append(.map(input: inputs[0], output: output, activation), writing: output)
      case .slice(let channels):
        var source = memory.places[layer.inputs[0]]
        source.channel += channels.lowerBound
        // A slice that is no part of a concatenation is a view.
        guard memory.places[value] != source else { continue }
        append(.map(input: memory.map(shape, at: source, in: arena), output: output, .none), writing: output)
      case .concatenate:
        for (input, place) in memory.parts(ofConcatenation: value, inputs: layer.inputs)
        where memory.places[input] != place {
          let part = memory.map(memory.shapes[input], at: place, in: arena)
          append(.map(input: memory.map(input, in: arena), output: part, .none), writing: part)
        }
      }
    }
    return steps
  }

  /// Work below which a second thread costs more than it gains: some microseconds.
  private static let macsWorthSharing = 200_000

  /// Several bands a thread, so that one that other programs hold up gets fewer.
  private static func bands(rows: Int, macs: Int, threads: Int) -> Int {
    guard threads > 1, macs >= macsWorthSharing else { return 1 }
    return min(rows, 4 * threads, ThreadPool.maximumParts)
  }
}
