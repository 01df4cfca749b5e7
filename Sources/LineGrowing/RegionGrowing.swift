/// Grows regions: the heart of the method.
///
/// A region takes in, breadth first, the ridge cells next to it whose tangent agrees with its running mean. Tangents are
/// compared as unit vectors at the doubled angle: the scalar product with the mean is cos(2 difference), so neither
/// angles nor their wrap-around ever appear. As soon as the region has a clear axis, cells must lie near that, too.
struct RegionGrowing: ~Copyable {
  private(set) var members = Buffer<Int32>()
  private(set) var used = Buffer<Bool>()
  private let cosTolerance: Float
  private let lateralTolerance: Float
  private let maxGap: Int
  private let maxCrossing: Int
  private let growHeat: Float

  init(options: GrowingOptions) {
    cosTolerance = cosineOfDoubled(degrees: options.angleTolerance)
    lateralTolerance = Float(options.lateralTolerance)
    maxGap = max(0, options.maxGap)
    maxCrossing = max(0, options.maxCrossing)
    growHeat = Float(options.growHeat)
  }

  /// Frees all cells, before a new field.
  mutating func reset(cells: Int) {
    members.reserve(cells)
    used.reserve(cells)
    used.base.update(repeating: false, count: cells)
  }

  /// The region around a free seed; its cells are used from now on.
  func grow(from seed: Int, in cells: borrowing RidgeCells) -> Region {
    var region = Region(moments: Moments(aroundX: cells.x[seed], y: cells.y[seed]))
    var head = 0
    var nextFit = 6
    add(seed, to: &region, in: cells)
    while true {
      while head < region.count {
        let center = Int(cells.cell[Int(members[head])])
        head += 1
        for offset in [
          -cells.stride - 1, -cells.stride, -cells.stride + 1, -1, 1, cells.stride - 1, cells.stride, cells.stride + 1,
        ] {
          let number = Int(cells.numberPlane[center + offset])
          guard number >= 0, accepts(number, region, in: cells) else { continue }
          add(number, to: &region, in: cells)
        }
        if region.count >= nextFit {
          region.axis = fit(region)
          nextFit = region.count + region.count / 2
        }
      }
      guard region.count >= 4 else { break }
      let axis = fit(region)
      region.axis = axis
      guard let next = continuation(of: region, along: axis, in: cells) else { break }
      add(next, to: &region, in: cells)
    }
    return region
  }

  /// The region's axis; while the cells have no direction of their own, their mean tangent's.
  private func fit(_ region: Region) -> Axis {
    region.moments.axis(fallback: direction(cos2: region.cos2, sin2: region.sin2))
  }

  @inline(__always)
  private func add(_ number: Int, to region: inout Region, in cells: borrowing RidgeCells) {
    used[number] = true
    members[region.count] = Int32(truncatingIfNeeded: number)
    region.count += 1
    region.cos2 += cells.cos2[number]
    region.sin2 += cells.sin2[number]
    region.moments.add(cells.x[number], cells.y[number], weight: cells.heat[number])
  }

  /// Whether a cell is free, has the region's direction and lies on its axis.
  @inline(__always)
  private func accepts(_ number: Int, _ region: Region, in cells: borrowing RidgeCells) -> Bool {
    guard !used[number] else { return false }
    let dot = cells.cos2[number] * region.cos2 + cells.sin2[number] * region.sin2
    let norm2 = region.cos2 * region.cos2 + region.sin2 * region.sin2
    guard dot > 0, dot * dot >= cosTolerance * cosTolerance * norm2 else { return false }
    guard let axis = region.axis else { return true }
    return abs(axis.across(cells.x[number], cells.y[number])) <= lateralTolerance
  }

  /// A cell beyond either end of the region that carries the line on across a small gap or a crossing.
  private func continuation(of region: Region, along axis: Axis, in cells: borrowing RidgeCells) -> Int? {
    let (low, high) = extent(of: region, along: axis, in: cells)
    return continuation(of: region, along: axis, from: high, sign: 1, in: cells)
      ?? continuation(of: region, along: axis, from: low, sign: -1, in: cells)
  }

  private func continuation(
    of region: Region, along axis: Axis, from end: Float, sign: Float, in cells: borrowing RidgeCells
  ) -> Int? {
    var cold = 0
    var crossing = 0
    // Across the axis, one cell further: along the grid's axis that is nearer to the normal.
    let sideways = abs(axis.dx) > abs(axis.dy) ? cells.stride : 1
    var step: Float = 1
    while true {
      let x = Int((axis.x + (end + sign * step) * axis.dx).rounded())
      let y = Int((axis.y + (end + sign * step) * axis.dy).rounded())
      guard x >= 0, y >= 0, x < cells.width, y < cells.height else { return nil }
      let center = cells.index(x, y)
      for index in [center, center - sideways, center + sideways] {
        let number = Int(cells.numberPlane[index])
        if number >= 0, accepts(number, region, in: cells),
          sign * (axis.along(cells.x[number], cells.y[number]) - end) > 0
        {
          return number
        }
      }
      if cells.heatPlane[center] < growHeat { cold += 1 } else { crossing += 1 }
      guard cold <= maxGap, crossing <= maxCrossing else { return nil }
      step += 1
    }
  }

  /// First and last position along an axis of a region's cells.
  func extent(of region: Region, along axis: Axis, in cells: borrowing RidgeCells) -> (low: Float, high: Float) {
    var low = Float.infinity
    var high = -Float.infinity
    for i in 0..<region.count {
      let number = Int(members[i])
      let s = axis.along(cells.x[number], cells.y[number])
      low = min(low, s)
      high = max(high, s)
    }
    return (low, high)
  }
  /// The axis of the part of a region that lies between two positions on its own; nil if that is too small.
  func axis(of region: Region, along axis: Axis, from: Float, to: Float, in cells: borrowing RidgeCells) -> Axis? {
    var moments = Moments(aroundX: axis.x, y: axis.y)
    var count = 0
    for i in 0..<region.count {
      let number = Int(members[i])
      let s = axis.along(cells.x[number], cells.y[number])
      guard s >= from, s <= to else { continue }
      moments.add(cells.x[number], cells.y[number], weight: cells.heat[number])
      count += 1
    }
    return count >= 3 ? moments.axis(fallback: (axis.dx, axis.dy)) : nil
  }
}
