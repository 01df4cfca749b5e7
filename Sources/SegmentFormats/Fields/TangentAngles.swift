import Lines

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension LineField {
  /// Tangent angles in the image's frame, in [0, pi), y down; one a cell, row-major.
  ///
  /// On a squashed grid a direction (cos t, sin t) is (scaleX cos t, scaleY sin t) in the image.
  public func tangentAngles(_ transform: GridTransform) -> [Float] {
    zip(cos2, sin2).map { Self.tangentAngle(cos2: Double($0), sin2: Double($1), transform) }
  }

  /// The angle in [0, pi) of one doubled-angle vector; 0 for a vector that has no direction.
  static func tangentAngle(cos2: Double, sin2: Double, _ transform: GridTransform) -> Float {
    let onGrid = atan2(sin2, cos2) / 2
    let inImage = atan2(transform.scaleY * sin(onGrid), transform.scaleX * cos(onGrid))
    let angle = Float(inImage < 0 ? inImage + .pi : inImage)
    // pi itself is the angle 0; `Float.pi` is the largest single below pi. NaN is no direction either.
    return angle <= Float.pi ? angle : 0
  }
}
