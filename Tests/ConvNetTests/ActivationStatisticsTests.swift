import KernelInterface
import ModelFormat
import Testing

@testable import ConvNet

@Suite struct ActivationStatisticsTests {
  private func range(_ values: [Float]) -> ActivationRange {
    var histogram = Histogram()
    var values = values
    values.withUnsafeMutableBufferPointer { values in
      histogram.add(
        FeatureMap(
          base: values.baseAddress!, height: 1, width: values.count, channels: 1, pixelStride: 1,
          rowStride: values.count))
    }
    return histogram.bestRange
  }

  @Test func evenlySpreadValuesKeepTheirRange() {
    let range = range((0...10_000).map { Float($0) / 10_000 * 4 - 1 })
    #expect(abs(range.lower + 1) < 0.05 && abs(range.upper - 3) < 0.1)
  }

  @Test func aRareExtremeIsCutOff() {
    let bulk = (0...100_000).map { Float($0) / 100_000 }
    #expect(abs(range(bulk).upper - 1) < 0.02)
    let range = range(bulk + [8])
    #expect(range.lower == 0 && range.upper > 1 && range.upper < 4)
    // Many of them are not.
    #expect(self.range(bulk + [Float](repeating: 8, count: 10_000)).upper > 7)
  }

  @Test func bothEndsAreCutOffOnTheirOwn() {
    let bulk = (-50_000...50_000).map { Float($0) / 50_000 }
    let range = range(bulk + [-9])
    #expect(range.lower > -5 && range.lower < -1 && abs(range.upper - 1) < 0.1)
  }

  @Test func alwaysZeroHasAnyRange() {
    #expect(range([0, 0, -0.0]).isSound)
    #expect(range([.nan, .infinity, -.infinity]).isSound)
    #expect(range([1e-38]).isSound)
  }

  @Test func whatIsNoNumberDoesNotCount() {
    let range = range([.nan, -.infinity, .infinity] + (0...1000).map { Float($0) / 1000 })
    #expect(range.lower == 0 && abs(range.upper - 1) < 0.02)
  }

  @Test func everyComputedValueGetsARange() throws {
    let model = try Model.random(seed: 7, layers: 20, height: 16, width: 16)
    let network = Network(model, threads: 2)
    let statistics = ActivationStatistics(network)
    for seed in 0..<2 { try network.run(height: 16, width: 16, fill: { $0.fill(seed: UInt64(seed)) }, read: { _ in }) }
    let calibrated = try statistics.calibrated()
    #expect(calibrated.graph.isCalibrated)
    #expect(calibrated.graph.inputRange == ActivationRange(lower: 0, upper: 1))
    #expect(calibrated.tensors == model.tensors)
    for (layer, before) in zip(calibrated.graph.layers, model.graph.layers) {
      #expect((layer.outputRange != nil) == layer.operation.makesNewValues)
      #expect(layer.operation == before.operation && layer.inputs == before.inputs)
    }
  }
}
