import KernelInterface
import ModelFormat

/// A graph as it is executed: each value in floats or in bytes, with conversions in between. A conversion is a layer that
/// applies no activation (`.activate(.none)`) and whose input and output are of different formats.
struct LoweredGraph {
  private(set) var graph: Graph
  /// For each value, what its bytes mean; nil for floats.
  private(set) var formats: [Quantization?]
  /// For each layer, the layer of the model that it belongs to.
  private(set) var origins: [Int]
  /// For each value of the model, the value here.
  private(set) var values: [Int]
  /// For each layer that is a convolution whose result only a DepthToSpace reads, if it can be stored as that rearranges
  /// it: the DepthToSpace, which then has nothing to do.
  private(set) var shuffles: [Int?] = []
  /// For each layer that doubles a value to the nearest for a sum alone, which can do it on the way: the sum.
  private(set) var upsampledAddends: [Int?] = []

  /// The graph as it is, in floats.
  init(_ graph: Graph) {
    self.graph = graph
    formats = Array(repeating: nil, count: graph.valueCount)
    origins = Array(graph.layers.indices)
    values = Array(0..<graph.valueCount)
    findShortCuts()
  }

  /// The graph in bytes, as far as there are kernels for them; nil if the model lacks a range.
  init?(quantizing model: Graph) {
    guard let formats = ByteFormats(model)?.formats else { return nil }
    graph = Graph(inputChannels: model.inputChannels, layers: [], output: 0)
    self.formats = [formats[0].isBytes ? formats[0].quantization : nil]
    origins = []
    values = [0]
    // Values in the other format than their own.
    var converted: [Int: Int] = [:]
    for (index, layer) in model.layers.enumerated() {
      let isInBytes =
        layer.operation.hasQuantizedKernel && (formats[index + 1].isBytes || layer.operation.isConvolution)
      let inputs = layer.inputs.map { input in
        if formats[input].isBytes == isInBytes { return values[input] }
        if let value = converted[input] { return value }
        let conversion = Layer(name: layer.name, operation: .activate(.none), inputs: [values[input]])
        let value = append(conversion, isInBytes ? formats[input].quantization : nil, origin: index)
        converted[input] = value
        return value
      }
      let lowered = Layer(name: layer.name, operation: layer.operation, inputs: inputs)
      values.append(append(lowered, formats[index + 1].isBytes ? formats[index + 1].quantization : nil, origin: index))
    }
    graph.output = values[model.output]
    findShortCuts()
  }

  private mutating func findShortCuts() {
    var readers = [[Int]](repeating: [], count: graph.valueCount)
    for (index, layer) in graph.layers.enumerated() { for input in layer.inputs { readers[input].append(index) } }
    setShuffles(readers)
    setUpsampledAddends(readers)
  }

  private mutating func setUpsampledAddends(_ readers: [[Int]]) {
    upsampledAddends = Array(repeating: nil, count: graph.layers.count)
    for (index, layer) in graph.layers.enumerated() {
      guard case .add = layer.operation else { continue }
      // One of the two at most: the other gives the size.
      let doubled = layer.inputs.first {
        $0 > 0 && graph.layers[$0 - 1].operation == .upsample(.nearest) && readers[$0] == [index] && $0 != graph.output
      }
      if let doubled { upsampledAddends[doubled - 1] = index }
    }
  }

  private mutating func setShuffles(_ readers: [[Int]]) {
    shuffles = Array(repeating: nil, count: graph.layers.count)
    let blocks = graph.inputBlocks()
    for (index, layer) in graph.layers.enumerated() {
      guard case .convolution(let shape, _, let activation) = layer.operation, activation != .sigmoid,
        layer.inputs.count == 1, isQuantized(layer: index) || (blocks[index]?.count ?? 1) == 1,
        readers[index + 1].count == 1,
        graph.output != index + 1, case .depthToSpace(let shuffle) = graph.layers[readers[index + 1][0]].operation,
        shuffle.admitsView(channels: shape.outputChannels),
        // A part of a concatenation has others' values between its pixels.
        !readers[readers[index + 1][0] + 1].contains(where: { graph.layers[$0].operation == .concatenate })
      else { continue }
      shuffles[index] = readers[index + 1][0]
    }
  }

  private mutating func append(_ layer: Layer, _ format: Quantization?, origin: Int) -> Int {
    graph.layers.append(layer)
    formats.append(format)
    origins.append(origin)
    return graph.layers.count
  }

  /// Whether the layer computes on bytes.
  func isQuantized(layer index: Int) -> Bool { formats[graph.layers[index].inputs[0]] != nil }
}

/// Which values of a graph are kept in bytes, and what those mean.
///
/// Values fall into groups of one format: what is joined by a concatenation, cut out by a slice, or passed through
/// pooling or upsampling, which leave bytes as they are. A group is in floats if any of its values can only be made in
/// floats or must come in them. The range of a group is the union of those of its values, in the fewest of their steps.
struct ByteFormats {
  private(set) var formats: [(isBytes: Bool, quantization: Quantization)] = []
  /// The parent of each value in a forest whose trees are the groups (union-find).
  private var parents: [Int]

  init?(_ graph: Graph) {
    parents = Array(0..<graph.valueCount)
    for (index, layer) in graph.layers.enumerated() where !layer.operation.makesNewValues {
      for input in layer.inputs { parents[root(input)] = root(index + 1) }
    }
    var isBytes = [Bool](repeating: true, count: graph.valueCount)
    var ranges = [ActivationRange?](repeating: nil, count: graph.valueCount)
    // The caller reads floats.
    isBytes[root(graph.output)] = false
    for value in 0..<graph.valueCount {
      let layer = value > 0 ? graph.layers[value - 1] : nil
      if let layer, !layer.operation.makesNewValues { continue }
      guard let range = layer == nil ? graph.inputRange : layer?.outputRange else { return nil }
      let group = root(value)
      if let layer, !layer.operation.makesBytes { isBytes[group] = false }
      ranges[group] = ranges[group]?.union(range) ?? range
    }
    for value in 0..<graph.valueCount {
      let group = root(value)
      guard let range = ranges[group] else { return nil }
      formats.append((isBytes[group], Quantization(range)))
    }
  }

  private mutating func root(_ value: Int) -> Int {
    var value = value
    while parents[value] != value {
      parents[value] = parents[parents[value]]
      value = parents[value]
    }
    return value
  }
}

extension Operation {
  fileprivate var isConvolution: Bool { if case .convolution = self { true } else { false } }

  /// Whether there is a kernel that reads bytes.
  fileprivate var hasQuantizedKernel: Bool {
    switch self {
    case .convolution(let shape, _, _): shape.fitsQuantizedSums
    case .depthwiseConvolution: false
    case .add(let activation), .activate(let activation): activation != .sigmoid
    case .maxPool, .upsample, .depthToSpace, .concatenate, .slice: true
    }
  }

  /// Whether there is a kernel that reads bytes and writes bytes.
  fileprivate var makesBytes: Bool {
    if case .convolution(_, _, .sigmoid) = self { false } else { hasQuantizedKernel }
  }
}

extension ActivationRange {
  fileprivate func union(_ other: ActivationRange) -> ActivationRange {
    ActivationRange(
      lower: min(lower, other.lower), upper: max(upper, other.upper), steps: min(steps, other.steps))
  }
}
