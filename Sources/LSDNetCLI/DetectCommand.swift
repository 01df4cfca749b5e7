import ArgumentParser
import Files
import Images
import LSDNet
import SegmentFormats

extension SegmentFormat: ExpressibleByArgument {}

struct DetectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detect",
    abstract: "Find the line segments of images.",
    discussion: """
      Prints `x1 y1 x2 y2 score` for each segment, best score first, in pixels of the image with x to the right, y down, \
      and the centre of the top left pixel at (0, 0). With several images each starts with a comment, \
      `# WIDTHxHEIGHT NAME`.

      With -o FILE the format follows the extension. With -o FOLDER each image gets a file of its own there, \
      <stem>.txt or as --format says. Files are written whole or not at all, and never over an input.

        lsdnet detect photo.jpg                       segments as text
        lsdnet detect photo.jpg -o overlay.png        drawn over the photo
        lsdnet detect photo.jpg -o lines.png --mask   white on black
        lsdnet detect photos/ -o all.ndjson           one JSON object an image
        lsdnet detect 'photos/*.jpg' -o out/ -f svg   one drawing an image
        curl -s URL | lsdnet detect - --max-segments 50
      """)

  @Argument(
    help: "PNG, JPEG, PGM or PPM files, folders of them, patterns with * and ?, or - for the standard input.",
    completion: .file())
  var inputs: [String]

  @Option(
    name: .shortAndLong,
    help: "A file, or a folder (a name that ends in / or has no extension); the standard output if not given.",
    completion: .file())
  var output: String?

  @Option(
    name: .shortAndLong,
    help: """
      txt, csv, json, ndjson, svg (drawing), png (drawn over the image), hawp (JSON list of HAWP), limap (text file of \
      LIMAP). (default: by the extension of -o, else txt)
      """)
  var format: SegmentFormat?

  @OptionGroup var detection: DetectorArguments

  @OptionGroup var score: ScoreArguments

  @Option(parsing: .unconditional, help: "Leave out shorter segments, in pixels.")
  var minLength = Detector.Options().minLength

  @Option(parsing: .unconditional, help: "Keep only so many segments of an image, the best.")
  var maxSegments: Int?

  @Flag(help: "PNG: draw white on black instead of over the image.")
  var mask = false

  @Flag(help: "SVG: carry the image inside the drawing instead of referring to its file.")
  var embedImage = false

  @Flag(help: "Put pixel centres at (0.5, 0.5), as COLMAP does; drawings stay as they are.")
  var halfPixel = false

  @Flag(name: .shortAndLong, help: "Search the folders inside folders too; a folder of outputs repeats them.")
  var recursive = false

  @Flag(name: .shortAndLong, help: "Show no progress.")
  var quiet = false

  func validate() throws {
    if inputs.contains("") { throw ValidationError("The name of an input is empty.") }
    if output == "" { throw ValidationError("-o is empty; name a file or a folder.") }
    if !(minLength >= 0 && minLength.isFinite) {
      throw ValidationError("--min-length is \(minLength); it must be a number of pixels, 0 or more.")
    }
    if let maxSegments, maxSegments < 1 {
      throw ValidationError("--max-segments is \(maxSegments); it must be a whole number, 1 or more.")
    }
    if mask, let format, format != .png {
      throw ValidationError("--mask makes a picture; leave out --format \(format.rawValue) or use --format png.")
    }
    if embedImage, mask {
      throw ValidationError("--embed-image is about SVG and --mask about PNG; leave one of them out.")
    }
  }

  func run() throws {
    var console = Console(isQuiet: quiet)
    let inputs = Inputs(self.inputs, isRecursive: recursive)
    let plan = try OutputPlan(
      output: output, format: format, defaultFormat: mask ? .png : .txt, images: inputs.images,
      others: [detection.weights, detection.endWeights.path].compactMap(\.self))
    if mask, plan.format != .png {
      throw UsageError("--mask makes a picture; give -o a name that ends in .png.")
    }
    if embedImage, plan.format != .svg {
      throw UsageError("--embed-image is about SVG; leave it out, or use --format svg.")
    }
    if plan.format == .png, plan.destination == .standardOutput, standardOutputIsTerminal {
      throw UsageError("A picture would garble the terminal. Use -o FILE.png, or send it to a file or a pipe.")
    }
    for failure in inputs.failures { console.report(failure) }
    var isComplete = inputs.failures.isEmpty
    if !inputs.images.isEmpty {
      do {
        isComplete = try detect(inputs.images, plan, &console) && isComplete
      } catch let error as FileError where error.isClosedPipe {
        // The reader has seen enough.
      }
    }
    if !isComplete { throw ExitCode.failure }
  }

  /// Works through all images; false if any of them failed.
  private func detect(_ images: [Input], _ plan: OutputPlan, _ console: inout Console) throws -> Bool {
    let detector = try detection.makeDetector(options())
    let encoder = ResultEncoder(
      format: plan.format, pixelCentre: halfPixel ? .half : .integer,
      isHeaded: images.count > 1 && plan.files.isEmpty)
    let showsImage = embedImage || plan.format == .png && !mask
    // Only where it is said, as the hash of the weights takes as long as a frame.
    let provenance: Provenance? =
      plan.format.statesProvenance
      ? Provenance(
        version: toolVersion, method: detector.options.method.rawValue, weightsHash: detector.weightsHash,
        instructionSet: Detector.instructionSet, precision: detector.precision?.rawValue) : nil
    var output = try ResultOutput(plan, encoder)
    defer { console.clearProgress() }
    var isComplete = true
    for (index, input) in images.enumerated() {
      if images.count > 1 { console.showProgress(index, of: images.count, input.name) }
      let result: DetectionResult
      do {
        result = try detect(input, with: detector, provenance, keepsImage: showsImage)
      } catch {
        console.report(error)
        isComplete = false
        continue
      }
      do {
        try output.add(result, index: index)
      } catch  where plan.destination != .standardOutput {
        // One file cannot be made, the next may; but nothing more gets through a broken standard output.
        console.report(error)
        isComplete = false
      }
    }
    try output.finish()
    return isComplete
  }

  private func options() throws -> Detector.Options {
    var options = try detection.options()
    options.minScore = score.minScore
    options.minLength = minLength
    options.maxSegments = maxSegments
    return options
  }

  private func detect(
    _ input: Input, with detector: Detector, _ provenance: Provenance?, keepsImage: Bool
  ) throws -> DetectionResult {
    let bytes = try File.read(input.path)
    let start = ContinuousClock.now
    let picture = try detector.decode(bytes, name: input.displayName)
    let decode = (ContinuousClock.now - start) / .milliseconds(1)
    let detection = try naming(input.displayName) { try detector.detect(in: picture) }
    let timings = detection.timings
    let segments = ImageSegments(
      name: input.label, width: picture.width, height: picture.height, segments: detection.segments,
      provenance: provenance,
      timings: [
        ("decode", decode), ("resize", timings.resize), (detector.options.method.rawValue, timings.field),
        ("extract", timings.extract), ("total", decode + timings.total),
      ])
    var image: RGBImage?
    if keepsImage {
      image = picture.factor == 1 ? picture.image : try ImageDecoder.decode(bytes, name: input.displayName)
    }
    return DetectionResult(input: input, image: image, segments: segments)
  }
}
