import Lines

/// The LSD stage: grows line segments from a field of line heat and tangent.
///
/// It knows nothing of where the field comes from, a network or an image gradient. Scratch memory is kept from frame to
/// frame; use one grower per thread.
public struct LineGrower: ~Copyable {
  public let options: GrowingOptions
  private(set) var planes = FieldPlanes()
  private var ridge = RidgeCells()
  private var seeds = SeedOrder()
  private var growing: RegionGrowing
  private var counting: RectangleCounting
  private var profile = AxisProfile()
  private var cuts = JunctionCuts()
  private(set) var breaks = LineBreaks()
  private var partition = LinePartition()
  private var others = OtherReadings()

  public init(options: GrowingOptions = .network) {
    self.options = options
    growing = RegionGrowing(options: options)
    counting = RectangleCounting(options)
  }

  /// Finds the segments of a field.
  ///
  /// - Parameters:
  ///   - field: heat and tangent on one grid; cells that hold no finite numbers have no heat. One without cells, or
  ///     whose planes do not have `width * height` values, has no segments.
  ///   - transform: where the grid lies in the image.
  ///   - segments: replaced by the segments, in pixels of the image, best score first.
  /// - Complexity: linear in the cells of the field, as long as lines are short against its sides: each gap that a
  ///   line jumps costs a look at all of the line's cells so far. Nothing is allocated after the first field of a size,
  ///   but for other readings.
  public mutating func grow(
    _ field: borrowing LineField, transform: GridTransform = .identity, into segments: inout [Segment]
  ) {
    segments.removeAll(keepingCapacity: true)
    read(field) { grower in grower.grow(transform, &segments) }
  }

  /// Gives the place where a field is written that lines are then grown from.
  ///
  /// - Returns: it is to be filled before `grow(stops:transform:into:)`, and not used after any other call.
  public mutating func room(width: Int, height: Int, hasEnds: Bool) -> FieldCells {
    planes.reserve(width: width, height: height, hasEnds: hasEnds)
  }

  /// Finds the segments of the field that has been written to the place that `room` gave.
  ///
  /// - Parameters:
  ///   - stops: how soon lines end, if that is known.
  ///   - transform, segments: as for a field that is given.
  /// - Complexity: as there.
  public mutating func grow(stops: StopCells?, transform: GridTransform, into segments: inout [Segment]) {
    segments.removeAll(keepingCapacity: true)
    guard FieldPlanes.admits(width: planes.width, height: planes.height) else { return }
    planes.addRims()
    planes.stops = stops
    start()
    grow(transform, &segments)
    planes.stops = nil
  }

  private mutating func grow(_ transform: GridTransform, _ segments: inout [Segment]) {
    let logTests = FalseAlarms.logTests(
      width: planes.width, height: planes.height, precisions: RectangleCounting.precisions)
    var seed = 0
    while let region = nextRegion(from: &seed), let axis = region.axis {
      if planes.hasEnds {
        cutAtBreaks(region, axis, transform, logTests, &segments)
      } else {
        cutAtJunctions(region, axis, transform, logTests, &segments)
      }
    }
    segments.sortByScore()
  }

  /// Finds the seeds of a field, and has something done with them; nothing if it has no cells, or planes of another size.
  mutating func read(_ field: borrowing LineField, _ body: (inout LineGrower) -> Void) {
    guard FieldPlanes.canCopy(field) else { return }
    planes.copy(field)
    start()
    field.stops.withUnsafeBufferPointer { stops in
      planes.stops = stops.baseAddress.flatMap { first in
        stops.isEmpty ? nil : StopCells(first: first, pitch: 1, rowPitch: planes.width)
      }
      body(&self)
      planes.stops = nil
    }
  }

  private mutating func start() {
    ridge.find(in: planes, minimum: Float(options.growHeat), band: Float(options.ridgeBand))
    seeds.sort(ridge, minimum: Float(options.seedHeat))
    growing.reserve(ridge.count)
    counting.reserve(width: planes.width, height: planes.height)
  }

  /// Grows the next region that has an axis, from the hottest free seed on; nil if there is none.
  mutating func nextRegion(from seed: inout Int) -> Region? {
    while seed < seeds.count {
      let cell = Int(seeds.cells[seed])
      seed += 1
      guard ridge.free[cell] != 0 else { continue }
      let region = growing.grow(from: Int(ridge.numbers[cell]), in: ridge, planes)
      if region.axis != nil { return region }
    }
    return nil
  }

