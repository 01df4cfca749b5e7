import KernelInterface
import ModelFormat

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Turns a network's output into heat, doubled-angle tangent and ends: the only place that knows how outputs are encoded.
struct FieldDecoder {
  let encoding: OutputEncoding

  private typealias Lanes = SIMD8<Float>

  /// Decodes some rows into planes of `output.width` columns.
  ///
  /// Whatever the network made, heat and ends come out in [0, 1] and the tangent's norm at most 1 (up to rounding): what
  /// is no number becomes 0, no line.
  ///
  /// - Parameter ends: nil if the encoding has no end channel.
  func decode(
    _ output: FeatureMap, rows: Range<Int>, heat: UnsafeMutablePointer<Float>, cos2: UnsafeMutablePointer<Float>,
    sin2: UnsafeMutablePointer<Float>, ends: UnsafeMutablePointer<Float>? = nil
  ) {
    let count = Lanes.scalarCount
    let hasCells = hasCells(output)
    for y in rows {
      if hasCells {
        let at = y * output.width
        SelectedKernels.decodeRow(
          UnsafeRawPointer(output.pixel(y, 0)).assumingMemoryBound(to: SIMD4<Float>.self),
          output.pixelStride / 4, output.width, encoding.heatIsLogit, encoding.endIsLogit, heat + at, cos2 + at,
          sin2 + at, ends.map { $0 + at })
        continue
      }
      var x = 0
      while x < output.width {
        // The last lanes repeat the last pixel and go nowhere.
        let valid = min(count, output.width - x)
        let pixel = output.pixel(y, x)
        func channel(_ index: Int) -> Lanes {
          let values = pixel + index
          let stride = output.pixelStride
          guard valid == count else {
            var lanes = Lanes.zero
            for lane in 0..<valid { lanes[lane] = values[lane * stride] }
            return lanes
          }
          return Lanes(
            values[0], values[stride], values[2 * stride], values[3 * stride], values[4 * stride], values[5 * stride],
            values[6 * stride], values[7 * stride])
        }
        let at = y * output.width + x
        let heatChannel = channel(encoding.heatChannel)
        store(unit(encoding.heatIsLogit ? sigmoid(heatChannel) : heatChannel), heat + at, valid)
        let first = channel(encoding.tangentChannel)
        let tangent =
          switch encoding.tangent {
          case .angle: doubled(encoding.angleIsLogit ? sigmoid(first) : first)
          case .doubledAngle: limited(first, channel(encoding.tangentChannel + 1))
          }
        store(tangent.cos2, cos2 + at, valid)
        store(tangent.sin2, sin2 + at, valid)
        if let ends, let endChannel = encoding.endChannel {
          let end = channel(endChannel)
          store(unit(encoding.endIsLogit ? sigmoid(end) : end), ends + at, valid)
        }
        x += count
      }
    }
  }

  /// Copies the stops of some rows, as logits.
  func decodeStops(_ output: FeatureMap, rows: Range<Int>, into stops: UnsafeMutablePointer<SIMD4<Float>>) {
    guard let channel = encoding.stopChannel else { return }
    for y in rows {
      var pixel = output.pixel(y, 0) + channel
      let row = stops + y * output.width
      for x in 0..<output.width {
        let values = SIMD4(pixel[0], pixel[1], pixel[2], pixel[3])
        row[x] = encoding.stopIsLogit ? values : logit(values)
        pixel += output.pixelStride
      }
    }
  }

  private func logit(_ p: SIMD4<Float>) -> SIMD4<Float> {
    var x = SIMD4<Float>.zero
    for i in x.indices { x[i] = log(p[i] / (1 - p[i])) }
    return x
  }

