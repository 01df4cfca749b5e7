import ConvNet
import EdgeFitting
@_exported import Images
import KernelInterface
import LineFields
import LineGrowing
@_exported import Lines
import ModelFormat

/// Finds line segments in images: fields of heat and tangent, from which the LSD stage grows segments.
///
/// Make one detector and use it for many images: as long as they come in one size, nothing is allocated after the
/// first but the list of segments. The result is the same to the last bit for any number of threads. A detector is not to
/// be used by two threads at once; several detectors may run side by side.
///
///     let detector = try Detector()
///     let picture = try detector.decode(bytes, name: "photo.jpg")
///     for segment in try detector.detect(in: picture).segments { ... }
public final class Detector {
  public enum Method: String, Sendable, CaseIterable {
    /// Heat and tangent from the convolutional network.
    case network
    /// Heat and tangent from the image gradient: the classical LSD.
    case gradient

    /// The least score of a segment, unless told otherwise. Of the network's segments those that surely lie on a line score
    /// over `BandedScore.border`; a little under it are second edges of narrow things, and faint lines whose ends are clear, then
    /// comes a long tail of doubtful ones, and under `BandedScore.otherReadings` other readings of lines that are listed
    /// already. The gradient's segments are validated already, by their number of false alarms.
    public var usualMinScore: Double {
      switch self {
      case .network: BandedScore.usualLeast
      case .gradient: 0
      }
    }
  }

  /// The numbers that the network computes with.
  public typealias Precision = ConvNet.Precision

  /// The size that images are brought to for the network.
  public typealias InputSize = InputPolicy.Size

  /// What to look for and how.
  public struct Options: Sendable {
    public var method: Method = .network
    /// Which of the networks that the library carries, where no model file is given.
    public var model = BuiltInModel.fast
    /// The numbers that the network computes with; nil for int8 if the model has been calibrated for it, else fp32.
    public var precision: Precision?
    /// The size that images are brought to for the network, in place of the model's own: a larger one finds finer lines
    /// and their ends more exactly, at a cost proportional to its pixels. Nil for the model's own.
    public var inputSize: InputSize?
    /// Segments with a smaller score are left out; nil for what suits the method, `Method.usualMinScore`.
    public var minScore: Double?
    /// Shorter segments, in pixels of the image, are left out.
    public var minLength: Double = 0
    /// At most so many segments, the best ones; nil for all.
    public var maxSegments: Int?
    /// Whether the segments of the network are moved onto the image's own edges, where these are clear.
    public var fitsEdges = true
    /// Whether the ends of segments that are fitted to edges are moved, too, to where the image shows that lines end.
    public var fitsEnds = true
    /// What speaks for an end of a line, and how much a segment is to be believed, in place of what suits the networks that the
    /// library carries; of networks with a map of ends.
    public var endWeights: EndWeights?
    /// Threads to compute with; the result does not depend on it.
    public var threads: Int = 1

    public init() {}
  }

  public let options: Options
  /// Names the weights: the content hash of the model file, in hexadecimal; nil for the gradient method.
  public private(set) lazy var weightsHash: String? = network?.packed.model.contentHash

  /// Nil for the gradient method.
  private let networkField: NetworkField?
  private var gradient = GradientField()
  /// What it fills.
  private var fields = LineField()
  private var grower: LineGrower
  private var edges = EdgeFitter()
  private var ends = EndFitter()
  private var duplicates = Duplicates()

  /// A detector with the weights that the library carries, those of `options.model`.
  ///
  /// - Throws: `ModelError` if this build carries no usable weights.
  public convenience init(options: Options = Options()) throws(ModelError) {
    try self.init(options, BuiltInModel.name) { () throws(ModelError) in try options.model.load() }
  }

  /// A detector with the weights of a model file, as `lsdnet convert` makes it. The file is mapped: it must not be changed
  /// while the detector is in use. The gradient method does not read it.
  ///
  /// - Throws: `ModelError` if the file cannot be read or is not a sound model, or has not been calibrated for int8 or has no
  ///   map of ends, and the options ask for it.
  public convenience init(weights path: String, options: Options = Options()) throws(ModelError) {
    try self.init(options, path) { () throws(ModelError) in try Model(path: path) }
  }

  private init(
    _ options: Options, _ name: String, model: () throws(ModelError) -> Model
  ) throws(ModelError) {
    self.options = options
    var growing: GrowingOptions
    switch options.method {
    case .network:
      var model = try model()
      if let size = options.inputSize { try model.resizeInput(to: size, name: name) }
      let precision = options.precision ?? (model.graph.isCalibrated ? .int8 : .fp32)
      let field: NetworkField
      do {
        field = try NetworkField(model: model, precision: precision, threads: options.threads)
      } catch {
        throw ModelError(
          file: name, reason: "has no activation ranges, without which it cannot run in int8",
          nextStep: "add them with `lsdnet quantize`, or use fp32")
      }
      networkField = field
      growing = .network
      if let weights = options.endWeights {
        guard field.hasEnds else {
          throw ModelError(
            file: name, reason: "has no map of ends, so that there is no evidence to be weighed",
            nextStep: "leave out the weights of the evidence, or use a model with such a map")
        }
        (growing.endWeights, growing.stopWeights) = (weights, weights)
      }
    case .gradient:
      networkField = nil
      growing = .gradient
    }
    growing.minScore = options.minScore ?? options.method.usualMinScore
    growing.listsOtherReadings = growing.minScore < BandedScore.otherReadings
    grower = LineGrower(options: growing)
  }

  /// The runtime beneath, for those who measure it; nil for the gradient method.
  public var network: Network? { networkField?.network }

