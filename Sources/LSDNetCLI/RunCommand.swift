import ArgumentParser
import ConvNet
import Files
import KernelInterface
import ModelFormat

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a model's network on arrays: what the network itself makes, with no image and no segment.",
    discussion: """
      The input is a NumPy array of float32, (H, W, C) or (N, H, W, C), as the network sees it: resized and normalised. \
      The output has the same order of axes and the channels of the network's maps, with the sigmoids that its encoding \
      leaves to the reader. `Scripts/parity` compares it with what onnxruntime makes of the original network.
      """)

  @Argument(help: "The model file.", completion: .file(extensions: ["lsdnet"]))
  var model: String

  @Argument(help: "The input array.", completion: .file(extensions: ["npy"]))
  var input: String

  @Option(name: .shortAndLong, help: "The output array to write.", completion: .file(extensions: ["npy"]))
  var output: String

  @Option(parsing: .unconditional, help: "Threads to compute with; the result does not depend on it.")
  var threads = 1

  @Option(help: "The numbers to compute with: int8 needs a model that has been calibrated for it.")
  var precision = Precision.fp32

  @Option(help: "The kernels to compute with: \(KernelTable.available.map(\.name).joined(separator: ", ")).")
  var kernels = KernelTable.best.name

  func validate() throws {
    try ThreadArguments.validate(threads)
  }

  func run() throws {
    try check(output: output, replacing: [model, input])
    guard let table = KernelTable.available.first(where: { $0.name == kernels }) else {
      let known = KernelTable.available.map(\.name).joined(separator: ", ")
      throw UsageError("This machine has no kernels called '\(kernels)'; it has \(known).")
    }
    let path = model
    let model = try Model(path: path)
    let array = try NumPyArray(try File.read(input), path: input)
    let axes = array.shape.count == 3 ? [1] + array.shape : array.shape
    let channels = model.graph.inputChannels
    guard axes.count == 4, axes[3] == channels, axes.allSatisfy({ $0 > 0 }) else {
      throw FileError(
        path: input, reason: "is of shape \(array.shape)",
        nextStep: "make it (H, W, \(channels)) or (N, H, W, \(channels))")
    }
    let packed = try naming(path) { try PackedModel(model, precision: precision, kernels: table) }
    let network = Network(packed, threads: threads)
    let (height, width) = (axes[1], axes[2])
    var shape: [Int] = []
    var values: [Float] = []
    for image in 0..<axes[0] {
      let start = image * height * width * channels
      try naming(input) {
        try network.run(height: height, width: width) { map in
          map.forEachPixel { y, x, pixel in
            for channel in 0..<channels { pixel[channel] = array.values[start + (y * width + x) * channels + channel] }
          }
        } read: { map in
          shape = [map.height, map.width, map.channels]
          map.forEachPixel { _, _, pixel in
            for channel in 0..<map.channels {
              values.append(model.output.isLogit(channel) ? 1 / (1 + exp(-pixel[channel])) : pixel[channel])
            }
          }
        }
      }
    }
    if array.shape.count == 4 { shape.insert(axes[0], at: 0) }
    try File.write(NumPyArray(shape: shape, values: values).encoded, to: output)
  }
}

extension FeatureMap {
  fileprivate func forEachPixel(_ body: (_ y: Int, _ x: Int, UnsafeMutablePointer<Float>) -> Void) {
    for y in 0..<height { for x in 0..<width { body(y, x, pixel(y, x)) } }
  }
}
