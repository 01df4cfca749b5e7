import Images

extension ImageSegments {
  /// The segments white on black, one pixel wide, at the image's size.
  public func mask() -> GreyImage {
    var picture = GreyImage(width: width, height: height)
    for segment in segments {
      picture.drawThinLine(x1: segment.x1, y1: segment.y1, x2: segment.x2, y2: segment.y2)
    }
    return picture
  }
}
