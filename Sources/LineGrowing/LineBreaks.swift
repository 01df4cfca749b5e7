#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A place on a region's axis where a line may end.
struct LineBreak {
  /// Along the axis.
  var position: Float
  /// What `EndWeights` weighs: for a line that lies after the break, for one that lies before it, for one that passes.
  var afterFeatures = SIMD16<Float>()
  var beforeFeatures = SIMD16<Float>()
  var passFeatures = SIMD8<Float>()
  /// The probabilities that a line after the break begins there, that one before it ends there, and that one passes.
  var begins: Float = 0
  var ends: Float = 0
  var passes: Float = 0
  /// From here to the next break: cells, the sum of their heat, and the least heat of the axis' direction.
  var cells: Float = 0
  var heat: Float = 0
  var leastHeat: Float = 0
  /// The least heat of the axis' direction around the break.
  var leastHeatAround: Float = 0

  var isBorder = false
  var isFall = false

  init(position: Float) { self.position = position }
}

/// The breaks of a region: the peaks of the end evidence along its axis, and its outer ends, where there is none.
struct LineBreaks: ~Copyable {
  private(set) var count = 0
  private var breaks = Buffer<LineBreak>()

  init() {}

  /// Breaks that are known.
  init(_ known: [LineBreak]) {
    breaks.reserve(known.count)
    for item in known { add(item) }
  }

  /// The breaks, by rising position.
  subscript(index: Int) -> LineBreak { breaks[index] }

  /// Cells between the ends of a stretch.
  func length(of part: LinePartition.Part) -> Float {
    breaks[Int(part.last)].position - breaks[Int(part.first)].position
  }

  /// Weaker peaks are none.
  static let leastEvidence: Float = 0.06
  /// Logit of a stop that is a break where no end is seen.
  static let leastStop: Float = 0
  /// Cells outside of a region within which a line may end: a region may stop growing where the line is faint.
  static let reach = 12
  /// Cells beyond an end that are looked at.
  static let beyond = 8

  /// Cells beyond a region of a length that its profile must hold. An end is not looked for further outside than twice that
  /// length: most regions are short, and what lies around them would be most of the work.
  static func margin(around length: Float) -> Int { min(reach, Int(2 * length)) + beyond }

  /// Finds the breaks of the region from `low` to `high`.
  ///
  /// - Parameters:
  ///   - fall: where the heat falls off at both ends; at the border of the image, there.
  ///   - inside: where the axis runs inside of the grid.
  mutating func find(
    in profile: borrowing AxisProfile, low: Float, high: Float, fall: (low: Float, high: Float),
    inside: (low: Float, high: Float), _ weights: EndWeights
  ) {
    breaks.reserve(2 * profile.count + 2)
    count = 0
    for i in places(profile) {
      let (before, value, after) = (profile.ends[i - 1], profile.ends[i], profile.ends[i + 1])
      guard value >= Self.leastEvidence, value >= before, value > after else { continue }
      // The maximum of the parabola through the three.
      let offset = 0.5 * (before - after) / (before - 2 * value + after)
      let position = profile.start + Float(i) + offset
      guard position > inside.low, position < inside.high else { continue }
      add(LineBreak(position: position))
    }
    addStops(profile, inside)
    addOuter(fall.low, isBorder: fall.low <= inside.low)
    addOuter(fall.high, isBorder: fall.high >= inside.high)
    for i in 0..<count { weigh(i, profile, weights) }
    for i in 0..<max(0, count - 1) { measure(from: i, profile) }
  }

  /// Samples of a profile at which a line may end.
  private func places(_ profile: borrowing AxisProfile) -> Range<Int> {
    Self.beyond..<max(Self.beyond, profile.count - Self.beyond)
  }

  private mutating func add(_ item: LineBreak) {
    breaks[count] = item
    count += 1
  }

