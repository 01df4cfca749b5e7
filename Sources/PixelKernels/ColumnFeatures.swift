/// A layer of eight features, each a rectified weighted sum of what three columns beside each other show, plus a bias.
///
/// Columns are worked on four at a time, as one sum alone would wait for itself at every term: up to three features
/// behind the last are written, and the columns that these are of are read. The features may take the place of the
/// columns where these are features, too: each block is read before it is written.
///
/// - Parameters:
///   - columns: what columns show, `inputs` numbers each.
///   - count: of columns that have features, the first of the three that each is of.
///   - bias: where the sums begin.
///   - weights: by column and input.
///   - features: of each column.
public func columnFeatures(
  _ columns: UnsafePointer<Float>, inputs: Int, count: Int, bias: UnsafePointer<SIMD8<Float>>,
  weights: UnsafePointer<SIMD8<Float>>, into features: UnsafeMutablePointer<SIMD8<Float>>
) {
  for column in stride(from: 0, to: count, by: 4) {
    let seen = columns + column * inputs
    var (a, b, c, d) = (bias[0], bias[0], bias[0], bias[0])
    for k in 0..<3 * inputs {
      a += weights[k] * seen[k]
      b += weights[k] * seen[inputs + k]
      c += weights[k] * seen[2 * inputs + k]
      d += weights[k] * seen[3 * inputs + k]
    }
    features[column] = a.replacing(with: 0, where: a .< 0)
    features[column + 1] = b.replacing(with: 0, where: b .< 0)
    features[column + 2] = c.replacing(with: 0, where: c .< 0)
    features[column + 3] = d.replacing(with: 0, where: d .< 0)
  }
}
