/// Resamples two rows of RGB pixels with the same weights: loads are what limits the loop, and two rows share those of
/// the weights.
///
/// - Parameters:
///   - rows: two rows of interleaved pixels; one float behind the last is read.
///   - starts: the first input pixel of each of the `width` output pixels.
///   - weights: `taps` factors for each output pixel, one lane a channel.
///   - offset: what every pixel starts from.
///   - outputs: where the first pixel of either row goes; the two may be the same.
///   - pixelStride: floats from an output pixel to the next; only three of them are written.
public func resampleRows(
  _ rows: (UnsafePointer<Float>, UnsafePointer<Float>), starts: UnsafePointer<Int32>,
  weights: UnsafePointer<SIMD4<Float>>, taps: Int, offset: SIMD4<Float>, width: Int,
  to outputs: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>), pixelStride: Int
) {
  // The usual numbers of taps apart, so that their loops are unrolled.
  switch taps {
  case 1: resample(rows, starts, weights, 1, offset, width, outputs, pixelStride)
  case 2: resample(rows, starts, weights, 2, offset, width, outputs, pixelStride)
  case 3: resample(rows, starts, weights, 3, offset, width, outputs, pixelStride)
  default: resample(rows, starts, weights, taps, offset, width, outputs, pixelStride)
  }
}

@inline(__always)
private func resample(
  _ rows: (UnsafePointer<Float>, UnsafePointer<Float>), _ starts: UnsafePointer<Int32>,
  _ weights: UnsafePointer<SIMD4<Float>>, _ taps: Int, _ offset: SIMD4<Float>, _ width: Int,
  _ outputs: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>), _ pixelStride: Int
) {
  var (start, weight) = (starts, weights)
  var (output0, output1) = outputs
  for _ in 0..<width {
    let first = 3 &* Int(start.pointee)
    let (row0, row1) = (UnsafeRawPointer(rows.0 + first), UnsafeRawPointer(rows.1 + first))
    var (sum0, sum1) = (offset, offset)
    for tap in 0..<taps {
      // The fourth lane is another pixel's red and goes nowhere.
      let weight = weight[tap]
      sum0 += weight * row0.loadUnaligned(fromByteOffset: 12 &* tap, as: SIMD4<Float>.self)
      sum1 += weight * row1.loadUnaligned(fromByteOffset: 12 &* tap, as: SIMD4<Float>.self)
    }
    store(sum0, output0)
    store(sum1, output1)
    start += 1
    weight += taps
    output0 += pixelStride
    output1 += pixelStride
  }
}

@inline(__always)
private func store(_ pixel: SIMD4<Float>, _ output: UnsafeMutablePointer<Float>) {
  output[0] = pixel.x
  output[1] = pixel.y
  output[2] = pixel.z
}
