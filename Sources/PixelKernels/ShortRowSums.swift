import VectorIntrinsics

/// Adds weighted rows of bytes in whole numbers: `sums[x] = 256 * (w[0] * rows[x] + w[1] * rows[rowStride + x] + ...)` with
/// weights w that add up to almost 1, in 1/65,536; each product is rounded down, half of what that takes in the mean is
/// made up for, and 32,768 taken off, so that the sums fit 16 bits with a sign.
///
/// Up to three rows are read at once, as by `sumRows`.
///
/// - Parameters:
///   - rows: the first of `count` rows, `rowStride` bytes apart.
///   - weights: `count` weights, which add up to 65,535 at most.
///   - sums: `rowStride` of them are written.
public func sumRowsToShorts(
  _ rows: UnsafePointer<UInt8>, rowStride: Int, weights: UnsafePointer<UInt16>, count: Int,
  into sums: UnsafeMutablePointer<Int16>
) {
  // A sum that rounding up would take beyond 16 bits has hundreds of rows.
  let start = Int16(truncatingIfNeeded: min(count / 2, 255) - 32_768)
  for first in stride(from: 0, to: count, by: 3) {
    let part = WeightedRows(rows: rows + first * rowStride, rowStride: rowStride, weights: weights + first)
    let before = first == 0 ? nil : sums
    switch count - first {
    case 1: part.sum(1, start, before, sums)
    case 2: part.sum(2, start, before, sums)
    default: part.sum(3, start, before, sums)
    }
  }
}

/// One to three rows.
private struct WeightedRows {
  let rows: UnsafePointer<UInt8>
  let rowStride: Int
  let weights: UnsafePointer<UInt16>

  /// Adds the first `count` rows to the sums before, or to `start` if there are none.
  @inline(__always)
  func sum(_ count: Int, _ start: Int16, _ before: UnsafeMutablePointer<Int16>?, _ sums: UnsafeMutablePointer<Int16>) {
    var x = 0
    while x &+ 16 <= rowStride {
      var sum = short_lanes(repeating: start)
      if let before { sum = UnsafeRawPointer(before + x).loadUnaligned(as: short_lanes.self) }
      for row in 0..<count {
        let bytes = UnsafeRawPointer(rows + (row &* rowStride &+ x)).loadUnaligned(as: half_byte_lanes.self)
        sum &+= weighted_bytes(bytes, weights[row])
      }
      UnsafeMutableRawPointer(sums + x).storeBytes(of: sum, as: short_lanes.self)
      x &+= 16
    }
    // One by one.
    while x < rowStride {
      var sum = before?[x] ?? start
      for row in 0..<count {
        let product = Int32(rows[row &* rowStride &+ x]) &* Int32(weights[row])
        sum &+= Int16(truncatingIfNeeded: product &>> 8)
      }
      sums[x] = sum
      x &+= 1
    }
  }
}
