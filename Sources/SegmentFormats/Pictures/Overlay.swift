import Images

extension ImageSegments {
  /// The segments over the darkened image, coloured by score from violet to yellow with the best on top; a dot at each
  /// end shows where one segment ends and the next begins. Weak segments are faint, so that they do not hide the scene.
  public func overlay(on image: RGBImage) -> RGBImage {
    var picture = image.darkened(to: 0.55)
    let lineWidth = overlayLineWidth
    for segment in segments.reversed() {
      let color = ColorMap.score.color(at: Float(segment.score))
      let opacity = min(0.1 + 2 * segment.score, 1)
      picture.drawLine(
        x1: segment.x1, y1: segment.y1, x2: segment.x2, y2: segment.y2, color: color, lineWidth: lineWidth,
        opacity: opacity)
      for (x, y) in [(segment.x1, segment.y1), (segment.x2, segment.y2)] {
        picture.drawDot(x: x, y: y, radius: lineWidth, color: color, opacity: opacity)
      }
    }
    return picture
  }

  /// How thick segments are drawn, in pixels: visible when the whole picture is seen on a screen.
  var overlayLineWidth: Double { max(1.5, Double(max(width, height)) / 500) }
}
