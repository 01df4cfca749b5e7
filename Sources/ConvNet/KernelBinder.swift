import KernelInterface
import ModelFormat

/// Binds kernels to the maps that they work on, those of floats or those of bytes, as the maps are. Nil where no kernel
/// takes such maps, which a lowered graph does not ask for.
struct KernelBinder {
  let kernels: KernelTable

  private typealias Unary<Map> = @Sendable (_ input: Map, _ output: Map, _ rows: Range<Int>) -> Void

  /// A convolution that stores its result as a DepthToSpace after it rearranges it.
  func convolve(
    _ shape: ConvolutionShape, _ input: ActivationMap, shuffled output: ActivationMap,
    _ parameters: PackedModel.Parameters?, _ activation: Activation, scratch: MemoryPlan.Scratch?
  ) -> Step.Kernel? {
    switch output {
    case .floats(let map):
      let (view, halfStride) = DepthToSpace.view(map)
      return convolve(
        shape, input, nil, .floats(view), parameters, activation, halfStride: halfStride, scratch: scratch)
    case .bytes(let map):
      let (view, halfStride) = DepthToSpace.view(map)
      return convolve(shape, input, nil, .bytes(view), parameters, activation, halfStride: halfStride, scratch: scratch)
    }
  }

  func convolve(
    _ shape: ConvolutionShape, _ input: ActivationMap, _ addend: ActivationMap?, _ output: ActivationMap,
    _ parameters: PackedModel.Parameters?, _ activation: Activation, halfStride: Int? = nil,
    scratch: MemoryPlan.Scratch? = nil
  ) -> Step.Kernel? {
    // What is added is of the same kind as the input.
    let (floats, bytes): (FeatureMap?, QuantizedMap?) =
      switch addend {
      case nil: (nil, nil)
      case .floats(let map): (map, nil)
      case .bytes(let map): (nil, map)
      }
    switch (parameters, input, output) {
    case (.floats(let weights, let bias), .floats(let input), .floats(let output)) where bytes == nil:
      return convolve(
        Convolution(
          shape: shape, input: input, output: output, packedWeights: weights, bias: bias, addend: floats,
          activation: activation, halfStride: halfStride))
    case (.winograd(let weights, let bias), .floats(let input), .floats(let output)) where bytes == nil:
      guard let scratch, let kernel = kernels.winograd?.convolve else { return nil }
      let convolution = Convolution(
        shape: shape, input: input, output: output, packedWeights: weights, bias: bias, addend: floats,
        activation: activation)
      return { rows, worker in kernel(convolution, scratch.floats(of: worker), rows) }
    case (.blocks(let blocks, let bias, let noBias), .floats(let input), .floats(let output)) where bytes == nil:
      return convolve(
        blocks,
        Convolution(
          shape: shape, input: input, output: output, packedWeights: noBias, bias: bias, addend: floats,
          activation: activation),
        noBias: noBias)
    case (.bytes(let kernels, let weights, let bias, let multipliers), .bytes(let input), let output)
    where floats == nil:
      guard let scratch else { return nil }
      let kernel = kernels.convolve
      let convolution = QuantizedConvolution(
        shape: shape, input: input, output: output, packedWeights: weights, bias: bias, multipliers: multipliers,
        addend: bytes, activation: activation, halfStride: halfStride)
      return { rows, worker in kernel(convolution, scratch.bytes(of: worker), rows) }
    default: return nil
    }
  }

  private func convolve(_ convolution: Convolution) -> Step.Kernel {
    let kernel = kernels.convolve
    return { rows, _ in kernel(convolution, rows) }
  }

  /// One convolution after the other, each adding to what the one before it made.
  private func convolve(
    _ blocks: [PackedModel.Block], _ whole: Convolution, noBias: UnsafePointer<Float>
  ) -> Step.Kernel {
    let parts = blocks.enumerated().map { index, block in
      var part = whole
      part.shape = whole.shape.restricted(to: block.channels)
      part.input.base += block.channels.lowerBound
      part.input.channels = block.channels.count
      part.packedWeights = block.weights
      if index > 0 { part.addend = whole.output }
      if index < blocks.count - 1 {
        part.bias = noBias
        part.activation = .none
      }
      return part
    }
    let kernel = kernels.convolve
    return { rows, _ in
      // Few rows at a time, which stay in the first-level cache from one block to the next.
      var next = rows.lowerBound
      while next < rows.upperBound {
        let pass = next..<min(next + 2, rows.upperBound)
        for index in parts.indices { kernel(parts[index], pass) }
        next = pass.upperBound
      }
    }
  }

