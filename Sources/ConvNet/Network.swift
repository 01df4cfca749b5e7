import KernelInterface
import ModelFormat

/// Runs a convolutional network on one input at a time.
///
/// For each size of the input a plan is made once, which lays all activations out in one arena; as long as the size stays
/// the same, a run allocates nothing. The result is the same to the last bit for any number of threads. A network is not
/// to be used by two threads at once; two networks may share one `PackedModel`.
public final class Network {
  public let packed: PackedModel
  /// The threads that it computes with; idle between runs.
  public let pool: ThreadPool
  private var plan: Plan?
  /// The step that the pool is at work on.
  private var step = 0

  /// The most bytes that the activations of one input may take.
  public static let memoryLimit = 4 << 30

  public init(_ packed: PackedModel, threads: Int = 1) {
    self.packed = packed
    pool = ThreadPool(threads: threads)
  }

  public convenience init(_ model: Model, kernels: KernelTable = .best, threads: Int = 1) {
    self.init(PackedModel(model, kernels: kernels), threads: threads)
  }

  public var threads: Int { pool.threads }

  /// Runs the network.
  ///
  /// - Parameters:
  ///   - height, width: size of the input, any that the graph admits.
  ///   - fill: writes the input, all of it but the halo, which may not even be there.
  ///   - read: gets the output, which is valid until it returns.
  /// - Returns: what `read` returns.
  /// - Throws: `NetworkError` if the size is not admitted or too large; `fill` is then not called.
  public func run<Result>(
    height: Int, width: Int, fill: (_ input: FeatureMap) -> Void, read: (_ output: FeatureMap) -> Result
  ) throws(NetworkError) -> Result {
    let plan = try prepare(height: height, width: width)
    switch plan.input {
    case .floats(let map): fill(map)
    case .bytes(let map):
      let floats = try plan.floatInput()
      fill(floats)
      packed.kernels.quantized.quantize(floats, map, 0..<map.height)
    }
    return compute(plan, read)
  }

  /// Runs the network on an input of the numbers that it computes with: bytes of the scale and the zero point that the map
  /// states, or floats.
  ///
  /// - Throws: as the other `run`.
  public func runNatively<Result>(
    height: Int, width: Int, fill: (_ input: ActivationMap) -> Void, read: (_ output: FeatureMap) -> Result
  ) throws(NetworkError) -> Result {
    let plan = try prepare(height: height, width: width)
    fill(plan.input)
    return compute(plan, read)
  }

  private func compute<Result>(_ plan: Plan, _ read: (_ output: FeatureMap) -> Result) -> Result {
    if plan.clearsInputHalo { plan.input.clearHalo(besides: 0..<plan.input.height) }
    if measuresLayers || observer != nil {
      runWatched(plan)
    } else {
      for index in plan.steps.indices { run(index, of: plan) }
    }
    return read(plan.output)
  }

  /// The plan for a size of the input: the last one, if it fits.
  private func prepare(height: Int, width: Int) throws(NetworkError) -> Plan {
    if let plan, plan.input.height == height, plan.input.width == width { return plan }
    // The old arena goes before the new one comes.
    plan = nil
    let plan = try Plan(packed, height: height, width: width, threads: threads)
    self.plan = plan
    layerMilliseconds = Array(repeating: 0, count: packed.model.graph.layers.count)
    return plan
  }

  private func run(_ index: Int, of plan: Plan) {
    step = index
    pool.run(parts: plan.steps[index].bands, context: Unmanaged.passUnretained(self).toOpaque()) {
      context, band, worker in
      let network = Unmanaged<Network>.fromOpaque(context)
      network._withUnsafeGuaranteedRef { network in
        network.plan?.steps[network.step].run(band: band, worker: worker)
      }
    }
  }

  // MARK: What goes on inside

  /// Is given what each layer makes, while it is made in floats and before other values take its memory. A layer that only
  /// arranges values may come in parts or not at all.
  public var observer: ((_ layer: Int, _ output: FeatureMap) -> Void)?
  /// Whether runs also fill `layerMilliseconds`.
  public var measuresLayers = false
  /// The time that each layer took in the last run while `measuresLayers` was on.
  public private(set) var layerMilliseconds: [Double] = []

  private func runWatched(_ plan: Plan) {
    for index in layerMilliseconds.indices { layerMilliseconds[index] = 0 }
    let clock = ContinuousClock()
    for (index, step) in plan.steps.enumerated() {
      let start = clock.now
      run(index, of: plan)
      layerMilliseconds[step.layer] += start.duration(to: clock.now) / .milliseconds(1)
      if let observer, case .floats(let output) = step.output { observer(step.layer, output) }
    }
  }

  /// The layers with their cost, for the size of the last run; empty before it.
  public var layerCosts: [LayerCost] {
    guard let plan else { return [] }
    let lowered = packed.lowered
    return packed.model.graph.layers.enumerated().map { index, layer in
      let value = lowered.values[index + 1]
      return LayerCost(
        layer, output: plan.memory.shapes[value],
        precision: lowered.isQuantized(layer: value - 1) ? .int8 : .fp32,
        isWinograd: packed.parameters[value - 1]?.isWinograd ?? false)
    }
  }

  /// Bytes that the activations take, for the size of the last run.
  public var activationBytes: Int { plan?.arena.byteCount ?? 0 }
}
