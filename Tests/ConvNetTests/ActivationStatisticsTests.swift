import KernelInterface
import ModelFormat
import Testing

@testable import ConvNet

@Suite struct ActivationStatisticsTests {
  /// The best range of values that occur `repeats` times, and of others that occur once.
  private func range(_ values: [Float], repeats: Int = 1, and others: [Float] = []) -> ActivationRange {
    var histogram = Histogram()
    func add(_ values: [Float]) {
      var values = values
      values.withUnsafeMutableBufferPointer { values in
        guard let base = values.baseAddress else { return }
        histogram.add(
          FeatureMap(
            base: base, height: 1, width: values.count, channels: 1, pixelStride: 1, rowStride: values.count))
      }
    }
    for _ in 0..<repeats { add(values) }
    add(others)
    return histogram.bestRange()
  }

  @Test func evenlySpreadValuesKeepTheirRange() {
    let range = range((0...10_000).map { Float($0) / 10_000 * 4 - 1 })
    #expect(abs(range.lower + 1) < 0.05 && abs(range.upper - 3) < 0.1)
  }

  @Test func aRareExtremeIsCutOff() {
    // n values in [0, 1] and one of 8: n (u / 255)^2 / 12 + (8 - u)^2 is least for u = 8 / (1 + n / 780300).
    let bulk = (0..<10_000).map { Float($0) / 10_000 }
    let range = range(bulk, repeats: 200, and: [8])
    #expect(range.lower == 0 && abs(range.upper - 2.25) < 0.1)
    // Many of them are not.
    #expect(self.range(bulk, repeats: 200, and: [Float](repeating: 8, count: 1000)).upper > 7.5)
  }

  @Test func bothEndsAreCutOffOnTheirOwn() {
    let range = range((-5000..<5000).map { Float($0) / 5000 }, repeats: 200, and: [-9])
    #expect(range.lower > -2.5 && range.lower < -1 && abs(range.upper - 1) < 0.1)
  }

  @Test func alwaysZeroHasAnyRange() {
    #expect(range([0, 0, -0.0]).isSound)
    #expect(range([1e-38]).isSound)
  }

  @Test func whatIsBeyondAllBoundsHasNone() {
    #expect(!range([.nan, .infinity, -.infinity]).isSound)
    #expect(!range([0, 1e21]).isSound)
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

  /// What a convolution reads that the runtime transforms in bytes, through layers that pass it on, has fewer steps.
  @Test func transformedInputsHaveFewSteps() throws {
    var tensors: [Tensor] = []
    func convolution(_ name: String, _ kernel: Int, _ inputs: Int, from input: Int) -> Layer {
      tensors.append(
        Tensor(
          name: name, shape: [16, kernel, kernel, inputs],
          values: [Float](repeating: 0.01, count: 16 * kernel * kernel * inputs)))
      tensors.append(Tensor(name: "\(name) bias", shape: [16], values: [Float](repeating: 0.5, count: 16)))
      let shape = ConvolutionShape(kernel: kernel, stride: 1, inputChannels: inputs, outputChannels: 16)
      return Layer(
        name: name,
        operation: .convolution(shape, .init(weights: tensors.count - 2, bias: tensors.count - 1), .relu),
        inputs: [input])
    }
    let layers = [
      convolution("a", 3, 3, from: 0), convolution("b", 1, 16, from: 1),
      Layer(name: "pool", operation: .maxPool, inputs: [2]),
      Layer(name: "joined", operation: .concatenate, inputs: [3, 3]), convolution("c", 3, 32, from: 4),
      convolution("d", 1, 16, from: 5),
    ]
    let model = try Model(
      input: InputPolicy(size: .squash(width: 16, height: 16)), output: OutputEncoding(tangent: .doubledAngle),
      graph: Graph(inputChannels: 3, layers: layers, output: layers.count), tensors: tensors)
    let network = Network(model, threads: 1)
    let statistics = ActivationStatistics(network)
    try network.run(height: 16, width: 16, fill: { $0.fill(seed: 1) }, read: { _ in })
    let calibrated = try statistics.calibrated()
    #expect(calibrated.graph.layers.map { $0.outputRange?.steps } == [255, 63, nil, nil, 255, 255])
    // As many, then, when they run, and the weights of the layer that reads them fit.
    let lowered = try #require(LoweredGraph(quantizing: calibrated.graph))
    #expect(lowered.formats[2..<5].map { $0?.largest } == [63, 63, 63])
    let rounded = try calibrated.withRoundedWeights()
    let weights = rounded.tensors.first { $0.name == "c" }.map { $0.withBytes { Array($0.bindMemory(to: Int8.self)) } }
    #expect(weights.map { Set($0) } == [14])
    #expect(
      rounded.tensors.first { $0.name == "b" }.map { $0.withBytes { Array($0.bindMemory(to: Int8.self)) } }?.max()
        == 127)
  }
}
