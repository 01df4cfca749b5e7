import Files
import Images

/// The size of a picture in pixels.
struct ImageSize: Equatable {
  var width: Int
  var height: Int

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// Reads it from the file's header alone.
  init(of path: String) throws {
    (width, height) = try ImageDecoder.size(try File.read(path), name: path)
  }
}
