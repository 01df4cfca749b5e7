import VectorIntrinsics

/// `resampleRows` to bytes, for a network that computes with them: with v as that function would make it, a byte is
/// v * factor + zeroPoint, rounded to the nearest, ties to even, limited to 0...255. A pixel takes four bytes, the fourth of
/// which means nothing.
///
/// The two rows fill the two halves of a vector, and four pixels of either become bytes at once: with the rounding this takes
/// less time than floats without.
public func resampleRowsToBytes(
  _ rows: (UnsafePointer<Float>, UnsafePointer<Float>), starts: UnsafePointer<Int32>,
  weights: UnsafePointer<SIMD4<Float>>, taps: Int, offset: SIMD4<Float>, width: Int, factor: Float, zeroPoint: Float,
  to outputs: (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>)
) {
  func resample(_ taps: Int) {
    let pixels = BytePixels(
      rows: rows, starts: starts, weights: weights, taps: taps, offset: float_lanes(lowHalf: offset, highHalf: offset),
      factor: factor, zeroPoint: zeroPoint)
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
  // The usual numbers of taps apart, so that their loops are unrolled.
  switch taps {
  case 1: resample(1)
  case 2: resample(2)
  case 3: resample(3)
  default: resample(taps)
  }
}

/// The pixels of two output rows, as integers.
private struct BytePixels {
  let rows: (UnsafePointer<Float>, UnsafePointer<Float>)
  let starts: UnsafePointer<Int32>
  let weights: UnsafePointer<SIMD4<Float>>
  let taps: Int
  let offset: float_lanes
  let factor: Float
  let zeroPoint: Float

  @inline(__always)
  subscript(x: Int) -> int_lanes {
    let first = 3 &* Int(starts[x])
    let (row0, row1) = (UnsafeRawPointer(rows.0 + first), UnsafeRawPointer(rows.1 + first))
    var sum = offset
    for tap in 0..<taps {
      // The fourth lane is another pixel's red and goes nowhere.
      let weight = weights[taps &* x &+ tap]
      sum +=
        float_lanes(lowHalf: weight, highHalf: weight)
        * float_lanes(
          lowHalf: row0.loadUnaligned(fromByteOffset: 12 &* tap, as: SIMD4<Float>.self),
          highHalf: row1.loadUnaligned(fromByteOffset: 12 &* tap, as: SIMD4<Float>.self))
    }
    // Added to a value, 1.5 * 2^23 plus the zero point leaves the nearest integer in the low bits.
    let shifted = limited(sum * factor, -zeroPoint, 255 - zeroPoint) + (12_582_912 + zeroPoint)
    return unsafeBitCast(shifted, to: int_lanes.self) &- 0x4B40_0000
  }
}
