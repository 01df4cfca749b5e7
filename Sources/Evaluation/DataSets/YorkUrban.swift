import Files
import Lines

/// The York Urban Line Segment Database as distributed (Denis, Elder, Estrada, ECCV 2008): a folder an image, with the
/// photograph `<id>.jpg` and the true lines in `<id>LinesAndVP.mat`.
enum YorkUrban {
  private static let suffix = "LinesAndVP.mat"

  static func isPresent(in folder: String, names: [String]) -> Bool {
    names.contains { File.exists(Path.join(folder, "\($0)/\($0)\(suffix)")) }
  }

  static func read(_ folder: String, names: [String], finder: ImageFinder) throws -> [AnnotatedImage] {
    try names.compactMap { id in
      let subfolder = Path.join(folder, id)
      let annotation = Path.join(subfolder, id + suffix)
      guard File.exists(annotation) else {
        // The database's own folder holds other files too; a photograph without lines is another matter.
        guard !File.exists(Path.join(subfolder, id + ".jpg")) else {
          throw EvaluationError(
            path: annotation, reason: "no such file, though the photograph is there",
            nextStep: "put it there, or take the folder '\(id)' away")
        }
        return nil
      }
      guard let photograph = try finder.path(of: id, beside: subfolder) else {
        throw EvaluationError(
          path: subfolder, reason: "no photograph '\(id).jpg', which alone tells the image's size",
          nextStep: "put it there, or name the folder of the photographs with --images")
      }
      let size = try ImageSize(of: photograph)
      return AnnotatedImage(
        name: Path.name(photograph), width: size.width, height: size.height, path: photograph,
        lines: try lines(in: annotation, width: size.width, height: size.height))
    }
  }

  /// The lines of one annotation: 2N x 2, two consecutive rows are the two ends.
  private static func lines(in path: String, width: Int, height: Int) throws -> [Segment] {
    let matrix = try MATFile.matrix(named: "lines", in: try File.read(path), path: path)
    guard matrix.columns == 2, matrix.rows % 2 == 0 else {
      throw EvaluationError(
        path: path, reason: "the variable 'lines' is \(matrix.rows) x \(matrix.columns), not 2N x 2",
        nextStep: "get the file again")
    }
    return try stride(from: 0, to: matrix.rows, by: 2).map { row in
      try trueLine(
        (matrix[row, 0], matrix[row, 1], matrix[row + 1, 0], matrix[row + 1, 1]), frame: (width, height), path: path,
        what: "the line in rows \(row + 1) and \(row + 2) of 'lines'")
    }
  }
}
