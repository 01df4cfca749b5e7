/// A figure with the interval that holds it in 95 % of the resamples of the images.
public struct Estimate: Equatable, Sendable {
  public var value: Double
  public var low: Double
  public var high: Double

  public init(value: Double, low: Double, high: Double) {
    self.value = value
    self.low = low
    self.high = high
  }

  /// The percentile interval (Efron and Tibshirani, "An Introduction to the Bootstrap", chapter 13).
  init(value: Double, resamples: [Double]) {
    let sorted = resamples.sorted()
    guard let last = sorted.indices.last else {
      self.init(value: value, low: value, high: value)
      return
    }
    func quantile(_ q: Double) -> Double {
      let position = q * Double(last)
      let below = Int(position)
      let above = min(below + 1, last)
      return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
    }
    self.init(value: value, low: quantile(0.025), high: quantile(0.975))
  }
}

/// Resamples of a data set's images: how often each image is drawn.
///
/// The draws depend on the seed and the images' names alone, neither on their order nor on the method: differences between
/// methods are taken resample by resample ("paired"), which cancels what is easy or hard about the images drawn.
struct Resamples: Sendable {
  /// For each resample, the weight of each image.
  let weights: [[Int]]

  init(names: [String], count: Int, seed: UInt64 = 1) {
    let order = names.indices.sorted { names[$0] < names[$1] }
    var generator = SplitMix64(seed: seed)
    weights = (0..<count).map { _ in
      var weights = [Int](repeating: 0, count: order.count)
      for _ in order { weights[order[generator.index(below: order.count)]] += 1 }
      return weights
    }
  }
}

extension PooledSteps {
  /// F^H and AP^H over images counted with the given weights.
  func heatmapMeasures(weights: [Int], truth: [Int]) -> (f: Double, averagePrecision: Double) {
    let total = zip(weights, truth).reduce(0) { $0 + $1.0 * $1.1 }
    var predicted = 0
    var matched = 0
    var best = 0.0
    var curve: [(precision: Double, recall: Double)] = []
    curve.reserveCapacity(groups.count)
    for group in groups {
      for step in group {
        let weight = weights[Int(image[step])]
        predicted += weight * Int(self.predicted[step])
        matched += weight * Int(self.matched[step])
      }
      best = max(best, ratio(2 * Double(matched), Double(predicted + total)))
      curve.append((ratio(Double(matched), Double(predicted)), ratio(Double(matched), Double(total))))
    }
    return (best, envelopeArea(curve))
  }
}
