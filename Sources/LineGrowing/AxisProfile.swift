import Lines

/// What a field says along an axis, sampled bilinearly once a cell.
struct AxisProfile: ~Copyable {
  /// Position along the axis of sample 0.
  private(set) var start: Float = 0
  private(set) var count = 0
  /// Heat on the axis.
  private(set) var heat = Buffer<Float>()
  /// Agreement of the tangent with the axis: the scalar product of the field's vector, as it is, with the axis' doubled
  /// direction. It is 1 on a clean line, and falls where the direction is uncertain or another line's.
  private(set) var agreement = Buffer<Float>()
  /// Heat of the axis' own direction: the heat times the agreement, where that is in [0, 1].
  private var directed = Buffer<Float>()
  /// How likely a line ends at the axis; 0 if the field does not say.
  private(set) var ends = Buffer<Float>()
  /// How soon the line ends going forward along the axis, and going backward: logits of exp(-d / 5), d the cells to the
  /// end; 0 if the field does not say.
  private var stopsAhead = Buffer<Float>()
  private var stopsBehind = Buffer<Float>()
  /// Cells beyond the ends that are sampled, too.
  private(set) var margin = 0

  /// Samples the positions from `low` to `high`, and a margin beyond them; outside of the grid there is no heat.
  mutating func sample(
    _ axis: Axis, from low: Float, to high: Float, margin: Int = 5, in planes: borrowing FieldPlanes
  ) {
    self.margin = margin
    start = low - Float(margin)
    count = max(0, Int(high - low)) + 1 + 2 * margin
    // The kernel writes whole eights.
    heat.reserve(count + 7)
    agreement.reserve(count + 7)
    directed.reserve(count + 7)
    ends.reserve(count + 7)
    SelectedKernels.sampleAxis(
      planes.cells.base + planes.index(0, 0), planes.stride, planes.width, planes.height, axis.x, axis.y, axis.dx,
      axis.dy, start, count, heat.base, agreement.base, directed.base, ends.base)
  }

  /// Samples the stops of a field, if it has any, at the same positions.
  mutating func sampleStops(_ axis: Axis, in planes: borrowing FieldPlanes) {
    stopsAhead.reserve(count + 7)
    stopsBehind.reserve(count + 7)
    guard let stops = planes.stops else {
      stopsAhead.base.update(repeating: 0, count: count)
      stopsBehind.base.update(repeating: 0, count: count)
      return
    }
    SelectedKernels.sampleStops(
      stops.first, stops.pitch, stops.rowPitch, planes.width, planes.height, axis.x, axis.y, axis.dx, axis.dy, start,
      count, stopsAhead.base, stopsBehind.base)
  }

  /// A sample of the stops, as a logit.
  func stop(_ i: Int, _ isAhead: Bool) -> Float { isAhead ? stopsAhead[i] : stopsBehind[i] }

  /// Mean logits of the stops between two positions.
  func stops(from low: Float, to high: Float) -> (ahead: Float, behind: Float) {
    let range = indices(from: low, to: high)
    var (ahead, behind) = (Float(0), Float(0))
    for i in range {
      ahead += stopsAhead[i]
      behind += stopsBehind[i]
    }
    return (ahead / Float(range.count), behind / Float(range.count))
  }

  /// Index of the sample at or before a position, to a thousandth of a cell: positions that are whole cells from `start`
  /// must not fall to either side of a sample as rounding has it.
  private func index(_ position: Float) -> Int { min(max(Int(position - start + 1e-3), 0), count - 1) }

  /// Where, coming from outside of the line between two positions, the heat first reaches a share of that of the line
  /// near this end; `forward` tells the low end from the high one.
  func end(between low: Float, and high: Float, share: Float, forward: Bool) -> Float {
    let first = index(low - 1)
    let last = index(high + 1)
    let level = share * mean(between: low, and: high, forward: forward)
    var i = forward ? first : last
    let step = forward ? 1 : -1
    guard heat[i] < level else { return start + Float(i) }
    while i != (forward ? last : first) {
      let next = i + step
      if heat[next] >= level {
        return start + Float(i) + Float(step) * (level - heat[i]) / (heat[next] - heat[i])
      }
      i = next
    }
    return forward ? high : low
  }

  /// Mean heat of the cells next to an end, without those that its blur reaches.
  private func mean(between low: Float, and high: Float, forward: Bool) -> Float {
    let inner = min(3, (high - low) / 3)
    let outer = min(inner + 8, high - low)
    let from = index(forward ? low + inner : high - outer) + 1
    let to = index(forward ? low + outer : high - inner)
    guard from <= to else { return heat[index((low + high) / 2)] }
    var sum: Float = 0
    for i in from...to { sum += heat[i] }
    return sum / Float(to - from + 1)
  }

  /// Means of heat and agreement between two positions.
  func means(from low: Float, to high: Float) -> (heat: Float, agreement: Float) {
    let from = index(low + 0.5)
    let to = max(from, index(high + 0.5))
    var heats: Float = 0
    var agreements: Float = 0
    for i in from...to {
      heats += heat[i]
      agreements += agreement[i]
    }
    let scale = 1 / Float(to - from + 1)
    return (heats * scale, agreements * scale)
  }

  /// Heat of the axis' own direction from 2 to 4 cells beyond a position: 0 where a line truly ends.
  func heat(beyond position: Float, forward: Bool) -> Float {
    let center = index(position + (forward ? 3.5 : -2.5))
    var sum: Float = 0
    for i in max(center - 1, 0)...min(center + 1, count - 1) { sum += directed[i] }
    return sum / 3
  }

  /// The samples nearest to the positions from `low` to `high`.
  private func indices(from low: Float, to high: Float) -> ClosedRange<Int> {
    let first = index(low + 0.5)
    return first...max(first, index(high + 0.5))
  }

  /// The mean heat of the axis' own direction between two positions.
  func directedHeat(from low: Float, to high: Float) -> Float {
    let range = indices(from: low, to: high)
    var sum: Float = 0
    for i in range { sum += directed[i] }
    return sum / Float(range.count)
  }

  /// The least heat of the axis' own direction between two positions, as means over three samples.
  func leastDirectedHeat(from low: Float, to high: Float) -> Float {
    var least = Float.infinity
    for i in indices(from: low, to: high) {
      least = min(least, directed[max(i - 1, 0)] + directed[i] + directed[min(i + 1, count - 1)])
    }
    return least / 3
  }

  /// The least heat and the least agreement between two positions.
  func least(from low: Float, to high: Float) -> (heat: Float, agreement: Float) {
    var result = (heat: Float.infinity, agreement: Float.infinity)
    for i in indices(from: low, to: high) {
      result.heat = min(result.heat, heat[i])
      result.agreement = min(result.agreement, agreement[i])
    }
    return result
  }

  /// How many samples lie from one position up to another, without the last.
  func cells(from low: Float, to high: Float) -> Float { Float(index(high + 0.5) - index(low + 0.5)) }

  /// The sum of their heat.
  func heatSum(from low: Float, to high: Float) -> Float {
    var sum: Float = 0
    for i in index(low + 0.5)..<max(index(low + 0.5), index(high + 0.5)) { sum += heat[i] }
    return sum
  }

  /// How likely a line ends at a position, between samples.
  func evidence(at position: Float) -> Float {
    let i = min(index(position), count - 2)
    let share = position - start - Float(i)
    return ends[i] + share * (ends[i + 1] - ends[i])
  }
}
