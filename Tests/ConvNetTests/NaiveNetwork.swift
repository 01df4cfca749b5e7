import ConvReference
import KernelInterface
import ModelFormat

/// Runs a graph layer by layer on the reference kernels, each value in memory of its own that is never used again: what
/// the executor must come to, with all its sharing.
struct NaiveNetwork {
  let model: Model

  /// A value and the zeros around it.
  final class Buffer {
    let map: FeatureMap
    private let memory: UnsafeMutablePointer<Float>

    init(_ shape: ValueShape) {
      let rowStride = (shape.width + 2) * shape.channels
      let count = (shape.height + 2) * rowStride
      memory = .allocate(capacity: count)
      memory.initialize(repeating: 0, count: count)
      map = FeatureMap(
        base: memory + rowStride + shape.channels, height: shape.height, width: shape.width, channels: shape.channels,
        pixelStride: shape.channels, rowStride: rowStride)
    }

    deinit { memory.deallocate() }
  }

  func run(height: Int, width: Int, fill: (FeatureMap) -> Void) throws -> [Float] {
    let shapes = try model.graph.shapes(inputHeight: height, inputWidth: width)
    let buffers = shapes.map(Buffer.init)
    let kernels = ReferenceKernels.table
    fill(buffers[0].map)
    for (index, layer) in model.graph.layers.enumerated() {
      let inputs = layer.inputs.map { buffers[$0].map }
      let output = buffers[index + 1].map
      let rows = 0..<output.height
      switch layer.operation {
      case .convolution(let shape, let parameters, let activation):
        model.tensors[parameters.weights].withFloats { weights in
          model.tensors[parameters.bias].withFloats { bias in
            kernels.convolve(
              Convolution(
                shape: shape, input: inputs[0], output: output, packedWeights: weights.baseAddress!,
                bias: bias.baseAddress!, addend: inputs.count > 1 ? inputs[1] : nil, activation: activation), rows)
          }
        }
      case .depthwiseConvolution(let stride, _, let parameters, let activation):
        model.tensors[parameters.weights].withFloats { weights in
          model.tensors[parameters.bias].withFloats { bias in
            kernels.convolveDepthwise(
              DepthwiseConvolution(
                stride: stride, input: inputs[0], output: output, weights: weights.baseAddress!,
                bias: bias.baseAddress!, activation: activation), rows)
          }
        }
      case .maxPool: kernels.maxPool(inputs[0], output, rows)
      case .upsample(.nearest): kernels.upsampleNearest(inputs[0], output, rows)
      case .upsample(.bilinear): kernels.upsampleBilinear(inputs[0], output, rows)
      case .depthToSpace(let shuffle): kernels.depthToSpace(shuffle, inputs[0], output, rows)
      case .add(let activation): kernels.add(inputs[0], inputs[1], output, activation, rows)
      case .activate(let activation): kernels.map(inputs[0], output, activation, rows)
      case .slice(let range):
        for y in rows {
          for x in 0..<output.width {
            for channel in range { output.pixel(y, x)[channel - range.lowerBound] = inputs[0].pixel(y, x)[channel] }
          }
        }
      case .concatenate:
        for y in rows {
          for x in 0..<output.width {
            var target = output.pixel(y, x)
            for input in inputs {
              target.update(from: input.pixel(y, x), count: input.channels)
              target += input.channels
            }
          }
        }
      }
    }
    return withExtendedLifetime(buffers) { buffers[model.graph.output].map.values }
  }
}

extension FeatureMap {
  /// All values, rows first, channels last.
  var values: [Float] {
    (0..<height).flatMap { y in
      (0..<width).flatMap { x in (0..<channels).map { pixel(y, x)[$0] } }
    }
  }

  /// Fills the map by the same rule as `Fixtures/networks/make.py`.
  func fillWithPattern() {
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<channels {
          let index = (y * width + x) * channels + channel
          pixel(y, x)[channel] = Float(index * 7919 % 1009) / 1009
        }
      }
    }
  }

  func fill(seed: UInt64) {
    var random = SplitMix64(state: seed)
    for y in 0..<height {
      for x in 0..<width { for channel in 0..<channels { pixel(y, x)[channel] = random.float() } }
    }
  }
}