  /// Whether a pixel of the output begins with a vector of heat, cos 2t, sin 2t and ends, as they are usually exported: for
  /// this there is a faster way to the same bits.
  private func hasCells(_ output: FeatureMap) -> Bool {
    encoding.tangent == .doubledAngle && encoding.heatChannel == 0 && encoding.tangentChannel == 1
      && (encoding.endChannel ?? 3) == 3 && output.pixelStride % 4 == 0 && output.rowStride % 4 == 0
      && output.width >= 8
      && UInt(bitPattern: output.base) % UInt(MemoryLayout<SIMD4<Float>>.alignment) == 0
  }

  @inline(__always)
  private func store(_ lanes: Lanes, _ target: UnsafeMutablePointer<Float>, _ valid: Int) {
    if valid == Lanes.scalarCount {
      UnsafeMutableRawPointer(target).storeBytes(of: lanes, as: Lanes.self)
    } else {
      for lane in 0..<valid { target[lane] = lanes[lane] }
    }
  }

  /// Clamped to [0, 1]; NaN becomes 0.
  @inline(__always)
  private func unit(_ x: Lanes) -> Lanes {
    let positive = Lanes.zero.replacing(with: x, where: x .> 0)
    return positive.replacing(with: 1, where: positive .> 1)
  }

  /// cos 2t and sin 2t of t = a pi. With v = a - 1/2 the doubled angle is 2 pi v + pi, and |pi v| is at most pi/2, where
  /// the series below are exact to 5e-7 and 6e-8.
  @inline(__always)
  private func doubled(_ a: Lanes) -> (cos2: Lanes, sin2: Lanes) {
    let x = (unit(a) - 0.5) * Float.pi
    let x2 = x * x
    var s = x2 * (-1 / 39_916_800) + (1 / 362_880)
    s = s * x2 - (1 / 5040)
    s = s * x2 + (1 / 120)
    s = s * x2 - (1 / 6)
    s = (s * x2 + 1) * x
    var c = x2 * (-1 / 3_628_800) + (1 / 40_320)
    c = c * x2 - (1 / 720)
    c = c * x2 + (1 / 24)
    c = c * x2 - 0.5
    c = c * x2 + 1
    let cos2 = s * s * 2 - 1
    let sin2 = s * c * -2
    // An angle that is no number is no direction; clamping made it 0.
    let isNumber = a .== a
    return (Lanes.zero.replacing(with: cos2, where: isNumber), Lanes.zero.replacing(with: sin2, where: isNumber))
  }

  /// The vector, shortened to norm 1 if it is longer; 0 if it is not finite.
  @inline(__always)
  private func limited(_ x: Lanes, _ y: Lanes) -> (cos2: Lanes, sin2: Lanes) {
    let square = x * x + y * y
    let factor = Lanes(repeating: 1).replacing(with: 1 / square.squareRoot(), where: square .> 1)
    let isFinite = square .< Float.infinity
    return (
      Lanes.zero.replacing(with: x * factor, where: isFinite), Lanes.zero.replacing(with: y * factor, where: isFinite)
    )
  }

  /// 1 / (1 + exp(-x)), to 1e-6; NaN stays NaN.
  @inline(__always)
  private func sigmoid(_ x: Lanes) -> Lanes {
    // exp(z) = 2^n exp(r) with n the whole number nearest to z / ln 2, found by adding a number so large that its last
    // bit is worth 1, and |r| <= ln 2 / 2.
    var z = Lanes(repeating: -80).replacing(with: -x, where: -x .> -80)
    z.replace(with: 80, where: z .> 80)
    let large: Float = 12_582_912
    let shifted = z * 1.442_695_04 + large
    let n = shifted - large
    let r = (z - n * 0.693_359_375) + n * 2.121_944_4e-4
    var p = r * (1 / 720) + (1 / 120)
    p = p * r + (1 / 24)
    p = p * r + (1 / 6)
    p = p * r + 0.5
    p = p * r + 1
    p = p * r + 1
    let power = (unsafeBitCast(shifted, to: SIMD8<Int32>.self) &<< 23) &+ 0x3F80_0000
    let value = 1 / (1 + p * unsafeBitCast(power, to: Lanes.self))
    return x.replacing(with: value, where: x .== x)
  }
}