  /// Cuts a region by what heat and tangent say of junctions; its outer ends are where the heat falls off.
  private mutating func cutAtJunctions(
    _ region: Region, _ axis: Axis, _ transform: GridTransform, _ logTests: Double, _ segments: inout [Segment]
  ) {
    let (low, high) = (region.low, region.high)
    profile.sample(axis, from: low, to: high, in: planes)
    cuts.find(in: profile, threshold: Float(options.junctionThreshold))
    for part in 0...cuts.count {
      let from = part > 0 ? cuts.positions[part - 1] : outerEnd(axis, low, high, forward: true)
      let to = part < cuts.count ? cuts.positions[part] : outerEnd(axis, low, high, forward: false)
      guard var segment = segment(of: region, axis, from: from, to: to, transform, logTests) else { continue }
      let means = profile.means(from: from, to: to)
      let beyond = (profile.heat(beyond: from, forward: false) + profile.heat(beyond: to, forward: true)) / 2
      segment.score = options.scoreWeights.score(
        heat: means.heat, agreement: means.agreement, beyond: beyond, length: segment.length)
      if segment.score >= options.minScore { segments.append(segment) }
    }
  }

  /// Cuts a region where the field's end evidence, heat and tangent together say that a line ends.
  private mutating func cutAtBreaks(
    _ region: Region, _ axis: Axis, _ transform: GridTransform, _ logTests: Double, _ segments: inout [Segment]
  ) {
    findBreaks(of: region, axis)
    partition.solve(breaks, weights)
    let side = Float(planes.width * planes.height).squareRoot()
    for i in 0..<partition.count {
      let score = weights.score(of: partition[i], length: breaks.length(of: partition[i]) / side)
      add(partition[i], of: region, axis, score: score, transform, logTests, &segments)
    }
    guard options.listsOtherReadings else { return }
    others.find(in: breaks, besides: partition, weights)
    for i in 0..<others.count {
      let score = BandedScore.otherReadings * Double(others[i].belief)
      add(others[i].part, of: region, axis, score: score, transform, logTests, &segments)
    }
  }

  /// Adds the segment between two breaks, if it passes.
  private func add(
    _ part: LinePartition.Part, of region: Region, _ axis: Axis, score: Double, _ transform: GridTransform,
    _ logTests: Double, _ segments: inout [Segment]
  ) {
    guard score >= options.minScore else { return }
    let from = breaks[Int(part.first)].position
    let to = breaks[Int(part.last)].position
    guard var segment = segment(of: region, axis, from: from, to: to, transform, logTests) else { return }
    segment.score = score
    segments.append(segment)
  }

  /// What weighs the evidence that the field has.
  private var weights: EndWeights { planes.stops != nil ? options.stopWeights : options.endWeights }

  mutating func findBreaks(of region: Region, _ axis: Axis) {
    let (low, high) = (region.low, region.high)
    profile.sample(axis, from: low, to: high, margin: LineBreaks.margin(around: high - low), in: planes)
    profile.sampleStops(axis, in: planes)
    breaks.find(
      in: profile, low: low, high: high,
      fall: (outerEnd(axis, low, high, forward: true), outerEnd(axis, low, high, forward: false)),
      inside: planes.range(of: axis), weights)
  }

  /// Where the heat falls off at an end of a region that reaches from `low` to `high`; if the grid ends before, there.
  private func outerEnd(_ axis: Axis, _ low: Float, _ high: Float, forward: Bool) -> Float {
    let fall = profile.end(between: low, and: high, share: Float(options.endHeat), forward: forward)
    let end = forward ? fall + Float(options.endShift) : fall - Float(options.endShift)
    let range = planes.range(of: axis)
    return forward ? (end < range.low + 1.5 ? range.low : end) : (end > range.high - 1.5 ? range.high : end)
  }

  /// Fits and validates the part of a region that lies between two positions on its axis: a segment without a score, or
  /// nil if it does not pass.
  private func segment(
    of region: Region, _ axis: Axis, from: Float, to: Float, _ transform: GridTransform, _ logTests: Double
  ) -> Segment? {
    guard from < to, let fitted = growing.axis(of: region, along: axis, from: from, to: to, in: ridge) else {
      return nil
    }
    // The fit turns the axis a little, which may carry an end at the grid's edge out of it.
    let inside = planes.range(of: fitted)
    let low = max(inside.low, fitted.along(axis.x + from * axis.dx, axis.y + from * axis.dy))
    let high = min(inside.high, fitted.along(axis.x + to * axis.dx, axis.y + to * axis.dy))
    guard low < high else { return nil }
    let rectangle = Rectangle(axis: fitted, low: low, high: high, in: planes, counting)
    guard rectangle.density >= counting.minDensity else { return nil }
    let meaningfulness = rectangle.meaningfulness(counting, logTests: logTests)
    guard meaningfulness >= options.minMeaningfulness else { return nil }
    let segment = rectangle.segment(transform, meaningfulness: meaningfulness)
    return segment.length >= options.minLength ? segment : nil
  }
}
