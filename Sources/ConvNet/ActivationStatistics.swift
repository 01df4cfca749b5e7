import KernelInterface
import ModelFormat

/// What values the layers of a network come to on many inputs, and the ranges that represent them best in 8 bits.
///
///     let statistics = ActivationStatistics(network)
///     ... // run the network on some hundred images
///     let model = try statistics.calibrated()
///
/// While it lives the network, which computes in single precision, reports to it.
public final class ActivationStatistics {
  private let network: Network
  private var histograms: [Histogram?]

  /// - Precondition: the network computes in fp32.
  public init(_ network: Network) {
    precondition(network.packed.precision == .fp32)
    self.network = network
    histograms = network.packed.model.graph.layers.map { $0.operation.makesNewValues ? Histogram() : nil }
    network.observer = { [unowned self] layer, output in histograms[layer]?.add(output) }
  }

  deinit { network.observer = nil }

  /// The model with the range of its input, which its normalisation fixes, and of everything that layers compute.
  ///
  /// - Throws: `ModelProblem` if a layer's values have no sound range.
  public func calibrated() throws(ModelProblem) -> Model {
    let model = network.packed.model
    var graph = model.graph
    graph.inputRange = model.input.valueRange
    let transformed = graph.transformedValues
    for (index, histogram) in histograms.enumerated() {
      let steps = transformed[index + 1] ? ByteWinogradTransform.largestInput : 255
      graph.layers[index].outputRange = histogram?.bestRange(steps: steps)
    }
    return try Model(
      metadata: model.metadata, input: model.input, output: model.output, graph: graph, tensors: model.tensors)
  }
}

extension Graph {
  /// For each value, whether a convolution that `ByteWinogradTransform` serves reads it, or what layers pass on of it.
  fileprivate var transformedValues: [Bool] {
    var values = [Bool](repeating: false, count: valueCount)
    for (index, layer) in layers.enumerated().reversed() {
      switch layer.operation {
      case .convolution(let shape, _, _) where ByteWinogradTransform.serves(shape): values[layer.inputs[0]] = true
      case let operation where !operation.makesNewValues && values[index + 1]:
        for input in layer.inputs { values[input] = true }
      default: break
      }
    }
    return values
  }
}

/// How often values occur: a bin for each of the upper 16 bits that a float can have, so that bins are 1/128 of their
/// value wide and no range has to be known beforehand.
struct Histogram {
  private var counts = [UInt64](repeating: 0, count: 1 << 16)

  /// Counts all values of a map, but what is no finite number.
  mutating func add(_ map: FeatureMap) {
    counts.withUnsafeMutableBufferPointer { counts in
      for y in 0..<map.height {
        for x in 0..<map.width {
          let pixel = map.pixel(y, x)
          for channel in 0..<map.channels where pixel[channel].isFinite {
            counts[Int(pixel[channel].bitPattern >> 16)] += 1
          }
        }
      }
    }
  }

  /// The range that quantisation to so many steps changes the counted values least with, by the mean of the squared error:
  /// steps get finer as rare extremes are cut off (Krishnamoorthi, Quantizing Deep Convolutional Networks for Efficient
  /// Inference, 2018, compares such choices).
  func bestRange(steps: UInt8 = 255) -> ActivationRange {
    // The middle of each bin that is not empty.
    let bins = counts.indices.lazy.filter { counts[$0] > 0 }.map {
      Bin(value: $0 & 0x7FFF == 0 ? 0 : Float(bitPattern: UInt32($0) << 16 | 0x8000), count: Float(counts[$0]))
    }
    let all = Array(bins)
    guard !all.isEmpty else { return ActivationRange(lower: -.infinity, upper: .infinity) }
    var range = ActivationRange(
      lower: min(all.map(\.value).min() ?? 0, 0), upper: max(all.map(\.value).max() ?? 0, 0), steps: steps)
    // A layer that is always zero may have any range; one whose values are beyond all bounds has none.
    guard range.isSound else { return range.isTiny ? ActivationRange(lower: 0, upper: 1, steps: steps) : range }
    func error(_ range: ActivationRange) -> Float {
      let step = (range.upper - range.lower) / Float(steps)
      return all.reduce(0) { sum, bin in
        let value = max(range.lower, min(range.upper, bin.value))
        let cut = bin.value - value
        // Rounding is off by at most half a step, and by the value itself at most.
        return sum + bin.count * (cut * cut + min(value * value, step * step / 12))
      }
    }
    // The ends in turn, as the best place of one depends a little on that of the other.
    for end in [\ActivationRange.upper, \.lower, \.upper, \.lower] {
      var candidate = range
      var least = error(range)
      for _ in 0..<Histogram.cuts {
        candidate[keyPath: end] *= Histogram.cut
        guard candidate.isSound else { break }
        let current = error(candidate)
        if current < least { (least, range) = (current, candidate) }
      }
    }
    return range
  }

  private struct Bin {
    var value: Float
    var count: Float
  }

  /// Ends are tried from the extreme value down to 1/30 of it.
  private static let cut: Float = 0.97
  private static let cuts = 112
}
