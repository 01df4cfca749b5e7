import ArgumentParser
import Evaluation
import Files
import LSDNet
import LineGrowing
import Synchronization

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure detectors on a benchmark: F^H, AP^H, sAP.",
    discussion: """
      DATASET is a York Urban folder as distributed, a HAWP JSON file (test.json), a folder of L-CNN's *_label.npz, or a \
      folder of the LSDNet authors' JSON files. PREDICTIONS are a folder of text files (<image>.txt: x1 y1 x2 y2 score), \
      a HAWP JSON file, or a folder of L-CNN's npz files. All figures are percent, with 95 % bootstrap intervals; several \
      methods are also compared image by image.

        lsdnet evaluate york-urban
        lsdnet evaluate york-urban --predictions elsed=elsed/ mlsd=mlsd/ --method network gradient
        lsdnet evaluate wireframe/test.json --predictions mine.json --json figures.json --report report/

      With --repeatability FOLDER no labels are needed: each image in the folder is seen through a random homography, and \
      the segments of both views, as `lsdnet detect` gives them, are matched one to one within 3 pixels.

        lsdnet evaluate --repeatability photos/ --method network gradient
      """)

  @Argument(help: "The benchmark.", completion: .file())
  var dataSet: String?

  @Option(help: "The folder of the images, where they do not lie beside the benchmark.", completion: .directory)
  var images: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Score these predictions in place of the detector's.", valueName: "[name=]path"),
    completion: .file())
  var predictions: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: "Run the detector: network, gradient, or both. (default: network, if there are no predictions or weights)")
  var method: [Detector.Method] = []

  @Option(
    parsing: .upToNextOption,
    help: "Run the network with its built-in weights: fast, accurate, or both. (default: fast)")
  var model: [BuiltInModel] = []

  @Option(
    parsing: .upToNextOption,
    help: "Run the network with these model files, made by `lsdnet convert` or `lsdnet quantize`.",
    completion: .file(extensions: ["lsdnet"]))
  var weights: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: """
      Run the network in fp32, int8, or both. (default: int8 if the model has been calibrated for it, else fp32)
      """)
  var precision: [Detector.Precision] = []

  @Option(
    parsing: .upToNextOption,
    help: """
      Bring images to these sizes for the network, such as 384 512 (the aspect ratio kept) or 512x384. (default: the \
      model's own)
      """)
  var inputSize: [InputSize] = []

  @Option(
    help: "Measure how well segments are found again in other views of the images of this folder.",
    completion: .directory)
  var repeatability: String?

  @Option(help: "Write all figures and the whole curve to a JSON file.", completion: .file(extensions: ["json"]))
  var json: String?

  @Option(
    help: "Write a page with table, curves and the images, hits and errors in colour, to FOLDER/index.html.",
    completion: .directory)
  var report: String?

  @OptionGroup var endWeights: EndWeightsArguments
  @OptionGroup var score: ScoreArguments
  @OptionGroup var threads: ThreadArguments

  func validate() throws {
    if repeatability == nil, dataSet == nil {
      throw ValidationError(
        predictions.count > 1
          ? "There is no DATASET: put it first, as --predictions takes all that follows."
          : "There is no DATASET, and no --repeatability FOLDER.")
    }
    if repeatability != nil, dataSet != nil || !predictions.isEmpty || report != nil || images != nil {
      throw ValidationError(
        "--repeatability runs the detector on a folder of images; it takes no DATASET, --predictions, --images or --report."
      )
    }
    if score.minScore != nil, repeatability == nil {
      throw ValidationError("The curves of a DATASET are over all scores: leave out --min-score.")
    }
    let networks = runs.filter { $0.method == .network }
    let idle = [
      ("--model is about the built-in network", !model.isEmpty && networks.allSatisfy { $0.weights != nil }),
      ("--input-size is about the network", !inputSize.isEmpty && networks.isEmpty),
      ("--precision is about the network", !precision.isEmpty && networks.isEmpty),
      ("--end-weights is about the network", endWeights.path != nil && networks.isEmpty),
    ]
    if let (what, _) = idle.first(where: \.1) {
      throw ValidationError("\(what), which does not run; leave it out or add --method network.")
    }
    let names = namedPredictions.map(\.name) + runs.map(\.name)
    if let twice = Dictionary(grouping: names, by: \.self).first(where: { $0.value.count > 1 }) {
      throw ValidationError(
        "Two methods are called '\(twice.key)'; name predictions, as in --predictions a=DIR b=DIR, or rename a model file."
      )
    }
  }

  func run() throws {
    if let json {
      let read =
        [dataSet, images, repeatability, endWeights.path].compactMap(\.self) + namedPredictions.map(\.path) + weights
      try check(output: json, replacing: read)
    }
    if let report { try Directory.refuseFile(report) }
    let threads = threads.count
    var runs = runs
    let endWeights = try endWeights.read()
    for index in runs.indices { runs[index].endWeights = endWeights }
    if let repeatability {
      try measureRepeatability(of: runs, repeatability, threads: threads)
    } else if let dataSet {
      try measureAccuracy(of: runs, on: DataSet(dataSet, images: images), threads: threads)
    }
  }

  private func measureAccuracy(of runs: [DetectorRun], on dataSet: DataSet, threads: Int) throws {
    if let json { try refuse(output: json, replacing: dataSet.images.compactMap(\.path)) }
    // Predictions first: a mistake in them shows before the detector runs.
    var methods = try namedPredictions.map { try Predictions(name: $0.name, reading: $0.path, for: dataSet) }
    for run in runs { methods.append(try detect(run, in: dataSet, threads: threads)) }
    let notes = dataSet.notes + methods.flatMap(\.notes)
    let progress = SharedProgress("matching", total: dataSet.images.count * methods.count)
    let evaluations = try evaluate(methods, on: dataSet, threads: threads) { progress.advance() }
    var console = progress.finish()
    let lines = dataSet.images.reduce(0) { $0 + $1.lines.count }
    let title = "\(dataSet.name) (\(dataSet.layout.rawValue)): \(dataSet.images.count) images, \(lines) true lines\n\n"
    let differences = evaluations.count > 1 ? "\n" + EvaluationTable.differences(evaluations) : ""
    try printResult(title + EvaluationTable.text(evaluations) + differences)
    if let report {
      let page = HTMLReport(dataSet: dataSet, evaluations: evaluations, predictions: methods, notes: notes)
      try Directory.create(report)
      try File.write(try page.html(threads: threads), to: Path.join(report, "index.html"))
    }
    if let json {
      try File.write(EvaluationDocument.text(evaluations, on: dataSet, notes: notes), to: json)
    }
    for note in notes { console.note(note) }
    let time = evaluations.flatMap(\.milliseconds).reduce(0, +) / Double(dataSet.images.count * evaluations.count)
    console.note("drawing and matching took \((time * 10).rounded() / 10) ms an image and method, on one thread")
  }

  private func detect(_ run: DetectorRun, in dataSet: DataSet, threads: Int) throws -> Predictions {
    let progress = SharedProgress(run.name, total: dataSet.images.count)
    // The curve is over all scores.
    let makeDetector = { @Sendable in try run.makeDetector(minScore: 0) }
    let segments = try parallelMap(count: dataSet.images.count, threads: threads, makeState: makeDetector) {
      detector, index in
      let image = dataSet.images[index]
      guard let path = image.path else {
        throw EvaluationError(
          path: image.name, reason: "the image is not there", nextStep: "name the folder of the images with --images")
      }
      let picture = try detector.decode(File.read(path), name: path)
      let segments = try naming(path) { try detector.detect(in: picture).segments }
      progress.advance()
      return segments
    }
    _ = progress.finish()
    return Predictions(name: run.name, segments: segments)
  }

  private func measureRepeatability(of runs: [DetectorRun], _ folder: String, threads: Int) throws {
    let inputs = Inputs([folder], isRecursive: true)
    if let failure = inputs.failures.first { throw failure }
    let results = try runs.map { run in
      let progress = SharedProgress(run.name, total: inputs.images.count)
      defer { _ = progress.finish() }
      return try Repeatability(
        name: run.name, paths: inputs.images.map(\.path), threads: threads,
        makeDetector: { try run.makeDetector(minScore: score.minScore) }
      ) { detector, image in
        try detector.detect(in: image).segments
      } progress: {
        progress.advance()
      }
    }
    let title = "\(Path.name(folder)): \(inputs.images.count) images, each seen through one random homography\n\n"
    try printResult(title + RepeatabilityTable.text(results))
    if let json { try File.write(RepeatabilityTable.json(results), to: json) }
  }

  /// One way to run the detector.
  private struct DetectorRun: Sendable {
    var name: String
    var method: Detector.Method
    var model = BuiltInModel.fast
    var weights: String?
    var precision: Detector.Precision?
    var inputSize: InputSize?
    var endWeights: EndWeights?

    func makeDetector(minScore: Double?) throws -> Detector {
      var options = Detector.Options()
      options.minScore = minScore
      options.method = method
      options.model = model
      options.precision = precision
      options.inputSize = inputSize?.size
      options.endWeights = endWeights
      return if let weights { try Detector(weights: weights, options: options) } else { try Detector(options: options) }
    }
  }

  /// The detector runs when it is asked for, and when nothing else is.
  private var runs: [DetectorRun] {
    var methods = method
    if methods.isEmpty, !model.isEmpty || (predictions.isEmpty && weights.isEmpty) { methods = [.network] }
    let runs =
      methods.flatMap { method in
        guard method == .network, !model.isEmpty else { return [DetectorRun(name: method.rawValue, method: method)] }
        return model.map { DetectorRun(name: $0.rawValue, method: .network, model: $0) }
      }
      + weights.map { DetectorRun(name: Path.stem($0), method: .network, weights: $0) }
    return runs.flatMap { run in
      guard run.method == .network, !precision.isEmpty else { return [run] }
      return precision.map { precision in
        var run = run
        run.precision = precision
        run.name += "-\(precision)"
        return run
      }
    }.flatMap { run in
      guard run.method == .network, !inputSize.isEmpty else { return [run] }
      return inputSize.map { size in
        var run = run
        run.inputSize = size
        run.name += "-\(size)"
        return run
      }
    }
  }

  private var namedPredictions: [(name: String, path: String)] {
    predictions.map { argument in
      // A path may hold a "=" too: what stands before the first is a name only if it is no part of a path.
      guard let sign = argument.firstIndex(of: "="), sign > argument.startIndex, !argument[..<sign].contains("/") else {
        return (Path.stem(argument), argument)
      }
      return (String(argument[..<sign]), String(argument[argument.index(after: sign)...]))
    }
  }
}

/// Progress that several threads report.
private final class SharedProgress: Sendable {
  private let title: String
  private let total: Int
  private let state = Mutex((console: Console(), done: 0))

  init(_ title: String, total: Int) {
    self.title = title
    self.total = total
  }

  func advance() {
    state.withLock { state in
      state.done += 1
      state.console.showProgress(state.done, of: total, title)
    }
  }

  /// Wipes the bar.
  func finish() -> Console {
    state.withLock { state in
      state.console.clearProgress()
      return state.console
    }
  }
}
