import KernelInterface
import RegisterTiles
import VectorIntrinsics

@Sendable
func upsampleNearest(_ input: FeatureMap, _ output: FeatureMap, _ rows: Range<Int>) {
  for y in rows {
    for x in 0..<output.width {
      output.pixel(y, x).update(from: input.pixel(y / 2, x / 2), count: output.channels)
    }
  }
}

/// Along a row, the two input rows are blended once a column; each column then serves four output pixels.
@Sendable
func upsampleBilinear(_ input: FeatureMap, _ output: FeatureMap, _ rows: Range<Int>) {
  for y in rows {
    let near = y / 2
    let far = min(max(y % 2 == 0 ? near - 1 : near + 1, 0), input.height - 1)
    forEachGroup(of: Vector.scalarCount, in: output.channels) { channel, count in
      upsampleRow(input, output, y, near, far, channel, count)
    }
  }
}

@inline(__always)
private func upsampleRow(
  _ input: FeatureMap, _ output: FeatureMap, _ y: Int, _ near: Int, _ far: Int, _ channel: Int, _ count: Int
) {
  func blend(_ near: Vector, _ far: Vector) -> Vector {
    multiply_add(far * Vector(repeating: 0.25), near, Vector(repeating: 0.75))
  }
  func column(_ x: Int) -> Vector {
    blend(
      Vector(loading: input.pixel(near, x) + channel, upTo: count),
      Vector(loading: input.pixel(far, x) + channel, upTo: count))
  }
  var left = column(0)
  var centre = left
  for x in 0..<(output.width + 1) / 2 {
    let right = x + 1 < input.width ? column(x + 1) : centre
    blend(centre, left).store(to: output.pixel(y, 2 * x) + channel, upTo: count)
    if 2 * x + 1 < output.width {
      blend(centre, right).store(to: output.pixel(y, 2 * x + 1) + channel, upTo: count)
    }
    left = centre
    centre = right
  }
}
