/// Where the centre of the top left pixel lies in the coordinates that are written.
public enum PixelCentre: Double, Sendable {
  /// (0, 0), as in OpenCV and the line detection literature.
  case integer = 0
  /// (0.5, 0.5), as in COLMAP and SVG: the image's corner is the origin.
  case half = 0.5
}
