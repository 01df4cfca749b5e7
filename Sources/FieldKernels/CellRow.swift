import VectorIntrinsics

/// Copies a row of a field, cleaned, and interleaves its planes: what is read of a cell then lies in one place.
///
/// - Parameters:
///   - heat: `width` values; what is not a number in [0, infinity) becomes 0, what is over 1 becomes 1.
///   - cos2, sin2: `width` values each; a vector that is not finite, or has a component of 10^6 or more, becomes 0.
///   - ends: `width` values, cleaned as the heat; nil for zeros.
///   - heats: where the heat goes.
///   - cells: where (heat, cos2, sin2, ends) go.
public func copyRow(
  heat: UnsafePointer<Float>, cos2: UnsafePointer<Float>, sin2: UnsafePointer<Float>, ends: UnsafePointer<Float>?,
  width: Int, heats: UnsafeMutablePointer<Float>, cells: UnsafeMutablePointer<SIMD4<Float>>
) {
  var x = 0
  while x + 8 <= width {
    let (c, s) = (load(cos2 + x), load(sin2 + x))
    let isSound = (c .< 1e6) .& (c .> -1e6) .& (s .< 1e6) .& (s .> -1e6)
    let h = unit(load(heat + x))
    store(h, heats + x)
    let planes = EightCells(
      heat: h, cos2: float_lanes.zero.replacing(with: c, where: isSound),
      sin2: float_lanes.zero.replacing(with: s, where: isSound), ends: ends.map { unit(load($0 + x)) } ?? .zero)
    planes.store(to: cells + x)
    x += 8
  }
  while x < width {
    let (c, s) = (cos2[x], sin2[x])
    let isSound = abs(c) < 1e6 && abs(s) < 1e6
    heats[x] = unit(heat[x])
    cells[x] = SIMD4(heats[x], isSound ? c : 0, isSound ? s : 0, ends.map { unit($0[x]) } ?? 0)
    x += 1
  }
}

@inline(__always)
private func unit(_ value: Float) -> Float { value > 0 && value < .infinity ? min(value, 1) : 0 }

@inline(__always)
private func unit(_ value: float_lanes) -> float_lanes {
  let positive = float_lanes.zero.replacing(with: value, where: (value .> 0) .& (value .< .infinity))
  return positive.replacing(with: 1, where: positive .> 1)
}
