/// How the stored rows and columns of a picture lie when it is seen upright: EXIF tag 0x0112.
///
/// The cases name the side of the upright picture on which the first stored row and the first stored column lie.
enum Orientation: UInt16 {
  case topLeft = 1
  case topRight
  case bottomRight
  case bottomLeft
  case leftTop
  case rightTop
  case rightBottom
  case leftBottom

  /// Whether stored rows become columns.
  var transposes: Bool { rawValue >= 5 }

  /// Whether upright columns, and upright rows, run against the stored ones.
  var reversesX: Bool { [.topRight, .bottomRight, .rightTop, .rightBottom].contains(self) }
  var reversesY: Bool { [.bottomRight, .bottomLeft, .rightBottom, .leftBottom].contains(self) }

  func upright(_ size: (width: Int, height: Int)) -> (width: Int, height: Int) {
    transposes ? (size.height, size.width) : size
  }

  /// The picture turned upright.
  func upright(_ image: RGBImage) -> RGBImage {
    if self == .topLeft { return image }
    let (width, height) = upright((image.width, image.height))
    // Offsets in the stored pixels: of a step right, of a step down, and of the upright origin.
    let (column, row) = (3, 3 * image.width)
    let (alongX, alongY) = transposes ? (row, column) : (column, row)
    let (stepX, stepY) = (reversesX ? -alongX : alongX, reversesY ? -alongY : alongY)
    let origin = (reversesX ? (width - 1) * alongX : 0) + (reversesY ? (height - 1) * alongY : 0)
    let pixels = [UInt8](unsafeUninitializedCapacity: image.pixels.count) { buffer, count in
      image.pixels.withUnsafeBufferPointer { source in
        for y in 0..<height {
          for x in 0..<width {
            let from = origin + y * stepY + x * stepX
            for channel in 0..<3 { buffer[count + channel] = source[from + channel] }
            count += 3
          }
        }
      }
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }
}
