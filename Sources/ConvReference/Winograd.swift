import KernelInterface

/// As many values as G g G^T has, for each pair of channels: output x input x 36.
@Sendable
func winogradPackedCount(_ shape: ConvolutionShape) -> Int {
  let points = WinogradTransform.points
  return points * points * shape.inputChannels * shape.outputChannels
}

@Sendable
func packWinograd(
  _ shape: ConvolutionShape, _ weights: UnsafePointer<Float>, _ packed: UnsafeMutablePointer<Float>
) {
  var next = packed
  for o in 0..<shape.outputChannels {
    for i in 0..<shape.inputChannels {
      let transformed = WinogradTransform.transformed { ky, kx in
        weights[((o * 3 + ky) * 3 + kx) * shape.inputChannels + i]
      }
      for value in transformed {
        next[0] = value
        next += 1
      }
    }
  }
}

/// Y = A^T [sum over i of U(o, i) * (B^T d(i) B)] A for every tile and output channel o, where * is element by element.
@Sendable
func convolveWinograd(_ c: Convolution, _ scratch: UnsafeMutablePointer<Float>, _ rows: Range<Int>) {
  typealias Transform = WinogradTransform
  let inputs = (0..<c.shape.inputChannels)
  for tileY in rows.lowerBound / Transform.outputs..<(rows.upperBound + Transform.outputs - 1) / Transform.outputs {
    for tileX in 0..<(c.output.width + Transform.outputs - 1) / Transform.outputs {
      let (top, left) = (Transform.outputs * tileY, Transform.outputs * tileX)
      let transformed = inputs.map { i in
        // Beyond the halo there is nothing.
        let tile = (top - 1..<top + 5).map { y in
          (left - 1..<left + 5).map { x in
            y <= c.input.height && x <= c.input.width ? Double(c.input.pixel(y, x)[i]) : 0
          }
        }
        return sandwich(Transform.input, tile)
      }
      for o in 0..<c.shape.outputChannels {
        var products = [[Double]](repeating: Array(repeating: 0, count: Transform.points), count: Transform.points)
        for i in inputs {
          let weights = c.packedWeights + (o * c.shape.inputChannels + i) * Transform.points * Transform.points
          for row in 0..<Transform.points {
            for column in 0..<Transform.points {
              products[row][column] += Double(weights[row * Transform.points + column]) * transformed[i][row][column]
            }
          }
        }
        let sums = sandwich(Transform.output, products)
        for y in rows.clamped(to: top..<top + Transform.outputs) {
          for x in left..<min(left + Transform.outputs, c.output.width) {
            let addend = c.addend.map { Double($0.pixel(y, x)[o]) } ?? 0
            c.output.pixel(y, x)[o] = c.activation(sums[y - top][x - left] + Double(c.bias[o]) + addend)
          }
        }
      }
    }
  }
}

/// M X M^T.
private func sandwich(_ matrix: [[Double]], _ middle: [[Double]]) -> [[Double]] {
  matrix.map { rowFactors in
    let row = middle.indices.map { x in middle.indices.reduce(0) { $0 + rowFactors[$1] * middle[$1][x] } }
    return matrix.map { factors in row.indices.reduce(0) { $0 + factors[$1] * row[$1] } }
  }
}
