import Images
import Lines

extension LineField {
  /// The heat as a picture of the given size, from black over red to a light yellow.
  public func heatPicture(width: Int, height: Int) -> RGBImage {
    RGBImage(plane: resampled(heat, width, height), width: width, height: height)
  }

  /// The ends as a picture of the given size; nil if the field has none.
  public func endsPicture(width: Int, height: Int) -> RGBImage? {
    ends.isEmpty ? nil : RGBImage(plane: resampled(ends, width, height), width: width, height: height)
  }

  /// The tangents as a picture of the given size: hue is the angle in the image, brightness the heat.
  public func tangentPicture(width: Int, height: Int, _ transform: GridTransform) -> RGBImage {
    // Vectors can be interpolated, angles cannot.
    var large = LineField()
    large.resize(width: width, height: height)
    large.cos2 = resampled(cos2, width, height)
    large.sin2 = resampled(sin2, width, height)
    return RGBImage(
      angle: large.tangentAngles(transform), heat: resampled(heat, width, height), width: width, height: height)
  }

  /// One plane at another size, bilinear with the edges repeated.
  private func resampled(_ plane: [Float], _ width: Int, _ height: Int) -> [Float] {
    guard !plane.isEmpty else { return [Float](repeating: 0, count: width * height) }
    let columns = Self.taps(from: self.width, to: width)
    var values: [Float] = []
    values.reserveCapacity(width * height)
    for row in Self.taps(from: self.height, to: height) {
      for column in columns {
        func sample(_ y: Int) -> Float {
          let value = plane[y * self.width + column.first]
          return value + column.weight * (plane[y * self.width + column.second] - value)
        }
        let above = sample(row.first)
        values.append(above + row.weight * (sample(row.second) - above))
      }
    }
    return values
  }

  /// For each of `target` pixels the two of `source` cells around its centre and the weight of the second.
  private static func taps(from source: Int, to target: Int) -> [(first: Int, second: Int, weight: Float)] {
    (0..<target).map { index in
      let position = (Double(index) + 0.5) * Double(source) / Double(target) - 0.5
      let clamped = min(max(position, 0), Double(source - 1))
      let first = Int(clamped)
      return (first, min(first + 1, source - 1), Float(clamped - Double(first)))
    }
  }
}
