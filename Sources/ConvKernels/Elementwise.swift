import KernelInterface
import RegisterTiles
import VectorIntrinsics

@Sendable
func add(_ a: FeatureMap, _ b: FeatureMap, _ output: FeatureMap, _ activation: Activation, _ rows: Range<Int>) {
  for y in rows {
    forEachVector(output, y, a.isDense && b.isDense && output.isDense) { x, channel, count in
      let sum =
        Vector(loading: a.pixel(y, x) + channel, upTo: count) + Vector(loading: b.pixel(y, x) + channel, upTo: count)
      activate(sum, activation).store(to: output.pixel(y, x) + channel, upTo: count)
    }
  }
}

@Sendable
func addUpsampled(
  _ a: FeatureMap, _ b: FeatureMap, _ output: FeatureMap, _ activation: Activation, _ rows: Range<Int>
) {
  for y in rows {
    for x in 0..<b.width {
      forEachGroup(of: Vector.scalarCount, in: output.channels) { channel, count in
        let shared = Vector(loading: b.pixel(y / 2, x) + channel, upTo: count)
        for column in 2 * x..<2 * x + 2 {
          let sum = Vector(loading: a.pixel(y, column) + channel, upTo: count) + shared
          activate(sum, activation).store(to: output.pixel(y, column) + channel, upTo: count)
        }
      }
    }
  }
}

@Sendable
func map(_ input: FeatureMap, _ output: FeatureMap, _ activation: Activation, _ rows: Range<Int>) {
  for y in rows {
    forEachVector(output, y, input.isDense && output.isDense) { x, channel, count in
      let value = Vector(loading: input.pixel(y, x) + channel, upTo: count)
      activate(value, activation).store(to: output.pixel(y, x) + channel, upTo: count)
    }
  }
}

extension FeatureMap {
  /// Whether a row is one run of floats.
  fileprivate var isDense: Bool { pixelStride == channels }
}

/// Calls `body` with pixel, first channel and number of lanes for every vector of a row; a dense row is treated as
/// one pixel of `width * channels` channels.
@inline(__always)
private func forEachVector(_ map: FeatureMap, _ y: Int, _ isDense: Bool, _ body: (Int, Int, Int) -> Void) {
  let pixels = isDense ? 1 : map.width
  let channels = isDense ? map.width * map.channels : map.channels
  let whole = channels - channels % Vector.scalarCount
  for x in 0..<pixels {
    var channel = 0
    while channel < whole {
      body(x, channel, Vector.scalarCount)
      channel += Vector.scalarCount
    }
    if channel < channels { body(x, channel, channels - channel) }
  }
}

@inline(__always)
private func activate(_ x: Vector, _ activation: Activation) -> Vector {
  switch activation {
  case .none: x
  case .relu: maximum(x, Vector(repeating: 0))
  case .sigmoid: sigmoid(x)
  }
}

/// 1 / (1 + e^-x), within 2e-7.
///
/// e^t = 2^n e^r with n = round(t / ln 2) and |r| <= ln 2 / 2, where the Taylor polynomial of degree 6 errs by less
/// than 2e-7 of its value; ln 2 is taken away in two parts so that r is exact (Cody and Waite).
@inline(__always)
private func sigmoid(_ x: Vector) -> Vector {
  // Beyond +-87 the result is 0 or 1 to single precision, and 2^n would leave the exponent's range.
  let t = minimum(maximum(Vector(repeating: 0) - x, Vector(repeating: -87)), Vector(repeating: 87))
  // Adding and taking away 1.5 * 2^23 rounds to the nearest integer.
  let magic = Vector(repeating: 12_582_912)
  let shifted = multiply_add(magic, t, Vector(repeating: 1.442_695_04))
  let n = shifted - magic
  var r = multiply_add(t, n, Vector(repeating: -0.693_359_375))
  r = multiply_add(r, n, Vector(repeating: 2.121_944_4e-4))
  var e = Vector(repeating: 1 / 720)
  e = multiply_add(Vector(repeating: 1 / 120), e, r)
  e = multiply_add(Vector(repeating: 1 / 24), e, r)
  e = multiply_add(Vector(repeating: 1 / 6), e, r)
  e = multiply_add(Vector(repeating: 0.5), e, r)
  e = multiply_add(Vector(repeating: 1), e, r)
  e = multiply_add(Vector(repeating: 1), e, r)
  // The low bits of `shifted` hold n; moved to the exponent they multiply by 2^n.
  let bits = unsafeBitCast(e, to: Integers.self) &+ (unsafeBitCast(shifted, to: Integers.self) &<< 23)
  return Vector(repeating: 1) / (Vector(repeating: 1) + unsafeBitCast(bits, to: Vector.self))
}
