import ArgumentParser
import ConvNet
import Files
import LSDNet
import LineFields
import ModelFormat

struct QuantizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Round a model to 8 bits, calibrated on photographs.",
    discussion: """
      Runs the network in single precision and notes what values its layers come to. The file that is written holds, for \
      each layer, the range that 8 bits represent with the least error, and the weights in 8 bits, with a scale for each \
      output channel: a quarter of the size. What 3x3 convolutions of stride 1 with 16 channels or more read is rounded to \
      6 bits, and their weights to some 7: so they need less than half of the multiplications. It runs with --precision \
      fp32 too, with these weights; what they cost shows beside the model that it was made from (lsdnet evaluate \
      --weights A B).

      Some hundred photographs of the kind that the network is meant for are enough. They should not be those that it is \
      measured on.

        lsdnet quantize model.lsdnet -o model-int8.lsdnet --images photos/
      """)

  @Argument(help: "The model file.", completion: .file(extensions: ["lsdnet"]))
  var model: String

  @Option(name: .shortAndLong, help: "The model file to write.", completion: .file(extensions: ["lsdnet"]))
  var output: String

  @Option(
    parsing: .upToNextOption, help: "Photographs, or folders of them, searched throughout.", completion: .file())
  var images: [String]

  @Option(parsing: .unconditional, help: "Photographs to use, taken at equal distances from all that are found.")
  var frames = 300

  @OptionGroup var threads: ThreadArguments

  func validate() throws {
    if !(1...1_000_000).contains(frames) {
      throw ValidationError("--frames is \(frames); it must be a whole number from 1 to 1000000.")
    }
  }

  func run() throws {
    let source = try Model(path: model)
    let found = Inputs(images, isRecursive: true)
    if let failure = found.failures.first { throw failure }
    try check(output: output, replacing: [model] + found.images.map(\.path))
    let count = min(frames, found.images.count)
    let network = NetworkField(model: source, threads: threads.count)
    let statistics = ActivationStatistics(network.network)
    var console = Console()
    var field = LineField()
    for frame in 0..<count {
      let input = found.images[frame * found.images.count / count]
      console.showProgress(frame, of: count, input.name)
      _ = try network.compute(try input.load(), into: &field)
    }
    console.clearProgress()
    var calibrated: Model
    do {
      calibrated = try statistics.calibrated().withRoundedWeights()
    } catch {
      throw ModelError(file: model, error)
    }
    calibrated.metadata["calibration"] = "\(count) photographs"
    try calibrated.write(to: output)
  }
}
