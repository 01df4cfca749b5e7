/// Grows regions: the heart of the method.
///
/// A region takes in, breadth first, the ridge cells next to it whose tangent agrees with its running mean. Tangents are
/// compared as unit vectors at the doubled angle: the scalar product with the mean is cos(2 difference), so neither
/// angles nor their wrap-around ever appear. As soon as the region has a clear axis, cells must lie near that, too.
struct RegionGrowing: ~Copyable {
  private(set) var members = Buffer<Int32>()
  private let cosTolerance: Float
  private let lateralTolerance: Float
  private let maxGap: Int
  private let maxCrossing: (bare: Int, withEnds: Int)
  private let growHeat: Float

  init(options: GrowingOptions) {
    cosTolerance = cosineOfDoubled(degrees: options.angleTolerance)
    lateralTolerance = Float(options.lateralTolerance)
    maxGap = max(0, options.maxGap)
    maxCrossing = (max(0, options.maxCrossing), max(0, options.maxCrossingWithEnds))
    growHeat = Float(options.growHeat)
  }

  /// Makes room for regions of so many cells, before a new field.
  mutating func reserve(_ cells: Int) { members.reserve(cells) }

  /// The region around a free seed; its cells are taken from now on.
  func grow(from seed: Int, in ridge: borrowing RidgeCells, _ planes: borrowing FieldPlanes) -> Region {
    var region = Region(moments: Moments(aroundX: ridge[seed].x, y: ridge[seed].y))
    var head = 0
    var nextFit = 6
    add(seed, to: &region, in: ridge)
    while true {
      while head < region.count {
        let center = Int(ridge[Int(members[head])].index)
        head += 1
        add(freeAround: center, to: &region, in: ridge, planes)
        if region.count >= nextFit {
          region.axis = fit(region)
          nextFit = region.count + region.count / 2
        }
      }
      guard region.count >= 4 else { break }
      let axis = fit(region)
      region.axis = axis
      (region.low, region.high) = extent(of: region, along: axis, in: ridge)
      guard
        let next = continuation(of: region, along: axis, from: region.high, sign: 1, in: ridge, planes)
          ?? continuation(of: region, along: axis, from: region.low, sign: -1, in: ridge, planes)
      else { break }
      add(next, to: &region, in: ridge)
    }
    return region
  }

  /// The region's axis; while the cells have no direction of their own, their mean tangent's.
  private func fit(_ region: Region) -> Axis {
    region.moments.axis(fallback: direction(cos2: region.cos2, sin2: region.sin2))
  }

  /// Adds those of a cell's free neighbours that the region accepts, row by row. Most often there is none or one: the
  /// nine cells' bytes become bits of one number, whose set bits are looped over without a guess at each cell.
  @inline(__always)
  private func add(
    freeAround center: Int, to region: inout Region, in ridge: borrowing RidgeCells, _ planes: borrowing FieldPlanes
  ) {
    let stride = planes.stride
    var bits =
      ridge.freeBits(center - stride - 1) | ridge.freeBits(center - 1) << 3 | ridge.freeBits(center + stride - 1) << 6
    while bits != 0 {
      let bit = bits.trailingZeroBitCount
      bits &= bits - 1
      let row = (bit &* 11) >> 5  // bit / 3
      let index = center &+ (row &- 1) &* stride &+ bit &- 3 &* row &- 1
      let number = Int(ridge.numbers[index])
      if accepts(ridge[number], region) { add(number, to: &region, in: ridge) }
    }
  }

  @inline(__always)
  private func add(_ number: Int, to region: inout Region, in ridge: borrowing RidgeCells) {
    let cell = ridge[number]
    ridge.take(Int(cell.index))
    members[region.count] = Int32(truncatingIfNeeded: number)
    region.count += 1
    region.cos2 += cell.cos2
    region.sin2 += cell.sin2
    region.moments.add(cell.x, cell.y, weight: cell.heat)
  }

  /// Whether a cell has the region's direction and lies on its axis.
  @inline(__always)
  private func accepts(_ cell: RidgeCell, _ region: Region) -> Bool {
    let dot = cell.cos2 * region.cos2 + cell.sin2 * region.sin2
    let norm2 = region.cos2 * region.cos2 + region.sin2 * region.sin2
    guard dot > 0, dot * dot >= cosTolerance * cosTolerance * norm2 else { return false }
    guard let axis = region.axis else { return true }
    return abs(axis.across(cell.x, cell.y)) <= lateralTolerance
  }

  /// A cell beyond an end of the region that carries the line on across a small gap or a crossing.
  private func continuation(
    of region: Region, along axis: Axis, from end: Float, sign: Float, in ridge: borrowing RidgeCells,
    _ planes: borrowing FieldPlanes
  ) -> Int? {
    var cold = 0
    var crossing = 0
    let mostCrossing = min(planes.hasEnds ? maxCrossing.withEnds : maxCrossing.bare, Int(region.high - region.low))
    // Across the axis, one cell further: along the grid's axis that is nearer to the normal.
    let sideways = abs(axis.dx) > abs(axis.dy) ? planes.stride : 1
    var step: Float = 1
    while true {
      let x = nearestCell(axis.x + (end + sign * step) * axis.dx)
      let y = nearestCell(axis.y + (end + sign * step) * axis.dy)
      guard x >= 0, y >= 0, x < planes.width, y < planes.height else { return nil }
      let center = planes.index(x, y)
      for side in 0..<3 {
        let index = side == 0 ? center : side == 1 ? center - sideways : center + sideways
        guard ridge.free[index] != 0 else { continue }
        let number = Int(ridge.numbers[index])
        guard accepts(ridge[number], region) else { continue }
        if sign * (axis.along(ridge[number].x, ridge[number].y) - end) > 0 { return number }
      }
      if planes.heat[center] < growHeat { cold += 1 } else { crossing += 1 }
      guard cold <= maxGap, crossing <= mostCrossing else { return nil }
      step += 1
    }
  }

  /// First and last position along an axis of a region's cells.
  private func extent(of region: Region, along axis: Axis, in ridge: borrowing RidgeCells) -> (low: Float, high: Float)
  {
    var low = Float.infinity
    var high = -Float.infinity
    for i in 0..<region.count {
      let cell = ridge[Int(members[i])]
      let s = axis.along(cell.x, cell.y)
      low = min(low, s)
      high = max(high, s)
    }
    return (low, high)
  }

  /// The axis of the part of a region that lies between two positions on its own, in the same direction; nil if that is too
  /// small.
  func axis(of region: Region, along axis: Axis, from: Float, to: Float, in ridge: borrowing RidgeCells) -> Axis? {
    var moments = Moments(aroundX: axis.x, y: axis.y)
    var count = 0
    for i in 0..<region.count {
      let cell = ridge[Int(members[i])]
      let s = axis.along(cell.x, cell.y)
      guard s >= from, s <= to else { continue }
      moments.add(cell.x, cell.y, weight: cell.heat)
      count += 1
    }
    return count >= 3 ? moments.axis(fallback: (axis.dx, axis.dy)).turned(along: axis) : nil
  }
}
