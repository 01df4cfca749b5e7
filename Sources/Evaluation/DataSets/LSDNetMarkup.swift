import Files
import Lines

/// The annotation format of the LSDNet authors: one JSON file an image, named after it, with `size` ([width, height]) and
/// `objects`, each with its two ends in `data`.
enum LSDNetMarkup {
  static func read(_ files: [String], finder: ImageFinder) throws -> [AnnotatedImage] {
    try files.map { path in
      let document = try JSONValue(parsing: try File.read(path), path: path)
      func refuse(_ value: JSONValue, _ reason: String) -> EvaluationError {
        EvaluationError(
          path: path, line: value.line, reason: reason,
          nextStep: "wanted is {\"size\": [width, height], \"objects\": [{\"data\": [[x1, y1], [x2, y2]]}, ...]}")
      }
      guard let size = document["size"]?.array, size.count == 2, let width = size[0].integer,
        let height = size[1].integer, width > 0, height > 0
      else { throw refuse(document, "no 'size' of two whole numbers") }
      guard let objects = document["objects"]?.array else { throw refuse(document, "no list 'objects'") }
      let lines = try objects.enumerated().map { index, object in
        guard let ends = object["data"]?.array, ends.count == 2, let first = point(ends[0]), let second = point(ends[1])
        else { throw refuse(object, "object \(index) has no 'data' of two points") }
        return try trueLine(
          (first.x, first.y, second.x, second.y), frame: (width, height), path: path, line: object.line,
          what: "object \(index)")
      }
      // `112.jpg.json` belongs to `112.jpg`; the extension may also be left out.
      let name = Path.stem(path)
      let image = try finder.path(of: name, width: width, height: height, annotation: path, line: document.line)
      return AnnotatedImage(
        name: image.map(Path.name) ?? name, width: width, height: height, path: image, lines: lines)
    }
  }

  private static func point(_ value: JSONValue) -> (x: Double, y: Double)? {
    guard let items = value.array, items.count == 2, let x = items[0].number, let y = items[1].number else {
      return nil
    }
    return (x, y)
  }
}
