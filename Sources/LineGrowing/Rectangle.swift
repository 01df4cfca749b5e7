import Lines

/// The rectangle that stands for a region: an axis with two ends, and what the field says along it.
struct Rectangle {
  var axis: Axis
  /// Positions of the ends along the axis.
  var low: Float
  var high: Float
  /// Cells in the rectangle.
  var cells = 0
  /// Those aligned with it, within tau, tau / 2 and tau / 4.
  var aligned = SIMD4<Int32>()
  /// Share of the steps along the axis that have an aligned cell.
  var density: Float = 0
  /// Width of a box of the axis' heat that holds the heat across it, in cells.
  var width: Float = 0

  /// Measures the field in the rectangle around an axis, from `low` to `high`.
  init(
    axis: Axis, low: Float, high: Float, _ ridge: borrowing RidgeCells, _ field: borrowing LineField,
    _ options: GrowingOptions
  ) {
    self.axis = axis
    self.low = low
    self.high = high
    measure(ridge, field, options)
  }

  private mutating func measure(
    _ ridge: borrowing RidgeCells, _ field: borrowing LineField, _ options: GrowingOptions
  ) {
    let (c, s) = axis.doubled
    let tolerances = SIMD4<Float>(
      cosineOfDoubled(degrees: options.angleTolerance), cosineOfDoubled(degrees: options.angleTolerance / 2),
      cosineOfDoubled(degrees: options.angleTolerance / 4), 2)
    let squares = tolerances * tolerances
    let heatFloor = Float(options.growHeat)
    let half = options.rectangleHalfWidth
    let steps = max(1, Int((high - low).rounded()) + 1)
    var covered = 0
    var onAxis: Float = 0
    var inside: Float = 0
    for step in 0..<steps {
      let t = steps > 1 ? low + (high - low) * Float(step) / Float(steps - 1) : (low + high) / 2
      var any = false
      for side in -half...half {
        let x = Int((axis.x + t * axis.dx - Float(side) * axis.dy).rounded())
        let y = Int((axis.y + t * axis.dy + Float(side) * axis.dx).rounded())
        guard x >= 0, y >= 0, x < ridge.width, y < ridge.height else { continue }
        cells += 1
        let heat = ridge.heatPlane[ridge.index(x, y)]
        inside += heat
        if side == 0 { onAxis += heat }
        guard heat >= heatFloor else { continue }
        let i = y * ridge.width + x
        let dot = field.cos2[i] * c + field.sin2[i] * s
        let norm2 = field.cos2[i] * field.cos2[i] + field.sin2[i] * field.sin2[i]
        guard dot > 0 else { continue }
        let agrees = SIMD4(repeating: dot * dot) .>= squares * norm2
        aligned.replace(with: aligned &+ 1, where: agrees)
        any = any || agrees[0]
      }
      if any { covered += 1 }
    }
    density = Float(covered) / Float(steps)
    width = onAxis > 0 ? inside / onAxis : 0
  }

  /// -log10 of the number of false alarms, at the best of the three precisions (Grompone von Gioi et al., the
  /// improvement of the rectangle): a straight line's tangents agree far better than the tolerance asks.
  func meaningfulness(_ options: GrowingOptions, logTests: Double) -> Double {
    var best = -Double.infinity
    for level in 0..<Self.precisions {
      let probability = options.alignmentProbability / Double(1 << level)
      best = max(
        best,
        -FalseAlarms.log10NFA(
          cells: cells, aligned: Int(aligned[level]), probability: probability, logTests: logTests))
    }
    return best
  }

  /// How many precisions are tried.
  static let precisions = 3

  /// The segment in the image, without a score.
  func segment(_ transform: GridTransform, meaningfulness: Double) -> Segment {
    let a = transform.image(x: Double(axis.x + low * axis.dx), y: Double(axis.y + low * axis.dy))
    let b = transform.image(x: Double(axis.x + high * axis.dx), y: Double(axis.y + high * axis.dy))
    // A band of the grid keeps its area over its length.
    let stretchX = transform.scaleX * Double(axis.dx)
    let stretchY = transform.scaleY * Double(axis.dy)
    let stretch = (stretchX * stretchX + stretchY * stretchY).squareRoot()
    let width = Double(width) * transform.scaleX * transform.scaleY / stretch
    return Segment(x1: a.x, y1: a.y, x2: b.x, y2: b.y, width: width, meaningfulness: meaningfulness)
  }
}
