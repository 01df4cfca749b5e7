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

  /// Measures the field in the rectangle around an axis, from `low` to `high`; where that is not dense enough, in its
  /// densest stretch (the refinement of the LSD paper shrinks the region around its seed instead).
  init(
    axis: Axis, low: Float, high: Float, in planes: borrowing FieldPlanes, _ counting: borrowing RectangleCounting
  ) {
    self.axis = axis
    self.low = low
    self.high = high
    let (first, last) = measure(planes, counting)
    guard density < counting.minDensity, last > first else { return }
    self.low = low + first
    self.high = low + last
    _ = measure(planes, counting)
  }

  /// Counts the cells of the rectangle; returns the stretch of the axis, from `low` on, with the largest surplus of
  /// aligned steps over the density asked for: the maximum subarray sum of 1 - D and -D (Kadane).
  private mutating func measure(
    _ planes: borrowing FieldPlanes, _ counting: borrowing RectangleCounting
  ) -> (first: Float, last: Float) {
    let steps = max(1, Int((high - low).rounded()) + 1)
    let length = steps > 1 ? (high - low) / Float(steps - 1) : 0
    let covered = counting.covered.base
    let counts = SelectedKernels.countAligned(
      planes.cells.base + planes.index(0, 0), planes.stride, planes.width, planes.height, axis.x, axis.y, axis.dx,
      axis.dy, low, length, steps, counting.halfWidth, counting.minHeat, counting.squaredCosines, covered)
    cells = counts.cells
    aligned = counts.aligned
    width = counts.onAxis > 0 ? counts.inside / counts.onAxis : 0
    var coveredSteps = 0
    var sum: Float = 0
    var sumStart = 0
    var best: Float = 0
    var stretch = (0, 0)
    for step in 0..<steps {
      let isCovered = covered[step / 8] >> (step % 8) & 1 != 0
      coveredSteps += isCovered ? 1 : 0
      if sum <= 0 {
        sum = 0
        sumStart = step
      }
      sum += isCovered ? 1 - counting.minDensity : -counting.minDensity
      if sum > best {
        best = sum
        stretch = (sumStart, step)
      }
    }
    density = Float(coveredSteps) / Float(steps)
    return (length * Float(stretch.0), length * Float(stretch.1))
  }

  /// -log10 of the number of false alarms, at the best of the precisions (Grompone von Gioi et al., the improvement of
  /// the rectangle): the tangents of a straight line agree far better than the tolerance asks.
  func meaningfulness(_ counting: borrowing RectangleCounting, logTests: Double) -> Double {
    var best = -Double.infinity
    for level in 0..<RectangleCounting.precisions {
      let logNFA = FalseAlarms.log10NFA(
        cells: cells, aligned: Int(aligned[level]), counting.tails[level], logTests: logTests)
      best = max(best, -logNFA)
    }
    return best
  }

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
