import ArgumentParser
import Evaluation
import Files
import LSDNet
import Synchronization

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure detectors on a benchmark: F^H, AP^H, sAP.",
    discussion: """
      DATASET is a York Urban folder as distributed, a HAWP JSON file (test.json), a folder of L-CNN's *_label.npz, or a \
      folder of the LSDNet authors' JSON files. PREDICTIONS are a folder of text files (<image>.txt: x1 y1 x2 y2 score), \
      a HAWP JSON file, or a folder of L-CNN's npz files. Several methods are compared image by image:

        lsdnet evaluate york-urban
        lsdnet evaluate york-urban --predictions elsed=elsed/ mlsd=mlsd/ --method network gradient
        lsdnet evaluate wireframe/test.json --predictions mine.json --json figures.json --report report/
      """)

  @Argument(help: "The benchmark.", completion: .file())
  var dataSet: String

  @Option(help: "The folder of the images, where they do not lie beside the benchmark.", completion: .directory)
  var images: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Score these predictions in place of the detector's.", valueName: "[name=]path"))
  var predictions: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: "Run the detector: network, gradient, or both. (default: network, if there are no --predictions)")
  var method: [Detector.Method] = []

  @Option(
    help: "A model file made by `lsdnet convert`, in place of the built-in weights.",
    completion: .file(extensions: ["lsdnet"]))
  var weights: String?

  @Option(help: "Write all figures and the whole curve to a JSON file.", completion: .file(extensions: ["json"]))
  var json: String?

  @Option(
    help: "Write a page with table, curves and the images, hits and errors in colour, to FOLDER/index.html.",
    completion: .directory)
  var report: String?

  @Option(parsing: .unconditional, help: "Threads; the figures do not depend on it. (default: one a processor)")
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads); it must be a whole number from 1 to 1024.")
    }
    if weights != nil, !detectorMethods.contains(.network) {
      throw ValidationError("--weights is for the network; add --method network.")
    }
  }

  func run() throws {
    let threads = threads ?? processorCount
    let dataSet = try DataSet(dataSet, images: images)
    var methods = try namedPredictions().map { try Predictions(name: $0.name, reading: $0.path, for: dataSet) }
    for method in detectorMethods { methods.append(try detect(method, in: dataSet, threads: threads)) }
    let notes = dataSet.notes + methods.flatMap(\.notes)
    let progress = SharedProgress("matching", total: dataSet.images.count * methods.count)
    let evaluations = try evaluate(methods, on: dataSet, threads: threads) { _ in progress.advance() }
    var console = progress.finish()
    if let json {
      try File.write(EvaluationDocument.text(evaluations, on: dataSet, notes: notes), to: json)
    }
    if let report {
      let page = HTMLReport(dataSet: dataSet, evaluations: evaluations, predictions: methods, notes: notes)
      try Directory.create(report)
      try File.write(try page.html(threads: threads), to: Path.join(report, "index.html"))
    }
    for note in notes { console.note(note) }
    let lines = dataSet.images.reduce(0) { $0 + $1.lines.count }
    print("\(dataSet.name) (\(dataSet.layout.rawValue)): \(dataSet.images.count) images, \(lines) true lines\n")
    print(EvaluationTable.text(evaluations), terminator: "")
    if evaluations.count > 1 { print("\n" + EvaluationTable.differences(evaluations), terminator: "") }
  }

  /// The detector runs when it is asked for, and when nothing else is.
  private var detectorMethods: [Detector.Method] { method.isEmpty && predictions.isEmpty ? [.network] : method }

  private func namedPredictions() throws -> [(name: String, path: String)] {
    let named = predictions.map { argument -> (name: String, path: String) in
      // A path may hold a "=" too: what stands before the first is a name only if it is no part of a path.
      guard let sign = argument.firstIndex(of: "="), !argument[..<sign].contains("/"), sign > argument.startIndex else {
        return (Path.stem(argument), argument)
      }
      return (String(argument[..<sign]), String(argument[argument.index(after: sign)...]))
    }
    let names = Set(named.map(\.name))
    guard names.count == named.count else {
      throw ValidationError("two predictions have the same name; name them, as in --predictions a=DIR b=DIR")
    }
    return named
  }

  private func detect(_ method: Detector.Method, in dataSet: DataSet, threads: Int) throws -> Predictions {
    var options = Detector.Options()
    options.method = method
    let progress = SharedProgress(method.rawValue, total: dataSet.images.count)
    let segments = try parallelMap(count: dataSet.images.count, threads: threads) {
      [options, weights = method == .network ? weights : nil] in
      if let weights { try Detector(weights: weights, options: options) } else { try Detector(options: options) }
    } body: { detector, index in
      let image = dataSet.images[index]
      guard let path = image.path else {
        throw EvaluationError(
          path: image.name, reason: "the image is not there", nextStep: "name the folder of the images with --images")
      }
      let segments = try detector.detect(in: try ImageDecoder.decode(try File.read(path), name: path)).segments
      progress.advance()
      return segments
    }
    _ = progress.finish()
    return Predictions(name: method.rawValue, segments: segments)
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
