import KernelInterface
import ModelFormat

/// Everything that is settled once the size of the input is known: the memory, and the calls to make.
final class Plan {
  let memory: MemoryPlan
  let arena: Arena
  let steps: [Step]
  let input: ActivationMap
  let output: FeatureMap
  private var floats: FloatInput?

  /// - Throws: `NetworkError` if the graph does not admit the size, or the activations take too much memory.
  init(_ packed: PackedModel, height: Int, width: Int, threads: Int) throws(NetworkError) {
    let graph = packed.lowered.graph
    do {
      memory = try MemoryPlan(
        packed.lowered, inputHeight: height, inputWidth: width, scratchBytes: packed.scratchBytes, threads: threads)
    } catch {
      throw .graph(error)
    }
    let bytes = memory.arenaBytes
    guard bytes <= Network.memoryLimit else {
      throw .tooLarge(width: width, height: height, bytes: bytes, limit: Network.memoryLimit)
    }
    guard let arena = Arena(byteCount: bytes) else { throw .outOfMemory(bytes: bytes) }
    guard case .floats(let output) = memory.map(graph.output, in: arena.base) else { throw .notCalibrated }
    (input, self.output) = (memory.map(0, in: arena.base), output)
    steps = Plan.steps(packed, memory, arena: arena.base, threads: threads)
    self.arena = arena
  }

  /// What a caller that has floats writes if the input is in bytes.
  func floatInput() throws(NetworkError) -> FeatureMap {
    if let floats { return floats.map }
    let floats = try FloatInput(height: input.height, width: input.width)
    self.floats = floats
    return floats.map
  }

  /// The zeros around the input have to be written anew, other values having been there.
  var clearsInputHalo: Bool { memory.needsHalo[0] }

  private static func steps(
    _ packed: PackedModel, _ memory: MemoryPlan, arena: UnsafeMutableRawPointer, threads: Int
  ) -> [Step] {
    let kernels = KernelBinder(kernels: packed.kernels)
    var steps: [Step] = []
    for (index, layer) in packed.lowered.graph.layers.enumerated() {
      let value = index + 1
      let shape = memory.shapes[value]
      let output = memory.map(value, in: arena)
      let inputs = layer.inputs.map { memory.map($0, in: arena) }
      func append(
        _ kernel: Step.Kernel?, writing output: ActivationMap, clearsHalo: Bool? = nil, granularity: Int = 1
      ) {
        guard let kernel else { return }
        let work = shape.height * shape.width * (layer.macsPerPixel + shape.channels * macsOfAMove)
        steps.append(
          Step(
            kernel: kernel, rows: shape.height, output: output, clearsHalo: clearsHalo ?? memory.needsHalo[value],
            bands: bands(units: (shape.height + granularity - 1) / granularity, work: work, threads: threads),
            granularity: granularity, layer: packed.lowered.origins[index]))
      }
      let (parameters, scratch) = (packed.parameters[index], memory.scratch(layer: index, in: arena))
      let granularity = parameters?.tileRows ?? 1
      switch layer.operation {
      case .convolution(let shape, _, let activation) where packed.lowered.shuffles[index] != nil:
        let shuffled = packed.lowered.shuffles[index].map { $0 + 1 } ?? value
        let output = memory.map(shuffled, in: arena)
        append(
          kernels.convolve(shape, inputs[0], shuffled: output, parameters, activation, scratch: scratch),
          writing: output, clearsHalo: memory.needsHalo[shuffled], granularity: granularity)
      case .convolution(let shape, _, let activation):
        let addend = inputs.count > 1 ? inputs[1] : nil
        append(
          kernels.convolve(shape, inputs[0], addend, output, parameters, activation, scratch: scratch),
          writing: output, granularity: granularity)
      case .depthwiseConvolution(let stride, _, _, let activation):
        append(
          kernels.convolveDepthwise(stride, inputs[0], output, parameters, activation), writing: output)
      case .maxPool: append(kernels.maxPool(inputs[0], output), writing: output)
      case .upsample where packed.lowered.upsampledAddends[index] != nil: continue
      case .upsample(let interpolation): append(kernels.upsample(interpolation, inputs[0], output), writing: output)
      case .depthToSpace(let shuffle):
        // A convolution may have stored it so.
        guard memory.places[value] != memory.places[layer.inputs[0]] else { continue }
        append(kernels.depthToSpace(shuffle, inputs[0], output), writing: output)
      case .add(let activation):
        guard
          let addend = layer.inputs.firstIndex(where: { $0 > 0 && packed.lowered.upsampledAddends[$0 - 1] == index })
        else {
          append(kernels.add(inputs[0], inputs[1], output, activation), writing: output)
          continue
        }
        let source = packed.lowered.graph.layers[layer.inputs[addend] - 1].inputs[0]
        append(
          kernels.addUpsampled(inputs[1 - addend], memory.map(source, in: arena), output, activation), writing: output)
      case .activate(let activation): append(kernels.map(inputs[0], output, activation), writing: output)
      case .slice(let channels):
        var source = memory.places[layer.inputs[0]]
        source.channel += channels.lowerBound
        // A slice that is no part of a concatenation is a view.
        guard memory.places[value] != source else { continue }
        append(kernels.map(memory.map(value, at: source, in: arena), output, .none), writing: output)
      case .concatenate:
        for (input, place) in memory.parts(ofConcatenation: value, inputs: layer.inputs)
        where memory.places[input] != place {
          let part = memory.map(input, at: place, in: arena)
          append(kernels.map(memory.map(input, in: arena), part, .none), writing: part)
        }
      }
    }
    return steps
  }

  /// Multiply-accumulates that take as long as moving one value does.
  private static let macsOfAMove = 8
  /// Work below which a second thread costs more than it gains: some microseconds.
  private static let workWorthSharing = 200_000

  /// Several bands a thread, so that one that other programs hold up gets fewer.
  private static func bands(units: Int, work: Int, threads: Int) -> Int {
    guard threads > 1, work >= workWorthSharing else { return 1 }
    return min(units, 4 * threads, ThreadPool.maximumParts)
  }
}
