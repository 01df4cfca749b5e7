import Lines

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension LineField {
  /// The stops as four planes, right, left, down, up, of exp(-d / 5), d the cells along the line to its end on that side;
  /// row-major, one after the other. Empty if the field has none.
  public var stopPlanes: [Float] {
    SIMD4<Float>().indices.flatMap { side in stops.map { 1 / (1 + exp(-$0[side])) } }
  }
}
