import KernelInterface
import ModelFormat

/// Where every value of a graph lies in one arena, for one size of the input.
///
/// Every buffer is an NHWC tensor with a halo of one pixel around it. Values that are never needed at the same time share
/// memory. The inputs of a concatenation are made where the concatenation lies, so that it costs nothing; a slice is a
/// view; a convolution stores its result as a DepthToSpace after it rearranges it. What cannot be had that way (a value
/// that is part of two concatenations, or the network's input) is copied.
struct MemoryPlan {
  /// A tensor's memory.
  struct Buffer: Equatable {
    var shape: ValueShape
    /// Bytes of an element: 4 for floats, 1 for quantised values.
    var elementSize: Int
    /// First and last step at which it holds something: step 0 makes the input, step `i + 1` runs layer `i`.
    var life: ClosedRange<Int>
    /// First byte in the arena.
    var offset = 0

    /// Elements from a pixel to the next: kernels read quantised channels in fours.
    var pixelStride: Int { elementSize == 1 ? (shape.channels + 3) / 4 * 4 : shape.channels }
    /// Elements from a row to the next.
    var rowStride: Int { (shape.width + 2) * pixelStride }
    /// Bytes, halo included.
    var byteCount: Int { (shape.height + 2) * rowStride * elementSize }
  }

  /// A range of a buffer's channels.
  struct Place: Equatable {
    var buffer: Int
    var channel: Int
  }

  /// Memory that the threads use while a layer is made, some for each of them.
  struct Scratch: @unchecked Sendable {
    var base: UnsafeMutableRawPointer
    /// Bytes of each thread.
    var byteCount: Int

    func bytes(of worker: Int) -> UnsafeMutableRawPointer { base + worker * byteCount }

    func floats(of worker: Int) -> UnsafeMutablePointer<Float> {
      bytes(of: worker).assumingMemoryBound(to: Float.self)
    }
  }

  /// A part of the arena that is needed for some of the steps.
  private struct Region {
    var byteCount: Int
    var life: ClosedRange<Int>
    var offset = 0
  }

  /// The shape of every value.
  let shapes: [ValueShape]
  /// For each value, what its bytes mean; nil for floats.
  let formats: [Quantization?]
  /// The place of every value.
  private(set) var places: [Place]
  private(set) var buffers: [Buffer] = []
  /// Whether a 3x3 kernel reads the value, which must then have zeros around it.
  private(set) var needsHalo: [Bool]
  /// Bytes of the arena.
  private(set) var arenaBytes = 0
  /// For each layer that uses scratch memory, where it is.
  private var scratchOffsets: [Int: Int] = [:]
  private let scratchBytes: [Int: Int]

  /// Buffers start at multiples of so many bytes.
  private static let alignment = 64

  /// - Parameters:
  ///   - scratchBytes: for each layer that uses scratch memory, the bytes that a thread needs.
  ///   - threads: as many threads need it.
  /// - Complexity: O(n^2) for n layers.
  /// - Throws: `GraphError` if the graph does not admit the size.
  init(
    _ lowered: LoweredGraph, inputHeight: Int, inputWidth: Int, scratchBytes: [Int: Int] = [:], threads: Int = 1
  ) throws(GraphError) {
    self.scratchBytes = scratchBytes.mapValues { MemoryPlan.aligned($0) }
    let graph = lowered.graph
    formats = lowered.formats
    shapes = try graph.shapes(inputHeight: inputHeight, inputWidth: inputWidth)
    needsHalo = MemoryPlan.halos(graph)
    places = []
    place(lowered)
    setLives(graph)
    setOffsets(threads)
  }

  /// The view on a value in an arena that starts at `arena`.
  func map(_ value: Int, in arena: UnsafeMutableRawPointer) -> ActivationMap {
    map(value, at: places[value], in: arena)
  }

  /// The view on a range of a buffer's channels, as many as the value has and of its format.
  func map(_ value: Int, at place: Place, in arena: UnsafeMutableRawPointer) -> ActivationMap {
    let (shape, buffer) = (shapes[value], buffers[place.buffer])
    let element = buffer.rowStride + buffer.pixelStride + place.channel
    let base = arena + (buffer.offset + element * buffer.elementSize)
    if let format = formats[value] {
      return .bytes(
        QuantizedMap(
          base: base.assumingMemoryBound(to: UInt8.self), height: shape.height, width: shape.width,
          channels: shape.channels, pixelStride: buffer.pixelStride, rowStride: buffer.rowStride, scale: format.scale,
          zeroPoint: format.zeroPoint, largest: format.largest))
    }
    return .floats(
      FeatureMap(
        base: base.assumingMemoryBound(to: Float.self), height: shape.height, width: shape.width,
        channels: shape.channels, pixelStride: buffer.pixelStride, rowStride: buffer.rowStride))
  }

  /// Where each input of a concatenation belongs.
  func parts(ofConcatenation value: Int, inputs: [Int]) -> [(input: Int, place: Place)] {
    var place = places[value]
    return inputs.map { input in
      defer { place.channel += shapes[input].channels }
      return (input, place)
    }
  }

