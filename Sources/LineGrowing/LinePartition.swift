/// Cuts a region's axis at its breaks into the segments that are most likely right: of all sets of stretches that do not
/// overlap, the one with the largest sum of P - cost, by dynamic programming (Viterbi) over the breaks.
struct LinePartition: ~Copyable {
  private(set) var count = 0
  private var parts = Buffer<Part>()
  private var best = Buffer<Best>()

  struct Part {
    /// Breaks at both ends.
    var first: Int32
    var last: Int32
    /// P(line), and P of the ends and of all that is passed.
    var line: Float
    var rest: Float
    /// Whether its pixels surely lie on a line.
    var isOnLine: Bool
  }

  /// What has been found up to a break; not private, which the compiler cannot lay out from another file.
  struct Best {
    /// The largest sum up to a break.
    var sum: Float
    /// The part that ends there; its `first` is -1 if none does.
    var part: Part
  }

  /// The parts, from the last to the first.
  subscript(index: Int) -> Part { parts[index] }

  /// Shorter stretches between breaks are no lines, in cells.
  static let shortest: Float = 2.5

  /// - Complexity: quadratic in the breaks at worst; a stretch that passes an unlikely number of them is not looked at.
  mutating func solve(_ breaks: borrowing LineBreaks, _ weights: EndWeights) {
    count = 0
    guard breaks.count > 1 else { return }
    best.reserve(breaks.count)
    parts.reserve(breaks.count)
    let none = Part(first: -1, last: -1, line: 0, rest: 0, isOnLine: false)
    best[0] = Best(sum: 0, part: none)
    for last in 1..<breaks.count {
      var found = Best(sum: best[last - 1].sum, part: none)
      var stretch = Stretch()
      var rest = breaks[last].ends
      for first in stride(from: last - 1, through: 0, by: -1) {
        stretch.add(breaks[first])
        if breaks[last].position - breaks[first].position > Self.shortest {
          let line = stretch.probability(weights)
          let both = rest * breaks[first].begins
          let sum = best[first].sum + line * both - weights.cost
          if sum > found.sum {
            found = Best(
              sum: sum,
              part: Part(
                first: Int32(first), last: Int32(last), line: line, rest: both, isOnLine: stretch.isOnLine(weights)))
          }
        }
        rest *= breaks[first].passes
        guard rest > weights.cost else { break }
        stretch.pass(breaks[first])
      }
      best[last] = found
    }
    var last = breaks.count - 1
    while last > 0 {
      let part = best[last].part
      if part.first >= 0 {
        parts[count] = part
        count += 1
        last = Int(part.first)
      } else {
        last -= 1
      }
    }
  }
}

/// The heat between two breaks, gathered stretch by stretch.
struct Stretch {
  private var cells: Float = 0
  private var heat: Float = 0
  private var leastHeat = Float.infinity

  /// Takes in what lies between a break and the next.
  mutating func add(_ item: LineBreak) {
    cells += item.cells
    heat += item.heat
    leastHeat = min(leastHeat, item.leastHeat)
  }

  /// Takes in the surroundings of a break that is passed.
  mutating func pass(_ item: LineBreak) { leastHeat = min(leastHeat, item.leastHeatAround) }

  /// What `EndWeights.line` and `onLine` weigh.
  var features: SIMD4<Float> {
    let mean = heat / max(cells, 1)
    return [mean, mean * mean, leastHeat, 1]
  }

  func probability(_ weights: EndWeights) -> Float { logistic((weights.line * features).sum()) }

  func isOnLine(_ weights: EndWeights) -> Bool { (weights.onLine * features).sum() >= 0 }
}
