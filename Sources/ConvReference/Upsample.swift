import KernelInterface

@Sendable
func upsampleNearest(_ input: FeatureMap, _ output: FeatureMap, _ rows: Range<Int>) {
  for y in rows {
    for x in 0..<output.width {
      output.pixel(y, x).update(from: input.pixel(y / 2, x / 2), count: output.channels)
    }
  }
}

/// The centre of output pixel X lies at (X + 1/2) / 2 - 1/2 of the input: a quarter from the nearer of its two
/// neighbours, three quarters from the other. Outside the map its border pixels are repeated.
@Sendable
func upsampleBilinear(_ input: FeatureMap, _ output: FeatureMap, _ rows: Range<Int>) {
  for y in rows {
    let (nearY, farY) = bilinearNeighbours(y, input.height)
    for x in 0..<output.width {
      let (nearX, farX) = bilinearNeighbours(x, input.width)
      for c in 0..<output.channels {
        let near = 0.75 * Double(input.pixel(nearY, nearX)[c]) + 0.25 * Double(input.pixel(nearY, farX)[c])
        let far = 0.75 * Double(input.pixel(farY, nearX)[c]) + 0.25 * Double(input.pixel(farY, farX)[c])
        output.pixel(y, x)[c] = Float(0.75 * near + 0.25 * far)
      }
    }
  }
}

/// The input pixels on either side of an output pixel's centre, the nearer one first.
func bilinearNeighbours(_ index: Int, _ size: Int) -> (near: Int, far: Int) {
  let near = index / 2
  return (near, min(max(index % 2 == 0 ? near - 1 : near + 1, 0), size - 1))
}
