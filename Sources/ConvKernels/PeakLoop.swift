import KernelInterface
import RegisterTiles
import VectorIntrinsics

/// Twelve independent sums, as many as the tiles have with sixteen registers: enough to hide the latency of two
/// multiply-adds a cycle.
@Sendable
func peakLoop(_ iterations: Int, _ sums: UnsafeMutablePointer<Float>) -> Int {
  typealias Sums = (Vector, Vector, Vector, Vector, Vector, Vector)
  let a = Vector(repeating: sums[0])
  let b = Vector(repeating: sums[1])
  var low: Sums = (a, b, a, b, a, b)
  var high = low
  @inline(__always)
  func step(_ s: inout Sums) {
    s.0 = multiply_add(b, s.0, a)
    s.1 = multiply_add(b, s.1, a)
    s.2 = multiply_add(b, s.2, a)
    s.3 = multiply_add(b, s.3, a)
    s.4 = multiply_add(b, s.4, a)
    s.5 = multiply_add(b, s.5, a)
  }
  for _ in 0..<iterations {
    step(&low)
    step(&high)
  }
  func sum(_ s: Sums) -> Float { (s.0 + s.1 + s.2 + s.3 + s.4 + s.5).sum() }
  sums[0] = sum(low)
  sums[1] = sum(high)
  return iterations * 12 * Vector.scalarCount
}
