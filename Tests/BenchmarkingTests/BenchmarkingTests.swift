import Benchmarking
import LSDNet
import Testing

@Suite struct StatisticsTests {
  @Test func ofNothingAreZero() {
    let statistics = Statistics([])
    #expect(statistics.min == 0 && statistics.median == 0 && statistics.p95 == 0 && statistics.mean == 0)
  }

  @Test func medianLiesBetweenTheMiddleValues() {
    #expect(Statistics([3, 1, 2]).median == 2)
    #expect(Statistics([4, 1, 3, 2]).median == 2.5)
  }

  @Test func p95IsTheNearestRank() {
    #expect(Statistics((1...100).map(Double.init)).p95 == 95)
    #expect(Statistics((1...20).map(Double.init)).p95 == 19)
    #expect(Statistics([7]).p95 == 7)
  }
}

@Suite struct PipelineBenchmarkTests {
  @Test func everyStageOfEveryMethodIsTimed() throws {
    let image = try BenchmarkImage.drawn()
    for method in Detector.Method.allCases {
      let benchmark = PipelineBenchmark(images: [image], frames: 2, threads: 2) { threads in
        var options = Detector.Options()
        options.method = method
        options.threads = threads
        return try Detector(options: options)
      }
      let result = try benchmark.run()
      #expect(result.decode.min > 0 && result.network.min > 0 && result.extract.min > 0 && result.throughput > 0)
      #expect((result.resize.min > 0) == (method == .network))
      #expect(result.total.min >= result.network.min + result.extract.min)
      #expect(result.segments >= 10)
    }
  }

  @Test func layersCoverTheNetwork() throws {
    let detector = try Detector()
    let image = try BenchmarkImage.drawn()
    let picture = try detector.decode(image.bytes, name: image.name)
    let benchmark = try LayerBenchmark(detector, on: picture, frames: 1)
    #expect(benchmark.layers.count == detector.network?.packed.model.graph.layers.count)
    #expect(benchmark.layers.reduce(0) { $0 + $1.cost.macs } > 100_000_000)
    #expect(benchmark.peaks.fp32 > 0 && benchmark.peaks.int8 > 0)
  }
}
