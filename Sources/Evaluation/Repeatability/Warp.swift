import Images

extension RGBImage {
  /// The image as seen through a homography, in the same size, sampled bilinearly; black where there is nothing to see.
  ///
  /// Shrinking is at most slight in the views used here, so no filter goes before it.
  func warped(by homography: Homography) -> RGBImage {
    var result = RGBImage(width: width, height: height)
    guard let inverse = homography.inverse else { return result }
    let (w, h) = (Double(width - 1), Double(height - 1))
    // A view's corners come back with the last bits of the border.
    let rim = 1e-6
    pixels.withUnsafeBufferPointer { source in
      result.pixels.withUnsafeMutableBufferPointer { target in
        for row in 0..<height {
          for column in 0..<width {
            guard let (x, y) = inverse.map(x: Double(column), y: Double(row)), -rim...w + rim ~= x, -rim...h + rim ~= y
            else { continue }
            let (x0, y0) = (min(max(x, 0), w).rounded(.down), min(max(y, 0), h).rounded(.down))
            let (fx, fy) = (min(max(x - x0, 0), 1), min(max(y - y0, 0), 1))
            let first = 3 * (Int(y0) * width + Int(x0))
            let right = x0 < w ? 3 : 0
            let below = y0 < h ? 3 * width : 0
            for channel in 0..<3 {
              let at = first + channel
              let top = Double(source[at]) * (1 - fx) + Double(source[at + right]) * fx
              let bottom = Double(source[at + below]) * (1 - fx) + Double(source[at + below + right]) * fx
              target[3 * (row * width + column) + channel] = UInt8((top * (1 - fy) + bottom * fy).rounded())
            }
          }
        }
      }
    }
    return result
  }
}