  /// A value needs a halo if a 3x3 kernel reads it, or something that it is a part of or that is a part of it.
  private static func halos(_ graph: Graph) -> [Bool] {
    var needsHalo = [Bool](repeating: false, count: graph.valueCount)
    for (index, layer) in graph.layers.enumerated().reversed() {
      switch layer.operation {
      case .convolution(let shape, _, _): if shape.kernel > 1 { needsHalo[layer.inputs[0]] = true }
      case .depthwiseConvolution: needsHalo[layer.inputs[0]] = true
      case .concatenate, .slice: if needsHalo[index + 1] { for input in layer.inputs { needsHalo[input] = true } }
      default: break
      }
    }
    return needsHalo
  }

  private mutating func place(_ lowered: LoweredGraph) {
    let graph = lowered.graph
    var places = [Place?](repeating: nil, count: graph.valueCount)
    // From the last layer back, so that a concatenation within a concatenation finds its place before its own inputs do.
    for value in places.indices.reversed() {
      let operation = value > 0 ? graph.layers[value - 1].operation : nil
      if case .slice = operation, places[value] == nil { continue }
      if value > 0, lowered.upsampledAddends[value - 1] != nil { continue }
      if value > 0, let shuffle = lowered.shuffles[value - 1] { places[value] = places[shuffle + 1] }
      let place = places[value] ?? Place(buffer: buffers.count, channel: 0)
      if places[value] == nil {
        buffers.append(
          Buffer(shape: shapes[value], elementSize: formats[value] == nil ? 4 : 1, life: value...value))
      }
      places[value] = place
      guard operation == .concatenate else { continue }
      var channel = place.channel
      for input in graph.layers[value - 1].inputs {
        if places[input] == nil, input != 0 { places[input] = Place(buffer: place.buffer, channel: channel) }
        channel += shapes[input].channels
      }
    }
    // What is left are slices, in the buffer of what they are slices of, and what is never made, in that of its input.
    self.places = []
    for (value, place) in places.enumerated() {
      if let place {
        self.places.append(place)
      } else if case .slice(let channels) = graph.layers[value - 1].operation {
        var place = self.places[graph.layers[value - 1].inputs[0]]
        place.channel += channels.lowerBound
        self.places.append(place)
      } else {
        self.places.append(self.places[graph.layers[value - 1].inputs[0]])
      }
    }
  }

  private mutating func setLives(_ graph: Graph) {
    func extend(_ value: Int, to step: Int) {
      let buffer = places[value].buffer
      let life = buffers[buffer].life
      buffers[buffer].life = min(life.lowerBound, step)...max(life.upperBound, step)
    }
    for value in places.indices { extend(value, to: value) }
    for (index, layer) in graph.layers.enumerated() {
      for input in layer.inputs { extend(input, to: index + 1) }
    }
    // The caller reads the output after the last layer.
    extend(graph.output, to: graph.valueCount)
  }

  /// The scratch memory of a layer in an arena that starts at `arena`; nil if it has none.
  func scratch(layer: Int, in arena: UnsafeMutableRawPointer) -> Scratch? {
    guard let offset = scratchOffsets[layer], let bytes = scratchBytes[layer] else { return nil }
    return Scratch(base: arena + offset, byteCount: bytes)
  }

  private mutating func setOffsets(_ threads: Int) {
    var regions = buffers.map { Region(byteCount: $0.byteCount, life: $0.life) }
    let layers = scratchBytes.sorted { $0.key < $1.key }
    regions += layers.map { Region(byteCount: $0.value * threads, life: $0.key + 1...$0.key + 1) }
    MemoryPlan.setOffsets(&regions)
    for index in buffers.indices { buffers[index].offset = regions[index].offset }
    for (layer, region) in zip(layers, regions[buffers.count...]) { scratchOffsets[layer.key] = region.offset }
    arenaBytes = regions.map { $0.offset + $0.byteCount }.max() ?? 0
  }

  /// The largest first, each at the lowest offset that no region of an overlapping life takes ("greedy by size":
  /// Pisarchyk and Lee, Efficient Memory Management for Deep Neural Net Inference, 2020).
  private static func setOffsets(_ regions: inout [Region]) {
    var placed: [Int] = []
    for index in regions.indices.sorted(by: { (-regions[$0].byteCount, $0) < (-regions[$1].byteCount, $1) }) {
      var offset = 0
      let rivals = placed.filter { regions[$0].life.overlaps(regions[index].life) }
      for rival in rivals.sorted(by: { regions[$0].offset < regions[$1].offset }) {
        if offset + regions[index].byteCount <= regions[rival].offset { break }
        offset = max(offset, aligned(regions[rival].offset + regions[rival].byteCount))
      }
      regions[index].offset = offset
      placed.append(index)
    }
  }

  private static func aligned(_ bytes: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }
}
