import KernelInterface
import Lines
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

  /// Decodes some rows of a map into the cells of a field of its size.
  ///
  /// Whatever the network made, heat and ends come out in [0, 1] and the tangent's norm at most 1 (up to rounding): what
  /// is no number becomes 0, no line. Ends are 0 if the encoding has no end channel.
  func decode(_ output: FeatureMap, rows: Range<Int>, into field: FieldCells) {
    let hasCells = hasCells(output)
    for y in rows {
      let (heat, cells) = (field.heat + y * field.stride, field.cells + y * field.stride)
      if hasCells {
        SelectedKernels.decodeRow(
          UnsafeRawPointer(output.pixel(y, 0)).assumingMemoryBound(to: SIMD4<Float>.self),
          output.pixelStride / 4, output.width, encoding.heatIsLogit, encoding.endChannel != nil, encoding.endIsLogit,
          heat, cells)
      } else {
        for x in stride(from: 0, to: output.width, by: Lanes.scalarCount) {
          decode(output.pixel(y, x), output.pixelStride, min(Lanes.scalarCount, output.width - x), heat + x, cells + x)
        }
      }
    }
  }

  /// Decodes the first `valid` of eight cells from a pixel on.
  private func decode(
    _ pixel: UnsafePointer<Float>, _ pixelStride: Int, _ valid: Int, _ heats: UnsafeMutablePointer<Float>,
    _ cells: UnsafeMutablePointer<SIMD4<Float>>
  ) {
    func channel(_ index: Int) -> Lanes {
      var lanes = Lanes.zero
      for lane in 0..<valid { lanes[lane] = pixel[index + lane * pixelStride] }
      return lanes
    }
    let heatChannel = channel(encoding.heatChannel)
    let heat = unit(encoding.heatIsLogit ? sigmoid(heatChannel) : heatChannel)
    let first = channel(encoding.tangentChannel)
    let tangent =
      switch encoding.tangent {
      case .angle: doubled(encoding.angleIsLogit ? sigmoid(first) : first)
      case .doubledAngle: limited(first, channel(encoding.tangentChannel + 1))
      }
    let end = encoding.endChannel.map(channel)
    let ends = end.map { unit(encoding.endIsLogit ? sigmoid($0) : $0) } ?? .zero
    for lane in 0..<valid {
      heats[lane] = heat[lane]
      cells[lane] = SIMD4(heat[lane], tangent.cos2[lane], tangent.sin2[lane], ends[lane])
    }
  }

  /// The stops of a map where they are, if they are logits already and lie as vectors.
  func stops(of output: FeatureMap) -> StopCells? {
    guard let channel = encoding.stopChannel, encoding.stopIsLogit, channel % 4 == 0, areVectors(output),
      output.height * output.rowStride / 4 < Int32.max
    else { return nil }
    return StopCells(
      first: UnsafeRawPointer(output.pixel(0, 0) + channel).assumingMemoryBound(to: SIMD4<Float>.self),
      pitch: output.pixelStride / 4, rowPitch: output.rowStride / 4)
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
      && (encoding.endChannel ?? 3) == 3 && output.width >= 8 && areVectors(output)
  }

  /// Whether four channels of a pixel, from a multiple of four on, can be read as a vector.
  private func areVectors(_ output: FeatureMap) -> Bool {
    output.pixelStride % 4 == 0 && output.rowStride % 4 == 0
      && UInt(bitPattern: output.base) % UInt(MemoryLayout<SIMD4<Float>>.alignment) == 0
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
