import Files
import Lines

/// The labels of L-CNN (Zhou, Qi, Ma, ICCV 2019): `<image>_0_label.npz`, whose array `lpos` (N, 2, 3) holds ends as
/// (y, x, type) on a grid of 128 x 128 laid over the whole image.
enum LCNNLabels {
  static let gridSize = 128.0

  static func read(_ files: [String], finder: ImageFinder) throws -> (images: [AnnotatedImage], notes: [String]) {
    var withoutOriginal = 0
    let images = try files.map { path in
      let archive = try NPZFile(try File.read(path), path: path)
      guard let lines = try archive.array("lpos"), lines.shape.count == 3, lines.shape[1] == 2, lines.shape[2] >= 2
      else {
        throw EvaluationError(
          path: path, reason: "no array 'lpos' of shape (N, 2, 3)", nextStep: "name labels that L-CNN's script made")
      }
      let label = String(Path.name(path).dropLast("_label.npz".count))
      // Labels carry the number of their augmentation; images of the original size do not.
      let original = label.hasSuffix("_0") ? String(label.dropLast(2)) : label
      var image = try? finder.path(of: original)
      if image == nil {
        withoutOriginal += 1
        image = try finder.path(of: label, beside: Path.parent(path))
      }
      let size = try image.map(ImageSize.init(of:)) ?? ImageSize(width: 512, height: 512)
      return AnnotatedImage(
        name: image.map(Path.name) ?? label, width: size.width, height: size.height, path: image,
        lines: try segments(lines, width: size.width, height: size.height).enumerated().map { index, ends in
          try trueLine(ends, frame: (size.width, size.height), path: path, what: "line \(index) of 'lpos'")
        })
    }
    var notes: [String] = []
    if withoutOriginal > 0 {
      notes.append(
        "\(withoutOriginal) of \(images.count) images are not there in their original size: F^H is taken on L-CNN's square "
          + "copies (512 x 512), which changes it; name the folder of the originals with --images")
    }
    return (images, notes)
  }

  /// The rows of an (N, 2, 2 or 3) array as x1, y1, x2, y2 in pixels of the image.
  static func segments(_ array: NumericArray, width: Int, height: Int) -> [(Double, Double, Double, Double)] {
    let stride = array.shape[2]
    let scaleX = Double(width) / gridSize
    let scaleY = Double(height) / gridSize
    return (0..<array.shape[0]).map { row in
      let first = 2 * row * stride
      let second = first + stride
      return (
        array.values[first + 1] * scaleX, array.values[first] * scaleY, array.values[second + 1] * scaleX,
        array.values[second] * scaleY
      )
    }
  }
}
