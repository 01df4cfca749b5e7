import ArgumentParser
import Benchmarking
import ConvNet
import Files
import LSDNet
import SegmentFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how fast images are worked on.",
    discussion: """
      Times each stage over the images, which are read beforehand: `decode` from the file's bytes to pixels; `resize`, \
      `network` and `extract` from pixels to segments, which together are `total`. Latency is one frame after the other, \
      each on all threads; throughput is every thread on frames of its own.

        lsdnet bench photos/ --threads 2
        lsdnet bench photo.jpg --layers
      """)

  @Argument(
    help: "Images, or folders of them, searched throughout; an image drawn for it if not given.", completion: .file())
  var inputs: [String] = []

  @Option(parsing: .unconditional, help: "Frames to time.")
  var frames = 100

  @OptionGroup var detection: DetectorArguments

  @Flag(help: "Time the network layer by layer too, on one thread, against the processor's peak.")
  var layers = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if !(1...1_000_000).contains(frames) {
      throw ValidationError("--frames is \(frames); it must be a whole number from 1 to 1000000.")
    }
    if layers, detection.method == .gradient {
      throw ValidationError("--layers is about the network; leave it out or use --method network.")
    }
  }

  func run() throws {
    var console = Console()
    if Machine.isDebugBuild {
      console.note("THIS IS A DEBUG BUILD: its times mean nothing. Build with `swift build -c release`.")
    }
    let options = try detection.options()
    let paths = try paths()
    func read(_ input: Input) throws -> BenchmarkImage {
      BenchmarkImage(name: input.displayName, bytes: try File.read(input.path))
    }
    var images = try paths.prefix(1).map(read)
    let startUp = try images.first.map { try StartUp($0) { try detection.makeDetector(options) } }
    images += try paths.dropFirst().map(read)
    let benchmark = PipelineBenchmark(
      images: images.isEmpty ? [try BenchmarkImage.drawn()] : images, frames: frames, threads: options.threads
    ) {
      [detection, options] threads in
      var options = options
      options.threads = threads
      return try detection.makeDetector(options)
    }
    let result = try benchmark.run()
    var single = options
    single.threads = 1
    let detector = try detection.makeDetector(single)
    let layers = try layers ? LayerBenchmark(detector, on: result.pictures[0], frames: min(frames, 50)) : nil
    let report = BenchReport(startUp, result, layers, benchmark, detector)
    try printResult((json ? report.json() : report.text) + "\n")
  }

  private func paths() throws -> [Input] {
    guard !inputs.isEmpty else { return [] }
    let found = Inputs(inputs, isRecursive: true)
    if let failure = found.failures.first { throw failure }
    return found.images
  }
}

/// All that a benchmark prints.
private struct BenchReport: Encodable {
  struct Stages<Value: Encodable>: Encodable {
    var decode, resize, network, extract, total: Value
  }

  struct Layer: Encodable {
    var name: String
    var operation: String
    var precision: String
    var output: String
    var gmac: Double
    var ms: Double
    var gmac_per_s: Double
    var percent_of_peak: Double
  }

  struct Peaks: Encodable {
    var fp32, int8: Double
  }

  var median_ms: Stages<Double>
  var statistics_ms: Stages<Statistics>
  var throughput_fps: Double
  var latency_fps: Double
  var threads: Int
  var isa = Detector.instructionSet
  var precision: String?
  var build = Machine.isDebugBuild ? "debug" : "release"
  var method: String
  var weights: String?
  var version = toolVersion
  var processor = Machine.processor
  var processors = processorCount
  var images: Int
  var image_size: String
  var frames: Int
  var segments_per_frame: Double
  var startup_ms: Double?
  var resident_mb: Double?
  var peak_resident_mb = Machine.peakResidentMegabytes
  var peak_gmac_per_s: Peaks?
  var layers: [Layer]?

