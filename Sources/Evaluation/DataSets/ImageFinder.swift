import Files

/// Finds the images that a data set speaks of, and their sizes.
struct ImageFinder {
  /// The folder that the user named.
  private let explicit: String?
  private let folders: [String]

  /// - Throws: `FileError` if the named folder is not there.
  init(explicit: String?, dataSet path: String) throws {
    if let explicit { _ = try Directory.list(explicit) }
    self.explicit = explicit
    let folder = File.isDirectory(path) ? path : Path.parent(path)
    folders = explicit.map { [$0] } ?? [folder, Path.join(folder, "images"), Path.join(Path.parent(folder), "images")]
  }

  /// Where the image lies; nil if it is in none of the usual places.
  ///
  /// - Parameter name: the file name, with or without its extension; folders in it are ignored.
  /// - Throws: `EvaluationError` if the user named a folder and the image is not in it.
  func path(of name: String, beside folder: String? = nil) throws -> String? {
    let name = Path.name(name)
    let stem = Path.stem(name)
    let endings = ["jpg", "png", "jpeg", "JPG", "PNG", "ppm", "pgm"]
    for folder in (explicit == nil ? [folder].compactMap { $0 } : []) + folders {
      for candidate in [name] + endings.flatMap({ ["\(name).\($0)", "\(stem).\($0)"] }) {
        let path = Path.join(folder, candidate)
        if File.exists(path), !File.isDirectory(path), Path.fileExtension(path) != "json" { return path }
      }
    }
    if let explicit {
      throw EvaluationError(
        path: explicit, reason: "the image '\(name)' of the data set is not there",
        nextStep: "name the folder that holds all the images")
    }
    return nil
  }

  /// The image's path, if it is found; checks that it has the annotated size.
  func path(of name: String, width: Int, height: Int, annotation: String, line: Int?) throws -> String? {
    guard let path = try path(of: name) else { return nil }
    let size = try ImageSize(of: path)
    guard size.width == width, size.height == height else {
      throw EvaluationError(
        path: annotation, line: line,
        reason: "'\(name)' is annotated as \(width) x \(height), but \(path) is \(size.width) x \(size.height)",
        nextStep: "give the folder of the original images with --images, or mend the annotation")
    }
    return path
  }
}
