extension ResamplingFilter {
  /// The definition of both filters, in double precision and with no thought of speed: `3 * width * height` values in
  /// the range of the input's, 0 to 255. `ResamplingPlan` is tested against it.
  ///
  /// - Complexity: O(input + output pixels) for `bilinear`, with a larger constant for `area`.
  public func reference(_ image: RGBImage, width: Int, height: Int) -> [Double] {
    let scaleX = Double(image.width) / Double(width)
    let scaleY = Double(image.height) / Double(height)
    func pixel(_ x: Int, _ y: Int, _ channel: Int) -> Double {
      let x = min(max(x, 0), image.width - 1)
      let y = min(max(y, 0), image.height - 1)
      return Double(image.pixels[3 * (y * image.width + x) + channel])
    }
    var output: [Double] = []
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<3 {
          switch self {
          case .area:
            let (left, right) = (scaleX * Double(x), scaleX * Double(x + 1))
            let (top, bottom) = (scaleY * Double(y), scaleY * Double(y + 1))
            var sum = 0.0
            for row in Int(top)...Int(bottom) {
              let rowCover = max(0, min(bottom, Double(row + 1)) - max(top, Double(row)))
              for column in Int(left)...Int(right) {
                let columnCover = max(0, min(right, Double(column + 1)) - max(left, Double(column)))
                sum += rowCover * columnCover * pixel(column, row, channel)
              }
            }
            output.append(sum / (scaleX * scaleY))
          case .bilinear:
            let centreX = scaleX * (Double(x) + 0.5) - 0.5
            let centreY = scaleY * (Double(y) + 0.5) - 0.5
            let (column, row) = (Int(centreX.rounded(.down)), Int(centreY.rounded(.down)))
            let (tx, ty) = (centreX - Double(column), centreY - Double(row))
            let above = (1 - tx) * pixel(column, row, channel) + tx * pixel(column + 1, row, channel)
            let below = (1 - tx) * pixel(column, row + 1, channel) + tx * pixel(column + 1, row + 1, channel)
            output.append((1 - ty) * above + ty * below)
          }
        }
      }
    }
    return output
  }
}
