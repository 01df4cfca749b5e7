import VectorIntrinsics

/// Makes a row of a network's first four maps sound: heat and ends in [0, 1], the tangent's norm
/// at most 1, 0 for what is no number. Eight cells at a time; with eight lanes this takes a quarter of the time that cell by
/// cell does.
///
/// - Parameters:
///   - maps: heat, cos 2t, sin 2t and ends of `width` cells, 8 at least, `pitch` vectors from one cell to the next.
///   - heatIsLogit, endIsLogit: whether these are before their sigmoid.
///   - hasEnds: whether the fourth map is that; if not, ends are 0.
///   - heat: where `width` values of heat go.
///   - cells: where heat, cos 2t, sin 2t and ends of each cell go, one after the other.
public func decodeRow(
  _ maps: UnsafePointer<SIMD4<Float>>, pitch: Int, width: Int, heatIsLogit: Bool, hasEnds: Bool, endIsLogit: Bool,
  heat: UnsafeMutablePointer<Float>, cells: UnsafeMutablePointer<SIMD4<Float>>
) {
  var next = 0
  while next < width {
    // The last eight reach back over cells that are done.
    let x = min(next, width - 8)
    var eight = EightCells(maps + x * pitch, pitch: pitch)
    eight.heat = probability(eight.heat, heatIsLogit)
    store(eight.heat, heat + x)
    let square = eight.cos2 * eight.cos2 + eight.sin2 * eight.sin2
    let one = float_lanes(repeating: 1)
    let factor = one.replacing(with: one / square_root(square), where: square .> 1)
    let isFinite = square .< .infinity
    eight.cos2 = float_lanes.zero.replacing(with: eight.cos2 * factor, where: isFinite)
    eight.sin2 = float_lanes.zero.replacing(with: eight.sin2 * factor, where: isFinite)
    eight.ends = hasEnds ? probability(eight.ends, endIsLogit) : .zero
    eight.store(to: cells + x)
    next += 8
  }
}

/// In [0, 1]; 0 for what is no number.
@inline(__always)
private func probability(_ x: float_lanes, _ isLogit: Bool) -> float_lanes {
  isLogit ? sigmoid(x) : limited(x, 0, 1)
}

/// 1 / (1 + exp(-x)), to 1e-6; 0 for what is no number.
@inline(__always)
private func sigmoid(_ x: float_lanes) -> float_lanes {
  // exp(z) = 2^n exp(r) with n the whole number nearest to z / ln 2, found by adding a number so large that its last bit is
  // worth 1, and |r| <= ln 2 / 2.
  let z = limited(-x, -80, 80)
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
  let power = (unsafeBitCast(shifted, to: int_lanes.self) &<< 23) &+ 0x3F80_0000
  let value = 1 / (1 + p * unsafeBitCast(power, to: float_lanes.self))
  return float_lanes.zero.replacing(with: value, where: x .== x)
}
