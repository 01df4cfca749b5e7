import Images
import Lines

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension LineField {
  /// The heat as a picture of the given size: black, violet, red, orange, yellow, white from 0 to 1.
  public func heatPicture(width: Int, height: Int) -> RGBImage {
    picture(width: width, height: height) { heat, _, _ in heatColour(heat) }
  }

  /// The tangents as a picture of the given size: the hue goes once round as the angle goes from 0 to pi (red is
  /// horizontal, then yellow and green, cyan is vertical, then blue and violet), the brightness is the heat.
  public func tangentPicture(width: Int, height: Int, _ transform: GridTransform) -> RGBImage {
    picture(width: width, height: height) { heat, cos2, sin2 in
      let angle = Self.tangentAngle(cos2: cos2, sin2: sin2, transform)
      return hueColour(Double(angle) / .pi, brightness: heat)
    }
  }

  /// Samples the three planes bilinearly at the centre of each pixel, the edge repeated.
  private func picture(
    width: Int, height: Int, _ colour: (_ heat: Double, _ cos2: Double, _ sin2: Double) -> RGBColour
  ) -> RGBImage {
    var picture = RGBImage(width: width, height: height)
    guard self.width > 0, self.height > 0 else { return picture }
    let columns = Self.taps(from: self.width, to: width)
    picture.pixels.withUnsafeMutableBufferPointer { pixels in
      for (y, row) in Self.taps(from: self.height, to: height).enumerated() {
        for (x, column) in columns.enumerated() {
          func sample(_ plane: [Float]) -> Double {
            func line(_ y: Int) -> Double {
              let a = Double(plane[y * self.width + column.first])
              return a + column.weight * (Double(plane[y * self.width + column.second]) - a)
            }
            let above = line(row.first)
            return above + row.weight * (line(row.second) - above)
          }
          let colour = colour(sample(heat), sample(cos2), sample(sin2))
          let offset = 3 * (y * width + x)
          pixels[offset] = colour.red
          pixels[offset + 1] = colour.green
          pixels[offset + 2] = colour.blue
        }
      }
    }
    return picture
  }

  /// For each of `target` pixels the two of `source` cells around its centre and the weight of the second.
  private static func taps(from source: Int, to target: Int) -> [(first: Int, second: Int, weight: Double)] {
    (0..<target).map { index in
      let position = (Double(index) + 0.5) * Double(source) / Double(target) - 0.5
      let clamped = min(max(position, 0), Double(source - 1))
      let first = Int(clamped)
      return (first, min(first + 1, source - 1), clamped - Double(first))
    }
  }
}