  func convolveDepthwise(
    _ stride: Int, _ input: ActivationMap, _ output: ActivationMap, _ parameters: PackedModel.Parameters?,
    _ activation: Activation
  ) -> Step.Kernel? {
    guard case .floats(let weights, let bias) = parameters, case .floats(let input) = input,
      case .floats(let output) = output
    else { return nil }
    let convolution = DepthwiseConvolution(
      stride: stride, input: input, output: output, weights: weights, bias: bias, activation: activation)
    let kernel = kernels.convolveDepthwise
    return { rows, _ in kernel(convolution, rows) }
  }

  func maxPool(_ input: ActivationMap, _ output: ActivationMap) -> Step.Kernel? {
    unary(input, output, kernels.maxPool, kernels.quantized.maxPool)
  }

  func upsample(
    _ interpolation: Operation.Interpolation, _ input: ActivationMap, _ output: ActivationMap
  ) -> Step.Kernel? {
    switch interpolation {
    case .nearest: unary(input, output, kernels.upsampleNearest, kernels.quantized.upsampleNearest)
    case .bilinear: unary(input, output, kernels.upsampleBilinear, kernels.quantized.upsampleBilinear)
    }
  }

  func depthToSpace(_ shuffle: DepthToSpace, _ input: ActivationMap, _ output: ActivationMap) -> Step.Kernel? {
    let (floats, bytes) = (kernels.depthToSpace, kernels.quantized.depthToSpace)
    return unary(input, output, { floats(shuffle, $0, $1, $2) }, { bytes(shuffle, $0, $1, $2) })
  }

  func add(_ a: ActivationMap, _ b: ActivationMap, _ output: ActivationMap, _ activation: Activation) -> Step.Kernel? {
    switch (a, b, output) {
    case (.floats(let a), .floats(let b), .floats(let output)):
      let add = kernels.add
      return { rows, _ in add(a, b, output, activation, rows) }
    case (.bytes(let a), .bytes(let b), .bytes(let output)):
      let add = kernels.quantized.add
      return { rows, _ in add(a, b, output, activation, rows) }
    default: return nil
    }
  }

  /// `b` has half the height and width.
  func addUpsampled(
    _ a: ActivationMap, _ b: ActivationMap, _ output: ActivationMap, _ activation: Activation
  ) -> Step.Kernel? {
    switch (a, b, output) {
    case (.floats(let a), .floats(let b), .floats(let output)):
      let add = kernels.addUpsampled
      return { rows, _ in add(a, b, output, activation, rows) }
    case (.bytes(let a), .bytes(let b), .bytes(let output)):
      let add = kernels.quantized.addUpsampled
      return { rows, _ in add(a, b, output, activation, rows) }
    default: return nil
    }
  }

  /// The activation, a copy, or a conversion.
  func map(_ input: ActivationMap, _ output: ActivationMap, _ activation: Activation) -> Step.Kernel? {
    switch (input, output) {
    case (.floats(let input), .floats(let output)):
      let map = kernels.map
      return { rows, _ in map(input, output, activation, rows) }
    case (.bytes(let input), .bytes(let output)):
      let map = kernels.quantized.map
      return { rows, _ in map(input, output, activation, rows) }
    case (.floats(let input), .bytes(let output)):
      let quantize = kernels.quantized.quantize
      return { rows, _ in quantize(input, output, rows) }
    case (.bytes(let input), .floats(let output)):
      let dequantize = kernels.quantized.dequantize
      return { rows, _ in dequantize(input, output, rows) }
    }
  }

  private func unary(
    _ input: ActivationMap, _ output: ActivationMap, _ floats: @escaping Unary<FeatureMap>,
    _ bytes: @escaping Unary<QuantizedMap>
  ) -> Step.Kernel? {
    switch (input, output) {
    case (.floats(let input), .floats(let output)): { rows, _ in floats(input, output, rows) }
    case (.bytes(let input), .bytes(let output)): { rows, _ in bytes(input, output, rows) }
    default: nil
    }
  }
}
