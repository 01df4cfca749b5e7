import Files
import SegmentFormats

/// Where the results go and in which format; decided before any work is done.
struct OutputPlan {
  enum Destination: Equatable {
    case standardOutput
    case file(String)
    /// One file an image: `folder/<stem>.<extension>`, or `folder/<file name>.<extension>` for images that differ in
    /// their extension alone.
    case folder(String)
  }

  let format: SegmentFormat
  let destination: Destination
  /// Output files, one an image, in the order of the images; empty unless the destination is a folder.
  let files: [String]

  /// - Parameters:
  ///   - explicitFormat: the format that was asked for, whatever the output's extension says.
  ///   - defaultFormat: the format where nothing says which.
  ///   - others: what else is read and must not be replaced.
  /// - Throws: `UsageError` where two results would go to one file, or a result would replace an input.
  init(
    output: String?, format explicitFormat: SegmentFormat?, defaultFormat: SegmentFormat = .txt, images: [Input],
    others: [String] = []
  ) throws {
    let destination = try Self.destination(output, hasFormat: explicitFormat != nil)
    let format: SegmentFormat
    if let explicitFormat {
      format = explicitFormat
    } else if case .file(let path) = destination, let implied = SegmentFormat(fileExtension: Path.fileExtension(path)) {
      format = implied
    } else {
      format = defaultFormat
    }
    let files =
      if case .folder(let folder) = destination {
        try Self.files(images, folder, format.fileExtension)
      } else {
        [String]()
      }
    if images.count > 1, files.isEmpty, !format.holdsSeveralImages {
      throw UsageError(
        "One \(format.rawValue) output holds one image, but there are \(images.count). "
          + "Give a folder with -o FOLDER\(format == .json ? ", or use --format ndjson" : "").")
    }
    let targets = if case .file(let path) = destination { [path] } else { files }
    let inputs = Dictionary(
      images.map { ($0.identity, $0.displayName) } + others.map { (File.identity($0), $0) }
    ) { first, _ in first }
    for target in targets {
      if let identity = File.identity(target), let input = inputs[identity] {
        throw UsageError("The output \(target) would replace the input \(input). Choose another -o.")
      }
    }
    self.format = format
    self.destination = destination
    self.files = files
  }

  private static func destination(_ output: String?, hasFormat: Bool) throws -> Destination {
    guard let output, output != "-" else { return .standardOutput }
    let pathExtension = Path.fileExtension(output)
    if output.hasSuffix("/") || File.isDirectory(output) || pathExtension.isEmpty && !File.exists(output) {
      return .folder(output)
    }
    guard hasFormat || pathExtension.isEmpty || SegmentFormat(fileExtension: pathExtension) != nil else {
      let known = SegmentFormat.allCases.filter { $0.fileExtension == $0.rawValue }.map { "." + $0.rawValue }
      throw UsageError(
        "The extension of \(output) stands for no format. Use one of \(known.joined(separator: ", ")), "
          + "say which with --format, or end the name with / for a folder.")
    }
    return .file(output)
  }

  private static func files(_ images: [Input], _ folder: String, _ fileExtension: String) throws -> [String] {
    func path(_ image: Input, _ name: String) -> String {
      Path.join(Path.join(folder, image.subfolder), "\(name).\(fileExtension)")
    }
    let byStem = Dictionary(grouping: images) { path($0, Path.stem($0.name)) }
    let files = images.map { image in
      let file = path(image, Path.stem(image.name))
      return byStem[file]!.count == 1 ? file : path(image, image.name)
    }
    var owners: [String: Input] = [:]
    for (image, file) in zip(images, files) {
      if let owner = owners.updateValue(image, forKey: file) {
        throw UsageError(
          "The results of \(owner.displayName) and \(image.displayName) would both go to \(file). "
            + "Name the folder above them with --recursive, or run lsdnet once for each.")
      }
    }
    return files
  }
}
