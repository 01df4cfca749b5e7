import ArgumentParser
import Files
import ModelFormat
import ONNXImport

struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Make a model file of a network in the ONNX format.",
    discussion: """
      The network is built of Conv 3x3 and 1x1 (stride 1 or 2), depthwise Conv 3x3, BatchNormalization, Relu, Sigmoid, \
      MaxPool 2x2, Resize x2 (nearest, or linear with half-pixel centres), DepthToSpace, Concat, Add and Slice along the channels. It \
      takes RGB and returns one map: channel 0 is the heat; 2 channels are read as heat and angle/pi (the LSDNet \
      authors' encoding), more as heat, cos 2t and sin 2t of the tangent angle t, a fourth as how likely a line ends there, four \
      after it as how soon the line through a cell ends to its right, its left, down and up.

      What an ONNX file does not say, the options do: which size images are brought to, and how.

      Example: lsdnet convert lsdnet-official.onnx lsdnet-official.lsdnet --resample bilinear
      """)

  @Argument(help: "The ONNX file.", completion: .file(extensions: ["onnx"]))
  var onnx: String

  @Argument(help: "The model file to write.", completion: .file(extensions: ["lsdnet"]))
  var model: String

  @Option(
    parsing: .unconditional,
    help: "Bring every image to this size, whatever its aspect ratio (default: the size that the file fixes).")
  var size: PixelSize?

  @Option(
    parsing: .unconditional,
    help: "Keep the aspect ratio, up to 3:1: about as many pixels as a square of this side has.")
  var area: Int?

  @Option(parsing: .unconditional, help: "Keep the aspect ratio: the longest side gets so many pixels.")
  var longestSide: Int?

  @Option(parsing: .unconditional, help: "Keep the aspect ratio: both sides are multiplied by this.")
  var scale: Double?

  @Option(
    parsing: .unconditional,
    help: "With --area, --longest-side or --scale: each side is rounded to a multiple of this (default: 32)."
  )
  var multiple: Int?

  @Option(help: "How images are brought to that size (default: area).")
  var resample: InputPolicy.Resampling?

  @Option(
    parsing: .unconditional,
    help: "What the bytes are multiplied by, before the mean is taken off (default: 1/255).")
  var inputScale: Float = 1 / 255

  @Option(parsing: .unconditional, help: "Mean of red, green and blue after scaling, such as 0.485,0.456,0.406.")
  var mean = Triple(values: [0, 0, 0])

  @Option(
    parsing: .unconditional, help: "Standard deviation of red, green and blue, by which the difference is divided.")
  var std = Triple(values: [1, 1, 1])

  @Option(help: "How the tangent is encoded, if not as the number of channels says.")
  var encoding: OutputEncoding.Tangent?

  @Flag(
    inversion: .prefixedNo,
    help: """
      Channel 3 says how likely a line ends there, and channels 4 to 7, if there are so many, how soon (default: if the \
      encoding is doubled-angle and has the channel).
      """
  )
  var ends: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "The heat (and the angle, and the ends) come without their sigmoid (default: as the end of the graph says).")
  var logits: Bool?

  @Option(help: ArgumentHelp("A fact to keep in the file, such as name=... or licence=...", valueName: "key=value"))
  var note: [Note] = []

  func validate() throws {
    if [size != nil, area != nil, longestSide != nil, scale != nil].count(where: { $0 }) > 1 {
      throw ValidationError("--size, --area, --longest-side and --scale exclude one another.")
    }
    let sides = 1...InputPolicy.maximumSide
    let whole = "a whole number from 1 to \(InputPolicy.maximumSide)"
    if let size, !sides.contains(size.width) || !sides.contains(size.height) {
      throw ValidationError("--size is \(size.width)x\(size.height); each side must be \(whole).")
    }
    if let area, !sides.contains(area) {
      throw ValidationError("--area is \(area); it must be \(whole).")
    }
    if let longestSide, !sides.contains(longestSide) {
      throw ValidationError("--longest-side is \(longestSide); it must be \(whole).")
    }
    if let scale, !(scale > 0 && scale <= InputPolicy.maximumFactor) {
      throw ValidationError("--scale is \(scale); it must be a number above 0, at most \(InputPolicy.maximumFactor).")
    }
    if let multiple, !sides.contains(multiple) {
      throw ValidationError("--multiple is \(multiple); it must be \(whole).")
    }
    if multiple != nil, area == nil, longestSide == nil, scale == nil {
      throw ValidationError("--multiple goes with --area, --longest-side or --scale; leave it out.")
    }
    if !inputScale.isFinite || inputScale == 0 {
      throw ValidationError("--input-scale is \(inputScale); it must be a finite number other than 0.")
    }
    if !mean.values.allSatisfy(\.isFinite) {
      throw ValidationError("--mean is \(mean); it must be three finite numbers.")
    }
    if !std.values.allSatisfy({ $0.isFinite && $0 > 0 }) {
      throw ValidationError("--std is \(std); it must be three finite numbers above 0.")
    }
  }

  func run() throws {
    try check(output: model, replacing: [onnx])
    let multiple = multiple ?? 32
    var options = ONNXImport.Options()
    options.size = size.map { .squash(width: $0.width, height: $0.height) }
    if let area { options.size = .area(side: area, multiple: multiple) }
    if let longestSide { options.size = .longestSide(longestSide, multiple: multiple) }
    if let scale { options.size = .scale(factor: scale, multiple: multiple) }
    if let resample { options.resampling = resample }
    options.scale = inputScale
    options.mean = mean.values
    options.deviation = std.values
    options.tangent = encoding
    options.ends = ends
    options.isLogit = logits
    for note in note { options.metadata[note.key] = note.value }
    let bytes = try File.read(onnx)
    do {
      try ONNXImport.model(bytes, options: options).write(to: model)
    } catch let error as ONNXError {
      throw FileError(path: onnx, reason: error.reason, nextStep: error.nextStep)
    }
  }
}

/// Three numbers with commas between them.
struct Triple: ExpressibleByArgument, CustomStringConvertible {
  var values: [Float]

  init(values: [Float]) { self.values = values }

  init?(argument: String) {
    let values = argument.split(separator: ",", omittingEmptySubsequences: false).compactMap { Float($0) }
    guard values.count == 3 else { return nil }
    self.values = values
  }

  var description: String { values.map { "\($0)" }.joined(separator: ",") }
  var defaultValueDescription: String { description }
}

/// `key=value`.
struct Note: ExpressibleByArgument {
  var key: String
  var value: String

  init?(argument: String) {
    guard let sign = argument.firstIndex(of: "="), sign > argument.startIndex else { return nil }
    key = String(argument[..<sign])
    value = String(argument[argument.index(after: sign)...])
  }
}

extension InputPolicy.Resampling: ExpressibleByArgument {
  public init?(argument: String) {
    guard let value = Self.allCases.first(where: { "\($0)" == argument }) else { return nil }
    self = value
  }

  public static var allValueStrings: [String] { allCases.map { "\($0)" } }
}

extension OutputEncoding.Tangent: ExpressibleByArgument {
  public init?(argument: String) {
    switch argument {
    case "angle": self = .angle
    case "doubled-angle": self = .doubledAngle
    default: return nil
    }
  }

  public static var allValueStrings: [String] { ["angle", "doubled-angle"] }
}
