import ConvReference
import KernelInterface
import ModelFormat

@testable import ConvNet

/// Runs a lowered graph layer by layer on the reference kernels, each value in memory of its own that is never used
/// again, its halo filled beforehand.
struct NaiveQuantizedNetwork {
  let packed: PackedModel

  init(_ model: Model) throws {
    packed = try PackedModel(model, precision: .int8, kernels: ReferenceKernels.table)
  }

  private final class Buffer {
    let map: ActivationMap
    private let floats: NaiveNetwork.Buffer?
    private let bytes: UnsafeMutablePointer<UInt8>?

    init(_ shape: ValueShape, _ format: Quantization?) {
      guard let format else {
        let buffer = NaiveNetwork.Buffer(shape)
        (map, floats, bytes) = (.floats(buffer.map), buffer, nil)
        return
      }
      let pixelStride = (shape.channels + 3) / 4 * 4
      let rowStride = (shape.width + 2) * pixelStride
      let count = (shape.height + 2) * rowStride
      let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
      memory.initialize(repeating: format.zeroPoint, count: count)
      map = .bytes(
        QuantizedMap(
          base: memory + rowStride + pixelStride, height: shape.height, width: shape.width, channels: shape.channels,
          pixelStride: pixelStride, rowStride: rowStride, scale: format.scale, zeroPoint: format.zeroPoint,
          largest: format.largest))
      (floats, bytes) = (nil, memory)
    }

    deinit { bytes?.deallocate() }
  }

  func run(height: Int, width: Int, fill: (FeatureMap) -> Void) throws -> [Float] {
    let lowered = packed.lowered
    let shapes = try lowered.graph.shapes(inputHeight: height, inputWidth: width)
    let buffers = zip(shapes, lowered.formats).map { Buffer($0, $1) }
    let kernels = KernelBinder(kernels: packed.kernels)
    // Reference kernels use none of it.
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 64)
    defer { memory.deallocate() }
    let scratch = MemoryPlan.Scratch(base: memory, byteCount: 0)
    switch buffers[0].map {
    case .floats(let map): fill(map)
    case .bytes(let map):
      let floats = NaiveNetwork.Buffer(shapes[0])
      fill(floats.map)
      packed.kernels.quantized.quantize(floats.map, map, 0..<map.height)
    }
    for (index, layer) in lowered.graph.layers.enumerated() {
      let inputs = layer.inputs.map { buffers[$0].map }
      let output = buffers[index + 1].map
      let kernel: Step.Kernel?
      switch layer.operation {
      case .convolution(let shape, _, let activation):
        let addend = inputs.count > 1 ? inputs[1] : nil
        kernel = kernels.convolve(
          shape, inputs[0], addend, output, packed.parameters[index], activation, scratch: scratch)
      case .depthwiseConvolution(let stride, _, _, let activation):
        kernel = kernels.convolveDepthwise(stride, inputs[0], output, packed.parameters[index], activation)
      case .maxPool: kernel = kernels.maxPool(inputs[0], output)
      case .upsample(let interpolation): kernel = kernels.upsample(interpolation, inputs[0], output)
      case .depthToSpace(let shuffle): kernel = kernels.depthToSpace(shuffle, inputs[0], output)
      case .add(let activation): kernel = kernels.add(inputs[0], inputs[1], output, activation)
      case .activate(let activation): kernel = kernels.map(inputs[0], output, activation)
      case .slice(let channels):
        kernel = { _, _ in output.copy(inputs[0], from: channels.lowerBound, to: 0, count: channels.count) }
      case .concatenate:
        kernel = { _, _ in
          var channel = 0
          for (input, value) in zip(inputs, layer.inputs) {
            output.copy(input, from: 0, to: channel, count: shapes[value].channels)
            channel += shapes[value].channels
          }
        }
      }
      guard let kernel else { throw NoKernel(layer: layer.name) }
      kernel(0..<output.height, 0)
    }
    guard case .floats(let output) = buffers[lowered.graph.output].map else { throw NoKernel(layer: "output") }
    return withExtendedLifetime(buffers) { output.values }
  }

  struct NoKernel: Error {
    var layer: String
  }
}

extension ActivationMap {
  /// Copies channels as they are; both maps are of one format.
  fileprivate func copy(_ source: ActivationMap, from: Int, to: Int, count: Int) {
    for y in 0..<height {
      for x in 0..<width {
        switch (self, source) {
        case (.floats(let target), .floats(let source)):
          (target.pixel(y, x) + to).update(from: source.pixel(y, x) + from, count: count)
        case (.bytes(let target), .bytes(let source)):
          (target.pixel(y, x) + to).update(from: source.pixel(y, x) + from, count: count)
        default: break
        }
      }
    }
  }
}