  /// Places where the stops say that a line ends, if no end is seen near them.
  private mutating func addStops(_ profile: borrowing AxisProfile, _ inside: (low: Float, high: Float)) {
    for i in places(profile) {
      for isAhead in [true, false] {
        let (before, value, after) = (
          profile.stop(i - 1, isAhead), profile.stop(i, isAhead), profile.stop(i + 1, isAhead)
        )
        guard value >= Self.leastStop, value >= before, value > after else { continue }
        // exp(-d / 5) solved for the distance to the end.
        let distance = min(5 * log(1 + exp(-value)), 2)
        let position = profile.start + Float(i) + (isAhead ? distance : -distance)
        guard position > inside.low, position < inside.high else { continue }
        if !(0..<count).contains(where: { abs(breaks[$0].position - position) <= 2 }) {
          insert(LineBreak(position: position))
        }
      }
    }
  }

  /// Adds a break where it belongs among the others.
  private mutating func insert(_ item: LineBreak) {
    var i = count
    while i > 0, breaks[i - 1].position > item.position {
      breaks[i] = breaks[i - 1]
      i -= 1
    }
    breaks[i] = item
    count += 1
  }

  /// An outer end counts where no evidence is near it; at the border of the image it takes the evidence's place.
  private mutating func addOuter(_ position: Float, isBorder: Bool) {
    let near: Float = isBorder ? 2.5 : 2
    var kept = 0
    for i in 0..<count {
      if abs(breaks[i].position - position) <= near {
        guard isBorder else { return }
        continue
      }
      breaks[kept] = breaks[i]
      kept += 1
    }
    count = kept
    var item = LineBreak(position: position)
    item.isBorder = isBorder
    item.isFall = !isBorder
    insert(item)
  }

  /// Gathers the features of a break, and what they say.
  private mutating func weigh(_ index: Int, _ profile: borrowing AxisProfile, _ weights: EndWeights) {
    var item = breaks[index]
    let p = item.position
    let evidence = log(profile.evidence(at: p) + 0.03)
    let near = (
      before: profile.directedHeat(from: p - 4, to: p - 2), after: profile.directedHeat(from: p + 2, to: p + 4)
    )
    let far = (
      before: profile.directedHeat(from: p - 9, to: p - 3), after: profile.directedHeat(from: p + 3, to: p + 9)
    )
    let least = profile.least(from: p - 2, to: p + 2)
    let dip = max(least.agreement, -0.35)
    let border: Float = item.isBorder ? 1 : 0
    let fall: Float = item.isFall ? 1 : 0
    func share(_ beyond: Float, of line: Float) -> Float { min(beyond / max(line, 0.05), 1.5) }
    let before = (near: profile.stops(from: p - 3, to: p - 1).ahead, far: profile.stops(from: p - 8, to: p - 4).ahead)
    let after = (near: profile.stops(from: p + 1, to: p + 3).behind, far: profile.stops(from: p + 4, to: p + 8).behind)
    item.afterFeatures = [
      evidence, share(near.before, of: far.after), share(far.before, of: far.after), dip, border, fall, far.after,
      after.near, after.far, before.near, before.far, 1, 0, 0, 0, 0,
    ]
    item.beforeFeatures = [
      evidence, share(near.after, of: far.before), share(far.after, of: far.before), dip, border, fall, far.before,
      before.near, before.far, after.near, after.far, 1, 0, 0, 0, 0,
    ]
    let continuity = min(far.before, far.after) / max(far.before, far.after, 1e-6)
    item.passFeatures = [
      evidence, continuity, dip, least.heat, fall, before.near + after.near, abs(before.near - after.near), 1,
    ]
    item.begins = logistic((weights.end * item.afterFeatures).sum())
    item.ends = logistic((weights.end * item.beforeFeatures).sum())
    item.passes = logistic((weights.pass * item.passFeatures).sum())
    item.leastHeatAround = profile.leastDirectedHeat(from: p - 2, to: p + 2)
    breaks[index] = item
  }

  /// Measures the stretch from a break to the next.
  private mutating func measure(from index: Int, _ profile: borrowing AxisProfile) {
    let low = breaks[index].position
    let high = breaks[index + 1].position
    (breaks.base + index).pointee.cells = profile.cells(from: low, to: high)
    (breaks.base + index).pointee.heat = profile.heatSum(from: low, to: high)
    let inner = min(2, (high - low) / 4)
    (breaks.base + index).pointee.leastHeat = profile.leastDirectedHeat(from: low + inner, to: high - inner)
  }
}
