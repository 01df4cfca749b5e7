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
  public var peaks: Peaks

  /// Multiply-accumulates in registers alone, 10^9 a second.
  public struct Peaks: Sendable {
    public var fp32: Double
    public var int8: Double

    /// The best of some runs: whatever else the machine does only slows a run.
    public init(_ kernels: KernelTable) {
      var floats: [Float] = [0.5, 0.25]
      fp32 = Peaks.best { kernels.peakLoop(200_000, &floats) }
      var integers: [Int32] = [5, 7]
      int8 = Peaks.best { kernels.quantized.peakLoop(200_000, &integers) }
    }

    /// The peak of the numbers that a layer computes with.
    public subscript(precision: Precision) -> Double {
      switch precision {
      case .fp32: fp32
      case .int8: int8
      }
    }

    private static func best(_ run: () -> Int) -> Double {
      let clock = ContinuousClock()
      var best = 0.0
      for _ in 0..<20 {
        var macs = 0
        let time = clock.measure { macs = run() }
        best = max(best, Double(macs) / (time / .nanoseconds(1)))
      }
      return best
    }
  }

  /// - Throws: what the detector throws; nothing is measured for a detector without a network.
  public init(_ detector: Detector, on image: ShrunkImage, frames: Int) throws {
    guard let network = detector.network else {
      (layers, peaks) = ([], Peaks(.best))
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
    peaks = Peaks(network.packed.kernels)
  }
}
