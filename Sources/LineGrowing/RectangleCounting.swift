/// What counts as aligned in a rectangle, worked out once from the options.
struct RectangleCounting {
  /// How many precisions are tried: tau, tau / 2, tau / 4.
  static let precisions = 3

  /// Squares of cos(2 tau) at each precision; the last lane is never reached.
  let squaredCosines: SIMD4<Float>
  /// Probability that a tangent is aligned by chance, at the first precision; it halves with tau.
  let probability: Double
  let minHeat: Float
  let minDensity: Float
  let halfWidth: Int

  init(_ options: GrowingOptions) {
    var cosines = SIMD4<Float>(repeating: 2)
    for level in 0..<Self.precisions {
      cosines[level] = cosineOfDoubled(degrees: options.angleTolerance / Double(1 << level))
    }
    squaredCosines = cosines * cosines
    probability = options.alignmentProbability
    minHeat = Float(options.growHeat)
    minDensity = Float(options.minDensity)
    halfWidth = min(max(0, options.rectangleHalfWidth), 16)
  }
}
