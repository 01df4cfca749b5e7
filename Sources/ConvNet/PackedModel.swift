import KernelInterface
import ModelFormat

/// A model with its weights in the order that one kernel table wants them; made once and shared by networks on any number
/// of threads.
public final class PackedModel: @unchecked Sendable {
  public let model: Model
  public let kernels: KernelTable
  /// For each layer, the weights and the bias in `parameters`.
  private var places: [(weights: Int, bias: Int)?] = []
  private let parameters: UnsafeMutablePointer<Float>

  /// Packs the weights. O(parameters).
  public init(_ model: Model, kernels: KernelTable = .best) {
    self.model = model
    self.kernels = kernels
    var end = 0
    func reserve(_ count: Int) -> Int {
      // Whole vectors, so that a kernel may read the last one whole.
      defer { end += (count + 15) / 16 * 16 }
      return end
    }
    for layer in model.graph.layers {
      switch layer.operation {
      case .convolution(let shape, _, _):
        places.append((reserve(kernels.packedCount(shape)), reserve(shape.outputChannels)))
      case .depthwiseConvolution(_, let channels, _, _): places.append((reserve(9 * channels), reserve(channels)))
      default: places.append(nil)
      }
    }
    parameters = UnsafeMutableRawPointer.allocate(byteCount: max(end, 1) * 4, alignment: 64)
      .bindMemory(to: Float.self, capacity: max(end, 1))
    parameters.initialize(repeating: 0, count: end)

    for (layer, place) in zip(model.graph.layers, places) {
      guard let place else { continue }
      switch layer.operation {
      case .convolution(let shape, let operands, _):
        var weights = floats(operands.weights)
        scale(&weights, by: operands.scales, repeats: shape.macsPerPixel / shape.outputChannels, period: weights.count)
        kernels.packConvolution(shape, weights, parameters + place.weights)
        copy(floats(operands.bias), to: place.bias)
      case .depthwiseConvolution(_, let channels, let operands, _):
        var weights = floats(operands.weights)
        scale(&weights, by: operands.scales, repeats: 1, period: channels)
        copy(weights, to: place.weights)
        copy(floats(operands.bias), to: place.bias)
      default: break
      }
    }
  }

  deinit { parameters.deallocate() }

  /// The packed weights and the bias of a layer that has them.
  func parameters(ofLayer index: Int) -> (weights: UnsafePointer<Float>, bias: UnsafePointer<Float>)? {
    places[index].map { (UnsafePointer(parameters + $0.weights), UnsafePointer(parameters + $0.bias)) }
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

  private func copy(_ values: [Float], to place: Int) {
    values.withUnsafeBufferPointer {
      if let base = $0.baseAddress { (parameters + place).update(from: base, count: $0.count) }
    }
  }
}
