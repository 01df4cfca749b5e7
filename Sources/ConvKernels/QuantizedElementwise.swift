import KernelInterface
import RegisterTiles
import VectorIntrinsics

@Sendable
func addQuantized(
  _ a: QuantizedMap, _ b: QuantizedMap, _ output: QuantizedMap, _ activation: Activation, _ rows: Range<Int>
) {
  let (first, second) = (Values(a, output.scale), Values(b, output.scale))
  let rounding = Rounding(output, activation)
  for y in rows {
    for x in 0..<output.width {
      let (p, q, target) = (a.pixel(y, x), b.pixel(y, x), output.pixel(y, x))
      forEachGroup(of: Bytes.scalarCount, in: output.channels) { channel, count in
        let sum = first(p + channel, count) + second(q + channel, count)
        rounding.store(sum, to: target + channel, count)
      }
    }
  }
}

@Sendable
func addUpsampledQuantized(
  _ a: QuantizedMap, _ b: QuantizedMap, _ output: QuantizedMap, _ activation: Activation, _ rows: Range<Int>
) {
  let (first, second) = (Values(a, output.scale), Values(b, output.scale))
  let rounding = Rounding(output, activation)
  for y in rows {
    for x in 0..<b.width {
      let (p, q, target) = (a.pixel(y, 2 * x), b.pixel(y / 2, x), output.pixel(y, 2 * x))
      forEachGroup(of: Bytes.scalarCount, in: output.channels) { channel, count in
        let shared = second(q + channel, count)
        rounding.store(first(p + channel, count) + shared, to: target + channel, count)
        let (right, rightTarget) = (p + a.pixelStride, target + output.pixelStride)
        rounding.store(first(right + channel, count) + shared, to: rightTarget + channel, count)
      }
    }
  }
}

@Sendable
func mapQuantized(_ input: QuantizedMap, _ output: QuantizedMap, _ activation: Activation, _ rows: Range<Int>) {
  let values = Values(input, output.scale)
  let rounding = Rounding(output, activation)
  for y in rows {
    for x in 0..<output.width {
      let (source, target) = (input.pixel(y, x), output.pixel(y, x))
      forEachGroup(of: Bytes.scalarCount, in: output.channels) { channel, count in
        rounding.store(values(source + channel, count), to: target + channel, count)
      }
    }
  }
}

@Sendable
func quantize(_ input: FeatureMap, _ output: QuantizedMap, _ rows: Range<Int>) {
  if input.channels == 3, input.pixelStride == 3 { return quantizePicture(input, output, rows) }
  let scale = Vector(repeating: 1 / output.scale)
  let rounding = Rounding(output, .none)
  for y in rows {
    for x in 0..<output.width {
      let (source, target) = (input.pixel(y, x), output.pixel(y, x))
      forEachGroup(of: Bytes.scalarCount, in: output.channels) { channel, count in
        rounding.store(Vector(loading: source + channel, upTo: count) * scale, to: target + channel, count)
      }
    }
  }
}

/// A network's input: three channels would leave most lanes idle, but neighbouring pixels lie side by side and can share
/// vectors. They are rounded into a buffer and spread from there.
private func quantizePicture(_ input: FeatureMap, _ output: QuantizedMap, _ rows: Range<Int>) {
  let lanes = Bytes.scalarCount
  let scale = Vector(repeating: 1 / output.scale)
  let rounding = Rounding(output, .none)
  withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 3 * lanes) { memory in
    guard let bytes = memory.baseAddress else { return }
    for y in rows {
      for x in stride(from: 0, to: input.width, by: lanes) {
        let pixels = min(lanes, input.width - x)
        let source = input.pixel(y, x)
        for first in stride(from: 0, to: 3 * pixels, by: lanes) {
          let count = min(lanes, 3 * pixels - first)
          rounding.store(Vector(loading: source + first, upTo: count) * scale, to: bytes + first, count)
        }
        var target = output.pixel(y, x)
        var byte = bytes
        for _ in 0..<pixels {
          (target[0], target[1], target[2]) = (byte[0], byte[1], byte[2])
          target += output.pixelStride
          byte += 3
        }
      }
    }
  }
}

@Sendable
func dequantize(_ input: QuantizedMap, _ output: FeatureMap, _ rows: Range<Int>) {
  let values = Values(input, 1)
  for y in rows {
    for x in 0..<output.width {
      let (source, target) = (input.pixel(y, x), output.pixel(y, x))
      forEachGroup(of: Bytes.scalarCount, in: output.channels) { channel, count in
        values(source + channel, count).store(to: target + channel, upTo: count)
      }
    }
  }
}

/// The values of bytes in units of the output.
private struct Values {
  let zero: Float
  let scale: Float

  init(_ map: QuantizedMap, _ outputScale: Float) {
    zero = Float(map.zeroPoint)
    scale = map.scale / outputScale
  }

  @inline(__always)
  func callAsFunction(_ pointer: UnsafeMutablePointer<UInt8>, _ count: Int) -> Vector {
    var bytes = Bytes(repeating: 0)
    if count == Bytes.scalarCount {
      bytes = UnsafeRawPointer(pointer).loadUnaligned(as: Bytes.self)
    } else {
      for lane in 0..<count { bytes[lane] = pointer[lane] }
    }
    return (float_of_int(int_of_byte(bytes)) - Vector(repeating: zero)) * Vector(repeating: scale)
  }
}

/// From values in units of the output to bytes.
private struct Rounding {
  let least: Float
  let largest: Float
  /// Added to a value, 1.5 * 2^23 plus the zero point leaves the nearest integer in the low bits.
  let shift: Float

  init(_ map: QuantizedMap, _ activation: Activation) {
    let zero = Float(map.zeroPoint)
    least = activation == .relu ? 0 : -zero
    largest = Float(map.largest) - zero
    shift = 12_582_912 + zero
  }

  @inline(__always)
  func store(_ values: Vector, to pointer: UnsafeMutablePointer<UInt8>, _ count: Int) {
    let limited = minimum(maximum(values, Vector(repeating: least)), Vector(repeating: largest))
    let shifted = limited + Vector(repeating: shift)
    let bytes: Bytes = low_bytes(unsafeBitCast(shifted, to: Integers.self))
    if count == Bytes.scalarCount {
      UnsafeMutableRawPointer(pointer).storeBytes(of: bytes, as: Bytes.self)
    } else {
      for lane in 0..<count { pointer[lane] = bytes[lane] }
    }
  }
}
