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
}

extension LineBreaks {
  /// Shorter stretches between breaks are no lines, in cells.
  static let shortestStretch: Float = 2.5

  /// Every stretch that ends at a break, from the shortest on; one that passes an unlikely number of breaks is not looked at.
  @inline(__always)
  func forEachStretch(to last: Int, _ weights: EndWeights, _ body: (LinePartition.Part) -> Void) {
    var stretch = Stretch()
    var rest = self[last].ends
    for first in stride(from: last - 1, through: 0, by: -1) {
      stretch.add(self[first])
      if self[last].position - self[first].position > Self.shortestStretch {
        let heat = stretch.features
        body(
          LinePartition.Part(
            first: Int32(first), last: Int32(last), line: logistic((weights.line * heat).sum()),
            rest: rest * self[first].begins, heat: heat))
      }
      rest *= self[first].passes
      guard rest > weights.cost else { break }
      stretch.pass(self[first])
    }
  }
}
