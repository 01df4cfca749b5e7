import VectorIntrinsics

@inline(__always)
func load(_ pointer: UnsafePointer<Float>) -> float_lanes {
  UnsafeRawPointer(pointer).loadUnaligned(as: float_lanes.self)
}

@inline(__always)
func store(_ value: float_lanes, _ pointer: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: float_lanes.self)
}

/// Each lane, or the limit that it is beyond; the lower one for what is no number.
@inline(__always)
func clamp(_ value: float_lanes, _ low: Float, _ high: Float) -> float_lanes {
  let (low, high) = (float_lanes(repeating: low), float_lanes(repeating: high))
  let raised = low.replacing(with: value, where: value .> low)
  return raised.replacing(with: high, where: raised .> high)
}

/// 0, 1, 2 ... 7.
@inline(__always)
var laneNumbers: float_lanes { float_lanes(0, 1, 2, 3, 4, 5, 6, 7) }
