import ArgumentParser
import LSDNet

extension Detector.Method: ExpressibleByArgument {}
extension Detector.Precision: ExpressibleByArgument {}
extension BuiltInModel: ExpressibleByArgument {}

/// The options of every command that runs the detector.
struct DetectorArguments: ParsableArguments {
  @Option(
    help:
      "Where the line evidence comes from: the network, or the image gradient (the classical LSD, needs no weights).")
  var method = Detector.Method.network

  @Option(
    help: "Which of the built-in networks: fast, or accurate at two to three times the time. (default: fast)")
  var model: BuiltInModel?

  @Option(
    help: "A model file made by `lsdnet convert` or `lsdnet quantize`, in place of the built-in weights.",
    completion: .file(extensions: ["lsdnet"]))
  var weights: String?

  @Option(
    help: """
      The numbers that the network computes with. (default: int8 if the model has been calibrated for it, else fp32)
      """)
  var precision: Detector.Precision?

  @Option(
    parsing: .unconditional,
    help: """
      The size that images are brought to for the network: 512 for as many pixels as a square of 512 has, the aspect \
      ratio kept up to 3:1, or 512x384 for just that. A larger one finds finer lines and more exact ends, at a cost \
      proportional to its pixels. (default: the model's own)
      """)
  var inputSize: InputSize?

  @Flag(
    inversion: .prefixedNo,
    help: """
      Move the network's segments onto the image's own edges, where these are clear and less than a cell away: more exact \
      by fractions of a pixel, for some hundredths of the time. (default: --fit-edges)
      """)
  var fitEdges: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: """
      Move the ends of segments that are fitted to edges, too, to where the image shows that lines end. \
      (default: --fit-ends)
      """)
  var fitEnds: Bool?

  @OptionGroup var endWeights: EndWeightsArguments
  @OptionGroup var threads: ThreadArguments

  func validate() throws {
    if method == .gradient {
      let network: [(name: String, isGiven: Bool)] = [
        ("--model", model != nil), ("--precision", precision != nil), ("--input-size", inputSize != nil),
      ]
      if let (name, _) = (network + ofSegments).first(where: \.isGiven) {
        throw ValidationError("\(name) is about the network; leave it out or use --method network.")
      }
      if weights != nil {
        throw ValidationError("--method gradient uses no weights; leave out --weights or use --method network.")
      }
    }
    if model != nil, weights != nil {
      throw ValidationError("--model names built-in weights and --weights a file; leave one of them out.")
    }
    if fitEnds == true, fitEdges == false {
      throw ValidationError("--fit-ends moves ends along edges; leave out --no-fit-edges.")
    }
  }

  /// The options about how segments are made from a network's maps, and whether they are given.
  private var ofSegments: [(name: String, isGiven: Bool)] {
    [("--fit-edges", fitEdges != nil), ("--fit-ends", fitEnds != nil), ("--end-weights", endWeights.path != nil)]
  }

  /// For commands whose results come before segments.
  func refuseSegments() throws {
    if let (name, _) = ofSegments.first(where: \.isGiven) {
      throw ValidationError("\(name) is about segments, which this command does not make.")
    }
  }

  /// Detector options with these arguments filled in.
  ///
  /// - Throws: what is wrong with the file of end weights.
  func options() throws -> Detector.Options {
    var options = Detector.Options()
    options.endWeights = try endWeights.read()
    options.method = method
    if let model { options.model = model }
    options.precision = precision
    if let fitEdges { options.fitsEdges = fitEdges }
    if let fitEnds { options.fitsEnds = fitEnds }
    options.inputSize = inputSize?.size
    options.threads = threads.count
    return options
  }

  func makeDetector(_ options: Detector.Options) throws -> Detector {
    if let weights { try Detector(weights: weights, options: options) } else { try Detector(options: options) }
  }
}
