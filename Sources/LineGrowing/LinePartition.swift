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
    /// What `EndWeights.line` and `onLine` weigh.
    var heat: SIMD4<Float>

    /// That it is a whole line.
    var probability: Float { line * rest }
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

  func contains(_ part: Part) -> Bool {
    (0..<count).contains { parts[$0].first == part.first && parts[$0].last == part.last }
  }

  /// - Complexity: quadratic in the breaks at worst.
  mutating func solve(_ breaks: borrowing LineBreaks, _ weights: EndWeights) {
    count = 0
    guard breaks.count > 1 else { return }
    best.reserve(breaks.count)
    parts.reserve(breaks.count)
    let none = Part(first: -1, last: -1, line: 0, rest: 0, heat: SIMD4())
    best[0] = Best(sum: 0, part: none)
    for last in 1..<breaks.count {
      var found = Best(sum: best[last - 1].sum, part: none)
      breaks.forEachStretch(to: last, weights) { part in
        let sum = best[Int(part.first)].sum + part.probability - weights.cost
        if sum > found.sum { found = Best(sum: sum, part: part) }
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
