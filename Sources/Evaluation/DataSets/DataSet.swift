import Files
import Lines

/// One image of a data set and its true lines.
public struct AnnotatedImage: Sendable {
  /// The image's file name as the data set gives it, without folders.
  public var name: String
  /// Pixels of the original image.
  public var width: Int
  public var height: Int
  /// Where the image lies; nil if it was not found.
  public var path: String?
  /// The true lines, in pixels of the image; all scores are 1.
  public var lines: [Segment]

  public init(name: String, width: Int, height: Int, path: String?, lines: [Segment]) {
    self.name = name
    self.width = width
    self.height = height
    self.path = path
    self.lines = lines
  }

  /// The name without its extension.
  public var stem: String { Path.stem(name) }
}

/// A benchmark: images and their true lines.
public struct DataSet: Sendable {
  /// The ways in which data sets are distributed.
  public enum Layout: String, Sendable {
    case yorkUrban = "York Urban"
    case hawp = "HAWP JSON"
    case lcnn = "L-CNN npz"
    case lsdnet = "LSDNet JSON"
  }

  /// The last component of the path it was read from.
  public var name: String
  public var layout: Layout
  public var images: [AnnotatedImage]
  /// What the reader of the figures should know.
  public var notes: [String] = []

  /// Reads a data set, recognised by what it is.
  ///
  /// - Parameters:
  ///   - path: a York Urban folder as distributed, a HAWP JSON file or its folder, a folder of L-CNN's
  ///     `*_label.npz`, or a folder of the LSDNet authors' JSON files.
  ///   - images: the folder of the images, if they do not lie where the data set usually has them.
  /// - Throws: `EvaluationError` or `FileError`.
  public init(_ path: String, images: String? = nil) throws {
    let finder = try ImageFinder(explicit: images, dataSet: path)
    name = Path.name(path)
    if !File.isDirectory(path) {
      // Reading says more about a missing or unreadable file than asking whether it is there.
      let bytes = try File.read(path)
      switch Path.fileExtension(path) {
      case "json":
        layout = .hawp
        self.images = try HAWPFile.truth(in: bytes, path: path, finder: finder)
      case "npz" where path.hasSuffix("_label.npz"):
        layout = .lcnn
        (self.images, notes) = try LCNNLabels.read([path], finder: finder)
      default: throw DataSet.unrecognised(path)
      }
    } else {
      let names = try Directory.list(path)
      let labels = names.filter { $0.hasSuffix("_label.npz") }
      let documents = names.filter { Path.fileExtension($0) == "json" }
      if YorkUrban.isPresent(in: path, names: names) {
        layout = .yorkUrban
        self.images = try YorkUrban.read(path, names: names, finder: finder)
      } else if !labels.isEmpty {
        layout = .lcnn
        (self.images, notes) = try LCNNLabels.read(labels.map { Path.join(path, $0) }, finder: finder)
      } else if let document = try DataSet.hawpDocument(in: path, documents) {
        layout = .hawp
        let file = Path.join(path, document)
        self.images = try HAWPFile.truth(in: try File.read(file), path: file, finder: finder)
      } else if !documents.isEmpty {
        layout = .lsdnet
        self.images = try LSDNetMarkup.read(documents.map { Path.join(path, $0) }, finder: finder)
      } else {
        throw DataSet.unrecognised(path)
      }
    }
    try check(path)
  }

  /// A data set made in memory.
  public init(name: String, layout: Layout, images: [AnnotatedImage]) {
    self.name = name
    self.layout = layout
    self.images = images
  }

  private func check(_ path: String) throws {
    // As many pixels as the image decoder takes: more could not be drawn.
    let largest = 1 << 28
    if let huge = images.first(where: { $0.width > largest || $0.height > largest / $0.width }) {
      throw EvaluationError(
        path: path, reason: "the image '\(huge.name)' is said to be \(huge.width) x \(huge.height)",
        nextStep: "mend the size")
    }
    guard images.contains(where: { !$0.lines.isEmpty }) else {
      throw EvaluationError(path: path, reason: "holds no true line", nextStep: "name another data set")
    }
    var seen: Set<String> = []
    if let twice = images.first(where: { !seen.insert($0.name).inserted }) {
      throw EvaluationError(
        path: path, reason: "the image '\(twice.name)' is there twice", nextStep: "leave one of the two out")
    }
  }

  /// The file in HAWP's format among a folder's JSON files: `test.json`, or the only one; nil if they are something else.
  private static func hawpDocument(in folder: String, _ documents: [String]) throws -> String? {
    if documents.contains("test.json") { return "test.json" }
    guard let first = documents.first, try isList(Path.join(folder, first)) else { return nil }
    guard documents.count == 1 else {
      throw EvaluationError(
        path: folder, reason: "several lists of images: \(documents.joined(separator: ", "))",
        nextStep: "name one of these files")
    }
    return first
  }

  /// Whether a JSON file holds a list.
  private static func isList(_ path: String) throws -> Bool {
    try File.read(path).first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) } == UInt8(ascii: "[")
  }

  private static func unrecognised(_ path: String) -> EvaluationError {
    EvaluationError(
      path: path, reason: "no data set that is known",
      nextStep: "name a York Urban folder (<id>/<id>LinesAndVP.mat), a HAWP file (test.json), a folder of L-CNN's "
        + "*_label.npz or of the LSDNet authors' JSON files")
  }
}

/// Turns the true line of a data set into a segment, if it can be one.
///
/// - Parameter frame: width and height of the image it must lie in; annotations overhang by a pixel or two.
func trueLine(
  _ ends: (Double, Double, Double, Double), frame: (width: Int, height: Int), path: String, line: Int? = nil,
  what: String
) throws -> Segment {
  let segment = Segment(x1: ends.0, y1: ends.1, x2: ends.2, y2: ends.3)
  guard [ends.0, ends.1, ends.2, ends.3].allSatisfy(\.isFinite) else {
    throw EvaluationError(
      path: path, line: line, reason: "\(what) has a coordinate that is not finite", nextStep: "mend the annotation")
  }
  let overhang = segment.overhang(width: frame.width, height: frame.height)
  guard overhang <= max(4, 0.01 * Double(max(frame.width, frame.height))) else {
    throw EvaluationError(
      path: path, line: line,
      reason: "\(what) (\(segment.ends)) reaches \(shortest(overhang.rounded(.up))) pixels out of its image of "
        + "\(frame.width) x \(frame.height)",
      nextStep: "is this the image that was annotated, in its original size?")
  }
  return segment
}

extension Segment {
  /// How far the ends lie outside an image, in pixels; 0 inside. Annotations count from pixel corners or centres, so
  /// the frame is [-0.5, W] x [-0.5, H].
  func overhang(width: Int, height: Int) -> Double {
    let x = max(-0.5 - min(x1, x2), max(x1, x2) - Double(width))
    let y = max(-0.5 - min(y1, y2), max(y1, y2) - Double(height))
    return max(x, y, 0)
  }

  /// The coordinates, for messages.
  var ends: String {
    [x1, y1, x2, y2].map { shortest(($0 * 100).rounded() / 100) }.joined(separator: " ")
  }
}

/// A whole number without its fraction.
private func shortest(_ number: Double) -> String {
  number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
}
