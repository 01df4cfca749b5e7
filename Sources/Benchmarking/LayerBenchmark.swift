import ConvNet
import KernelInterface
import LSDNet

/// Times a network layer by layer on one thread, against the peak of the instruction set.
public struct LayerBenchmark: Sendable {
  public struct Layer: Sendable {
    public var cost: LayerCost
    /// Median over the frames.
    public var milliseconds: Double

    /// 10^9 multiply-accumulates a second, of the direct computation.
    public var rate: Double { milliseconds > 0 ? Double(cost.macs) / milliseconds / 1e6 : 0 }
  }

  public var layers: [Layer]
  /// Multiply-accumulates in registers alone, 10^9 a second.
  public var peak: Double

  /// - Throws: what the detector throws; nothing is measured for a detector without a network.
  public init(_ detector: Detector, on image: RGBImage, frames: Int) throws {
    guard let network = detector.network else {
      (layers, peak) = ([], 0)
      return
    }
    network.measuresLayers = true
    defer { network.measuresLayers = false }
    _ = try detector.detect(in: image)
    var times = [[Double]](repeating: [], count: network.layerCosts.count)
    for _ in 0..<max(frames, 1) {
      _ = try detector.detect(in: image)
      for (layer, time) in network.layerMilliseconds.enumerated() { times[layer].append(time) }
    }
    layers = zip(network.layerCosts, times).map { Layer(cost: $0, milliseconds: Statistics($1).median) }
    peak = LayerBenchmark.measurePeak(network.packed.kernels)
  }

  /// The best of some runs: whatever else the machine does only slows a run.
  public static func measurePeak(_ kernels: KernelTable) -> Double {
    var sums: [Float] = [0.5, 0.25]
    let clock = ContinuousClock()
    var best = 0.0
    for _ in 0..<20 {
      var macs = 0
      let time = clock.measure { macs = kernels.peakLoop(200_000, &sums) }
      best = max(best, Double(macs) / (time / .nanoseconds(1)))
    }
    return best
  }
}
