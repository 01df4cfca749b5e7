/// Drawing on pictures. Coordinates are pixels with centres at integers, x to the right and y down; what lies outside
/// the picture is cut off, and shapes with coordinates that are not finite are not drawn.
extension RGBImage {
  /// Draws a straight line with soft edges and square ends, exact to fractions of a pixel.
  ///
  /// - Parameters:
  ///   - lineWidth: in pixels, also under 1: a line of half a pixel's width is half as strong.
  ///   - opacity: 0 to 1.
  public mutating func drawLine(
    x1: Double, y1: Double, x2: Double, y2: Double, color: Color, lineWidth: Double = 1, opacity: Double = 1
  ) {
    let (width, height) = (width, height)
    pixels.withUnsafeMutableBufferPointer { pixels in
      Coverage.stroke(x1: x1, y1: y1, x2: x2, y2: y2, strokeWidth: lineWidth, width: width, height: height) {
        blend(pixels, 3 * ($1 * width + $0), color, $2 * Float(opacity))
      }
    }
  }

  /// Draws a line one pixel wide and without soft edges.
  public mutating func drawThinLine(x1: Double, y1: Double, x2: Double, y2: Double, color: Color) {
    let (width, height) = (width, height)
    pixels.withUnsafeMutableBufferPointer { pixels in
      Coverage.thinLine(x1: x1, y1: y1, x2: x2, y2: y2, width: width, height: height) {
        blend(pixels, 3 * ($1 * width + $0), color, 1)
      }
    }
  }

  /// Draws a filled circle with a soft edge.
  public mutating func drawDot(x: Double, y: Double, radius: Double, color: Color, opacity: Double = 1) {
    let (width, height) = (width, height)
    pixels.withUnsafeMutableBufferPointer { pixels in
      Coverage.dot(x: x, y: y, radius: radius, width: width, height: height) {
        blend(pixels, 3 * ($1 * width + $0), color, $2 * Float(opacity))
      }
    }
  }

  /// The picture with its values moved towards black (a share under 1), so that what is drawn on it stands out.
  public func darkened(to share: Float) -> RGBImage {
    let table = (0..<256).map { byte(Float($0) / 255 * share) }
    return RGBImage(width: width, height: height, pixels: pixels.map { table[Int($0)] })
  }
}

extension GreyImage {
  /// Draws a line one pixel wide and without soft edges: a mask.
  public mutating func drawThinLine(x1: Double, y1: Double, x2: Double, y2: Double, value: UInt8 = 255) {
    let (width, height) = (width, height)
    pixels.withUnsafeMutableBufferPointer { pixels in
      Coverage.thinLine(x1: x1, y1: y1, x2: x2, y2: y2, width: width, height: height) {
        pixels[$1 * width + $0] = value
      }
    }
  }
}

/// Mixes a colour into the pixel whose red is at `index`.
private func blend(_ pixels: UnsafeMutableBufferPointer<UInt8>, _ index: Int, _ color: Color, _ share: Float) {
  let share = min(max(share, 0), 1)
  func mixed(_ old: UInt8, _ new: UInt8) -> UInt8 {
    UInt8(Float(old) + (Float(new) - Float(old)) * share + 0.5)
  }
  pixels[index] = mixed(pixels[index], color.red)
  pixels[index + 1] = mixed(pixels[index + 1], color.green)
  pixels[index + 2] = mixed(pixels[index + 2], color.blue)
}
