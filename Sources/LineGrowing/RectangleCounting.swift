/// What counts as aligned in a rectangle, worked out once from the options, and scratch memory to count in.
struct RectangleCounting: ~Copyable {
  /// How many precisions are tried: tau, tau / 2, tau / 4.
  static let precisions = 3

  /// Squares of cos(2 tau) at each precision; the last lane is never reached.
  let squaredCosines: SIMD4<Float>
  /// The binomial law of the aligned cells at each precision: the probability that a tangent is aligned by chance halves
  /// with tau.
  let tails: [BinomialTail]
  let minHeat: Float
  let minDensity: Float
  let halfWidth: Int
  /// A bit for each step along the axis: whether it has an aligned cell.
  private(set) var covered = Buffer<UInt8>()

  /// Makes room for the rectangles of a field.
  mutating func reserve(width: Int, height: Int) { covered.reserve((width + height) / 8 + 2) }

  init(_ options: GrowingOptions) {
    var cosines = SIMD4<Float>(repeating: 2)
    for level in 0..<Self.precisions {
      cosines[level] = cosineOfDoubled(degrees: options.angleTolerance / Double(1 << level))
    }
    squaredCosines = cosines * cosines
    tails = (0..<Self.precisions).map {
      BinomialTail(probability: options.alignmentProbability / Double(1 << $0))
    }
    minHeat = Float(options.growHeat)
    minDensity = Float(options.minDensity)
    halfWidth = min(max(0, options.rectangleHalfWidth), 16)
  }
}
