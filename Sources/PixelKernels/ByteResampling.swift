import VectorIntrinsics

/// Resamples two rows of RGB pixels to bytes, in whole numbers: a byte is `(start + w[0] * p[0] + w[1] * p[1] + ...)` without
/// its lowest `shift` bits, limited to 0...255. A pixel takes four bytes, the fourth of which means nothing.
///
/// The two rows fill the two halves of a vector, two neighbours are multiplied by their weights and added at once, and four
/// pixels of either row become bytes at once.
///
/// - Parameters:
///   - rows: two rows of interleaved pixels; from each start `2 * pairs` pixels and 4 bytes are read.
///   - starts: the first input pixel of each of the `width` output pixels.
///   - weights: for each output pixel and each pair of neighbours, the weights of red, green and blue: the first's, the second's, the
///     first's, and so on; the last two mean nothing.
///   - start: what every sum starts from. No sum may leave 32 bits.
///   - outputs: where the first pixel of either row goes; the two may be the same.
public func resampleRowsToBytes(
  _ rows: (UnsafePointer<Int16>, UnsafePointer<Int16>), starts: UnsafePointer<Int32>,
  weights: UnsafePointer<SIMD8<Int16>>, pairs: Int, start: SIMD4<Int32>, shift: Int32, width: Int,
  to outputs: (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>)
) {
  @inline(__always)
  func resample(_ pairs: Int) {
    let pixels = BytePixels(
      rows: rows, starts: starts, weights: weights, pairs: pairs, start: int_lanes(lowHalf: start, highHalf: start),
      shift: shift)
    @inline(__always)
    func store(_ bytes: byte_lanes, _ x: Int) {
      UnsafeMutableRawPointer(outputs.0 + 4 &* x).storeBytes(of: bytes.lowHalf, as: SIMD16<UInt8>.self)
      UnsafeMutableRawPointer(outputs.1 + 4 &* x).storeBytes(of: bytes.highHalf, as: SIMD16<UInt8>.self)
    }
    var x = 0
    while x &+ 4 <= width {
      store(saturated_bytes(pixels[x], pixels[x &+ 1], pixels[x &+ 2], pixels[x &+ 3]), x)
      x &+= 4
    }
    // One by one.
    while x < width {
      let pixel = pixels[x]
      let bytes = saturated_bytes(pixel, pixel, pixel, pixel)
      for lane in 0..<4 {
        outputs.0[4 &* x &+ lane] = bytes[lane]
        outputs.1[4 &* x &+ lane] = bytes[16 &+ lane]
      }
      x &+= 1
    }
  }
  // The usual numbers apart, so that their loops are unrolled.
  switch pairs {
  case 1: resample(1)
  case 2: resample(2)
  default: resample(pairs)
  }
}

/// The pixels of two output rows, as integers.
private struct BytePixels {
  let rows: (UnsafePointer<Int16>, UnsafePointer<Int16>)
  let starts: UnsafePointer<Int32>
  let weights: UnsafePointer<SIMD8<Int16>>
  let pairs: Int
  let start: int_lanes
  let shift: Int32

  @inline(__always)
  subscript(x: Int) -> int_lanes {
    let first = 3 &* Int(starts[x])
    let (row0, row1) = (UnsafeRawPointer(rows.0 + first), UnsafeRawPointer(rows.1 + first))
    var sum = start
    for pair in 0..<pairs {
      let weight = weights[pairs &* x &+ pair]
      let neighbours = short_lanes(
        lowHalf: row0.loadUnaligned(fromByteOffset: 12 &* pair, as: SIMD8<Int16>.self),
        highHalf: row1.loadUnaligned(fromByteOffset: 12 &* pair, as: SIMD8<Int16>.self))
      sum = dot_short_lanes(sum, pixel_pairs(neighbours), short_lanes(lowHalf: weight, highHalf: weight))
    }
    return without_low_bits(sum, shift)
  }
}