  init(
    _ startUp: StartUp?, _ result: PipelineBenchmark.Result, _ layers: LayerBenchmark?, _ benchmark: PipelineBenchmark,
    _ detector: Detector
  ) {
    startup_ms = startUp?.milliseconds
    resident_mb = startUp?.residentMegabytes
    statistics_ms = Stages(
      decode: result.decode, resize: result.resize, network: result.network, extract: result.extract,
      total: result.total)
    median_ms = Stages(
      decode: result.decode.median, resize: result.resize.median, network: result.network.median,
      extract: result.extract.median, total: result.total.median)
    throughput_fps = result.throughput
    latency_fps = result.total.median > 0 ? 1000 / result.total.median : 0
    threads = benchmark.threads
    precision = detector.precision?.rawValue
    method = detector.options.method.rawValue
    weights = detector.weightsHash
    images = benchmark.images.count
    let sizes = Set(result.pictures.map { "\($0.width)x\($0.height)" })
    image_size = sizes.count == 1 ? sizes.first ?? "" : "several"
    frames = benchmark.frames
    segments_per_frame = result.segments
    peak_gmac_per_s = layers.map { Peaks(fp32: $0.peaks.fp32, int8: $0.peaks.int8) }
    self.layers = layers?.layers.map { layer in
      Layer(
        name: layer.cost.name, operation: layer.cost.operation, precision: layer.cost.precision.rawValue,
        output: "\(layer.cost.output.height)x\(layer.cost.output.width)", gmac: Double(layer.cost.macs) / 1e9,
        ms: layer.milliseconds, gmac_per_s: layer.rate,
        percent_of_peak: layers.map { 100 * layer.rate / $0.peaks[layer.cost.precision] } ?? 0)
    }
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  var text: String {
    var lines = [
      "lsdnet \(version), \(build) build, \(isa), \(precision ?? method), weights \(weights ?? "none")",
      "\(processor), \(processors) processors; \(threads) in use",
      "\(frames) frames of \(images) images (\(image_size)), \(decimal(segments_per_frame, 1)) segments a frame", "",
      "ms a frame      min   median      p95",
    ]
    let stages = statistics_ms
    for (name, values) in [
      ("decode", stages.decode), ("resize", stages.resize), ("network", stages.network), ("extract", stages.extract),
      ("total", stages.total),
    ] {
      let columns = [values.min, values.median, values.p95].map { padded(decimal($0, 3), 9) }
      lines.append(name.padded(to: 10) + columns.joined())
    }
    lines += [
      "(total: from pixels in memory to segments, without decode)", "",
      "latency     \(decimal(latency_fps, 1)) frames/s (median, one frame at a time)",
      "throughput  \(decimal(throughput_fps, 1)) frames/s (\(threads) thread\(threads == 1 ? "" : "s"), frames of their own)",
      "memory      \(resident_mb.map { "\(decimal($0, 1)) MB resident for the first image, " } ?? "")"
        + "\(decimal(peak_resident_mb, 1)) MB at most, with all images",
    ]
    if let startup_ms {
      lines.append("start-up    \(decimal(startup_ms, 1)) ms of processor time, from the start to the first segments")
    }
    if let layers, let peak_gmac_per_s {
      let width = layers.map(\.operation.count).max() ?? 0
      lines += [
        "",
        "peak of \(isa), one thread: \(decimal(peak_gmac_per_s.fp32, 1)) GMAC/s in fp32, "
          + "\(decimal(peak_gmac_per_s.int8, 1)) in int8", "",
        "layer".padded(to: width) + "   in       output      GMAC        ms    GMAC/s  % of peak",
      ]
      for layer in layers {
        let rate = layer.gmac > 0 ? [decimal(layer.gmac_per_s, 1), decimal(layer.percent_of_peak, 0)] : ["-", "-"]
        lines.append(
          layer.operation.padded(to: width) + padded(layer.precision, 6) + padded(layer.output, 12)
            + padded(decimal(layer.gmac, 4), 10) + padded(decimal(layer.ms, 3), 10) + padded(rate[0], 10)
            + padded(rate[1], 11))
      }
      let gmac = layers.reduce(0) { $0 + $1.gmac }
      let time = layers.reduce(0) { $0 + $1.ms }
      // The time that the multiply-accumulates would take at the peak.
      let least = layers.reduce(0) { $0 + $1.ms * $1.percent_of_peak / 100 }
      lines.append(
        "all".padded(to: width) + padded("", 18) + padded(decimal(gmac, 4), 10) + padded(decimal(time, 3), 10)
          + padded(decimal(time > 0 ? gmac / time * 1e3 : 0, 1), 10)
          + padded(decimal(time > 0 ? 100 * least / time : 0, 0), 11))
    }
    return lines.joined(separator: "\n")
  }
}

private func padded(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}

/// `value` with so many decimals.
private func decimal(_ value: Double, _ places: Int) -> String {
  var text = TextBuffer()
  text.append(value, places: places, padded: true)
  return String(decoding: text.bytes, as: UTF8.self)
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
