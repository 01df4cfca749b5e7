import KernelInterface
import ModelFormat

/// A model with its weights in the order and the precision that one kernel table wants them; made once and shared by
/// networks on any number of threads.
public final class PackedModel: @unchecked Sendable {
  public let model: Model
  public let precision: Precision
  public let kernels: KernelTable
  let lowered: LoweredGraph
  /// Of each layer of the lowered graph; nil if it has none.
  private(set) var parameters: [Parameters?] = []
  private var memory: [UnsafeMutableRawPointer] = []

  /// The parameters of a layer, as its kernel takes them.
  enum Parameters {
    case floats(weights: UnsafePointer<Float>, bias: UnsafePointer<Float>)
    case winograd(weights: UnsafePointer<Float>, bias: UnsafePointer<Float>)
    /// Of a convolution that is summed in blocks of input channels; `noBias` is as many zeros.
    case blocks([Block], bias: UnsafePointer<Float>, noBias: UnsafePointer<Float>)
    /// Packed by the kernels that take them.
    case bytes(
      QuantizedConvolutionKernels, weights: UnsafeRawPointer, bias: UnsafePointer<Int32>,
      multipliers: UnsafePointer<Float>)

    /// Rows of the output that are made at once.
    var tileRows: Int {
      switch self {
      case .winograd: WinogradTransform.outputs
      case .bytes(let kernels, _, _, _): kernels.tileRows
      case .floats, .blocks: 1
      }
    }

    var isWinograd: Bool { tileRows > 1 }
  }

  /// The packed weights of a range of input channels.
  struct Block {
    var channels: Range<Int>
    var weights: UnsafePointer<Float>
  }

  /// Packs the weights for single precision. O(parameters).
  public convenience init(_ model: Model, kernels: KernelTable = .best) {
    self.init(model, .fp32, LoweredGraph(model.graph), kernels)
  }

  /// Packs the weights. O(parameters).
  ///
  /// - Throws: `NetworkError.notCalibrated` for int8 if the model does not say what range its activations span.
  public convenience init(
    _ model: Model, precision: Precision, kernels: KernelTable = .best
  ) throws(NetworkError) {
    switch precision {
    case .fp32: self.init(model, kernels: kernels)
    case .int8:
      guard let lowered = LoweredGraph(quantizing: model.graph) else { throw .notCalibrated }
      self.init(model, .int8, lowered, kernels)
    }
  }

  private init(_ model: Model, _ precision: Precision, _ lowered: LoweredGraph, _ kernels: KernelTable) {
    self.model = model
    self.precision = precision
    self.kernels = kernels
    self.lowered = lowered
    let blocks = lowered.graph.inputBlocks()
    for index in lowered.graph.layers.indices { parameters.append(pack(layer: index, blocks: blocks[index])) }
  }

  deinit { for block in memory { block.deallocate() } }

  /// For each layer of the lowered graph whose kernel uses scratch memory, the bytes that a thread needs.
  var scratchBytes: [Int: Int] {
    var bytes: [Int: Int] = [:]
    for (index, layer) in lowered.graph.layers.enumerated() {
      guard case .convolution(let shape, _, _) = layer.operation else { continue }
      switch parameters[index] {
      case .winograd: bytes[index] = kernels.winograd.map { $0.scratchCount(shape) * MemoryLayout<Float>.stride }
      case .bytes(let kernels, _, _, _): bytes[index] = kernels.scratchBytes(shape)
      default: continue
      }
    }
    return bytes
  }

  private func pack(layer index: Int, blocks: [Range<Int>]?) -> Parameters? {
    let layer = lowered.graph.layers[index]
    switch layer.operation {
    case .convolution(let shape, let operands, _):
      let bias = floats(operands.bias)
      if let input = lowered.formats[layer.inputs[0]] {
        return pack(filter(shape, operands, input), bias, input, lowered.formats[index + 1])
      }
      let weights = withWeights(shape, operands) { Array(UnsafeBufferPointer(start: $0, count: shape.macsPerPixel)) }
      if let blocks, blocks.count > 1 {
        let packed = blocks.map { block in
          Block(channels: block, weights: pack(shape.restrict(weights, to: block), shape.restricted(to: block)))
        }
        return .blocks(packed, bias: copy(bias), noBias: copy(bias.map { _ in 0 }))
      }
      if blocks == nil, lowered.shuffles[index] == nil, let winograd = kernels.winograd(for: shape) {
        let packed = allocate(winograd.packedCount(shape), of: Float.self)
        winograd.pack(shape, weights, packed)
        return .winograd(weights: UnsafePointer(packed), bias: copy(bias))
      }
      return .floats(weights: pack(weights, shape), bias: copy(bias))
    case .depthwiseConvolution(_, let channels, let operands, _):
      var weights = floats(operands.weights)
      scale(&weights, by: operands.scales, repeats: 1, period: channels)
      return .floats(weights: copy(weights), bias: copy(floats(operands.bias)))
    default: return nil
    }
  }

