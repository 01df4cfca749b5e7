import Images

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A picture of an edge or a bar along a line through (cx, cy), as soft as a lens makes it.
struct Picture {
  var width = 120
  var height = 90
  var degrees: Double
  var cx = 58.3
  var cy = 44.6
  var dark = 60.0
  var light = 150.0
  /// Width of a bar; nil for an edge.
  var bar: Double?
  /// Between which places along the line it is there; elsewhere all is `beyond`.
  var start = -Double.infinity
  var end = Double.infinity
  var beyond = 105.0

  var direction: (dx: Double, dy: Double) { (cos(degrees * .pi / 180), sin(degrees * .pi / 180)) }

  func brightness(_ x: Double, _ y: Double) -> Double {
    let along = (x - cx) * direction.dx + (y - cy) * direction.dy
    let across = (y - cy) * direction.dx - (x - cx) * direction.dy
    func step(_ distance: Double) -> Double { 1 / (1 + exp(-distance / 0.35)) }
    let share = bar.map { step(across + $0 / 2) - step(across - $0 / 2) } ?? step(across)
    let on = step(along - start) - step(along - end)
    return beyond + on * (dark + (light - dark) * share - beyond)
  }

  var image: RGBImage {
    var image = RGBImage(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width {
        let value = UInt8(brightness(Double(x), Double(y)).rounded())
        for channel in 0..<3 { image.pixels[3 * (y * width + x) + channel] = value }
      }
    }
    return image
  }
}
