import Lines

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The rectangle that stands for a region: an axis with two ends, and what the field says along it.
struct Rectangle {
  var axis: Axis
  /// Positions of the ends along the axis.
  var low: Float
  var high: Float
  /// Cells in the rectangle, and those aligned with it.
  var cells = 0
  var aligned = 0
  /// Share of the steps along the axis that have an aligned cell.
  var density: Float = 0
  /// Mean heat on the axis.
  var meanHeat: Float = 0
  /// Width of a box of the axis' heat that holds the heat across it, in cells.
  var width: Float = 0

  init(
    of region: Region, axis: Axis, _ growing: borrowing RegionGrowing, _ ridge: borrowing RidgeCells,
    _ field: borrowing LineField, _ options: GrowingOptions
  ) {
    self.axis = axis
    (low, high) = growing.extent(of: region, along: axis, in: ridge)
    let level = region.moments.weight / Float(region.count) * Float(options.endHeat)
    low = end(from: low, sign: 1, until: high, level: level, in: ridge) + Float(options.endShift)
    high = end(from: high, sign: -1, until: low, level: level, in: ridge) - Float(options.endShift)
    guard high > low else { return }
    measure(ridge, field, options)
  }

  /// Where, coming from outside, the heat on the axis first passes a level.
  private func end(
    from start: Float, sign: Float, until stop: Float, level: Float, in ridge: borrowing RidgeCells
  ) -> Float {
    var s = start - sign
    var previous: Float = 0
    while sign * (stop - s) > 0 {
      let heat = ridge.heat(atX: axis.x + s * axis.dx, y: axis.y + s * axis.dy)
      if heat >= level { return s - sign * (heat > previous ? (heat - level) / (heat - previous) : 0) }
      previous = heat
      s += sign * 0.5
      if previous < 0 { break }
    }
    return s
  }

  private mutating func measure(
    _ ridge: borrowing RidgeCells, _ field: borrowing LineField, _ options: GrowingOptions
  ) {
    let (c, s) = axis.doubled
    let tolerance = cosineOfDoubled(degrees: options.angleTolerance)
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
        if dot > 0, dot * dot >= tolerance * tolerance * norm2 {
          aligned += 1
          any = true
        }
      }
      if any { covered += 1 }
    }
    density = Float(covered) / Float(steps)
    meanHeat = onAxis / Float(steps)
    width = onAxis > 0 ? inside / onAxis : 0
  }

  func segment(_ transform: GridTransform, meaningfulness: Double, _ options: GrowingOptions) -> Segment {
    let a = transform.image(x: Double(axis.x + low * axis.dx), y: Double(axis.y + low * axis.dy))
    let b = transform.image(x: Double(axis.x + high * axis.dx), y: Double(axis.y + high * axis.dy))
    var segment = Segment(x1: a.x, y1: a.y, x2: b.x, y2: b.y, meaningfulness: meaningfulness)
    // A band of the grid keeps its area over its length.
    let stretchX = transform.scaleX * Double(axis.dx)
    let stretchY = transform.scaleY * Double(axis.dy)
    let stretch = (stretchX * stretchX + stretchY * stretchY).squareRoot()
    segment.width = Double(width) * transform.scaleX * transform.scaleY / stretch
    let score = Double(meanHeat) + options.scoreLengthWeight * log(max(1, segment.length))
    segment.score = min(max(score / (1 + options.scoreLengthWeight * log(1000)), 0), 1)
    return segment
  }
}