  private func pack(_ weights: [Float], _ shape: ConvolutionShape) -> UnsafePointer<Float> {
    let packed = allocate(kernels.packedCount(shape), of: Float.self)
    kernels.packConvolution(shape, weights, packed)
    return UnsafePointer(packed)
  }

  private func pack(
    _ filter: QuantizedFilter, _ bias: [Float], _ input: Quantization, _ output: Quantization?
  ) -> Parameters {
    let bias = filter.bias(bias, inputScale: input.scale, inputZeroPoint: input.zeroPoint)
    let multipliers = copy(filter.multipliers(inputScale: input.scale, outputScale: output?.scale ?? 1))
    let chosen =
      kernels.quantizedWinograd(for: filter, bias: bias, largestInput: input.largest) ?? kernels.quantized.direct
    let packed = UnsafeMutableRawPointer(allocate(chosen.packedBytes(filter.shape), of: UInt8.self))
    chosen.pack(filter.shape, filter.weights, packed)
    return .bytes(chosen, weights: packed, bias: copy(bias), multipliers: multipliers)
  }

  /// The weights of a convolution in 8 bits: as they are in the model, if they can be.
  private func filter(
    _ shape: ConvolutionShape, _ operands: Operation.Parameters, _ input: Quantization
  ) -> QuantizedFilter {
    if let scales = operands.scales {
      let weights = model.tensors[operands.weights].withBytes { Array($0.bindMemory(to: Int8.self)) }
      if let filter = QuantizedFilter(shape: shape, weights: weights, scales: floats(scales)) { return filter }
    }
    return withWeights(shape, operands) {
      QuantizedFilter(shape: shape, weights: $0, fitsTransform: input.isTransformed(by: shape))
    }
  }

  /// The weights of a convolution as floats: where they lie in the model, if they are floats there.
  private func withWeights<Result>(
    _ shape: ConvolutionShape, _ operands: Operation.Parameters, _ body: (UnsafePointer<Float>) -> Result
  ) -> Result {
    let tensor = model.tensors[operands.weights]
    if tensor.elementType == .float32, operands.scales == nil {
      let result: Result? = tensor.withFloats { $0.baseAddress.map(body) }
      if let result { return result }
    }
    var weights = floats(operands.weights)
    scale(&weights, by: operands.scales, repeats: weights.count / shape.outputChannels, period: weights.count)
    return body(weights)
  }

  private func floats(_ index: Int) -> [Float] {
    let tensor = model.tensors[index]
    switch tensor.elementType {
    case .float32: return tensor.withFloats { Array($0) }
    case .int8: return tensor.withBytes { bytes in bytes.map { Float(Int8(bitPattern: $0)) } }
    }
  }

  /// Multiplies element `i` by scale `(i % period) / repeats`: what int8 weights mean.
  private func scale(_ weights: inout [Float], by scales: Int?, repeats: Int, period: Int) {
    guard let scales else { return }
    let factors = floats(scales)
    for index in weights.indices { weights[index] *= factors[index % period / repeats] }
  }

  /// Zeros, in whole vectors: a kernel may read the last one whole.
  private func allocate<Element: Numeric>(_ count: Int, of type: Element.Type) -> UnsafeMutablePointer<Element> {
    let bytes = (count * MemoryLayout<Element>.stride + 63) / 64 * 64
    let block = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, 64), alignment: 64)
    memory.append(block)
    let capacity = max(bytes, 64) / MemoryLayout<Element>.stride
    let elements = block.bindMemory(to: Element.self, capacity: capacity)
    elements.initialize(repeating: 0, count: capacity)
    return elements
  }

  private func copy<Element: Numeric>(_ values: [Element]) -> UnsafePointer<Element> {
    let target = allocate(values.count, of: Element.self)
    values.withUnsafeBufferPointer { if let base = $0.baseAddress { target.update(from: base, count: $0.count) } }
    return UnsafePointer(target)
  }
}
