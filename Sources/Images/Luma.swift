extension RGBImage {
  /// Brightness of each pixel, 0 to 255, row-major: the luma of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, of the
  /// values as stored.
  ///
  /// - Parameter plane: resized to `width * height` values; its storage is used again where it is large enough.
  public func luma(into plane: inout [Float]) {
    let count = width * height
    if plane.count > count { plane.removeLast(plane.count - count) }
    if plane.count < count { plane.append(contentsOf: repeatElement(0, count: count - plane.count)) }
    plane.withUnsafeMutableBufferPointer { plane in
      pixels.withUnsafeBufferPointer { pixels in
        for index in 0..<count {
          let (red, green, blue) = (pixels[3 * index], pixels[3 * index + 1], pixels[3 * index + 2])
          plane[index] = 0.299 * Float(red) + 0.587 * Float(green) + 0.114 * Float(blue)
        }
      }
    }
  }

  /// Brightness of each pixel, 0 to 255, row-major.
  public func luma() -> [Float] {
    var plane: [Float] = []
    luma(into: &plane)
    return plane
  }
}