  /// The numbers that the network computes with; nil for the gradient method.
  public var precision: Precision? { network?.packed.precision }

  /// The instruction set that the network runs on: "avx512", "avx2", "sse2", "neon".
  public static var instructionSet: String { KernelTable.best.name }

  /// Finds the segments of an image.
  ///
  /// - Returns: segments in pixels of the image, best score first, and where the time went.
  /// - Throws: `NetworkError` if the model does not admit the image's size, or it takes too much memory.
  /// - Complexity: linear in the cells of the fields; for a network with a fixed input size that is constant, but for
  ///   the resizing.
  public func detect(in image: RGBImage) throws(NetworkError) -> Detection {
    try detect(in: image, minLength: options.minLength)
  }

  /// Decodes a picture for `detect(in:)`: a JPEG of several times as many pixels as the network takes at a fraction of its size,
  /// which saves most of the time that large photographs take. Not for the gradient method, which looks at all pixels, nor for networks
  /// whose input is a share of the picture's size or takes single pixels.
  ///
  /// - Parameters:
  ///   - name: what messages call the picture, usually its path.
  ///   - options: their minimum size is replaced.
  /// - Throws: `ImageError` as `ImageDecoder.decode`.
  public func decode(
    _ bytes: [UInt8], name: String, options: DecodingOptions = DecodingOptions()
  ) throws(ImageError) -> ShrunkImage {
    var options = options
    options.minimumSize = nil
    if let networkField {
      let size = try ImageDecoder.size(bytes, name: name)
      // Twice as many as it takes, in each direction, as segments are fitted to the picture's edges.
      options.minimumSize = networkField.averagedSize(imageWidth: size.width, imageHeight: size.height).map {
        (2 * $0.width, 2 * $0.height)
      }
    }
    return try ImageDecoder.decodeShrunk(bytes, name: name, options: options)
  }

  /// Finds the segments of a picture that may have been decoded at a fraction of its size.
  ///
  /// - Returns: segments in pixels of the whole picture.
  /// - Throws: `NetworkError` as for a whole one.
  public func detect(in picture: ShrunkImage) throws(NetworkError) -> Detection {
    let factor = Double(picture.factor)
    var detection = try detect(in: picture.image, minLength: options.minLength / factor)
    guard picture.factor > 1 else { return detection }
    detection.segments = detection.segments.map { segment in
      var whole = segment
      (whole.x1, whole.y1) = picture.whole(x: segment.x1, y: segment.y1)
      (whole.x2, whole.y2) = picture.whole(x: segment.x2, y: segment.y2)
      whole.width *= factor
      return whole
    }
    return detection
  }

  private func detect(in image: RGBImage, minLength: Double) throws(NetworkError) -> Detection {
    var segments: [Segment] = []
    var timings: Timings
    let clock = ContinuousClock()
    var start = clock.now
    if let networkField {
      var cell = 0.0
      let before = try networkField.compute(image) { width, height in
        grower.room(width: width, height: height, hasEnds: networkField.hasEnds)
      } read: { stops, transform in
        start = clock.now
        cell = (transform.scaleX + transform.scaleY) / 2
        grower.grow(stops: stops, transform: transform, into: &segments)
      }
      timings = Timings(resize: before.resize, field: before.network)
      if options.fitsEdges {
        edges.reach = cell
        edges.fit(&segments, to: image)
        if options.fitsEnds {
          ends.cell = cell
          ends.fit(&segments, to: image)
        }
      }
      duplicates.demote(&segments, within: cell, minScore: grower.options.minScore)
    } else {
      let transform: GridTransform
      (transform, timings) = computeGradient(of: image)
      start = clock.now
      grower.grow(fields, transform: transform, into: &segments)
    }
    segments.removeAll { $0.length < minLength }
    // They are sorted by score, so that what is left out is a tail.
    if let most = options.maxSegments { segments.removeLast(max(segments.count - max(most, 0), 0)) }
    timings.extract = start.duration(to: clock.now) / .milliseconds(1)
    return Detection(segments: segments, timings: timings)
  }

  /// The fields that segments are grown from, and where their cells lie in the image.
  ///
  /// The tangent is in the grid's own frame: if the transform's two scales differ, so do angles on the grid and in the
  /// image.
  ///
  /// - Throws: `NetworkError` as `detect(in:)`.
  public func field(of image: RGBImage) throws(NetworkError) -> (field: LineField, transform: GridTransform) {
    if let networkField {
      var field = LineField()
      let (transform, _) = try networkField.compute(image, into: &field)
      return (field, transform)
    }
    let (transform, _) = computeGradient(of: image)
    return (fields, transform)
  }

  private func computeGradient(of image: RGBImage) -> (GridTransform, Timings) {
    let clock = ContinuousClock()
    let start = clock.now
    gradient.fill(&fields, from: image)
    let transform = GridTransform(
      gridWidth: fields.width, gridHeight: fields.height, imageWidth: image.width, imageHeight: image.height)
    return (transform, Timings(field: start.duration(to: clock.now) / .milliseconds(1)))
  }
}

extension Model {
  /// - Throws: `ModelError` if the network cannot run at this size.
  fileprivate mutating func resizeInput(to size: InputPolicy.Size, name: String) throws(ModelError) {
    input.size = size
    do {
      if let problem = input.problem { throw ModelProblem.inconsistent(problem) }
      let probe = input.inputSize(imageWidth: 640, imageHeight: 480)
      _ = try graph.shapes(inputHeight: probe.height, inputWidth: probe.width)
    } catch {
      throw ModelError(
        file: name, reason: "cannot run at an input size of \(size): \(error)",
        nextStep: "choose sides that the network can halve as often as it does, such as multiples of 32")
    }
  }
}
