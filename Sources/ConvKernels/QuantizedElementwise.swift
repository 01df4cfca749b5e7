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
    largest = 255 - zero
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
