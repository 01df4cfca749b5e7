/// Other readings of a region: stretches between its breaks that its partition has not, for those who rank all that may be a
/// line.
///
/// Whether a line passes a junction is often a guess. The partition is the best one; what else may be right follows after it,
/// as in the lists of networks that propose segments.
struct OtherReadings: ~Copyable {
  /// A reading, and the probability that it is right and none of those before it that mean the same line is.
  struct Reading {
    var part: LinePartition.Part
    var belief: Float
  }

  private(set) var count = 0
  private var readings = Buffer<Reading>()

  /// The readings, by falling probability.
  subscript(index: Int) -> Reading { readings[index] }

  /// Readings of less belief are left out: they are many, and worth a tenth of a point of sAP10 (`Weights/LOG.md`).
  static let leastBelief: Float = 0.005
  /// Distance of both ends together, in cells, up to which two stretches mean the same line: what sAP10 takes for right, on a
  /// grid of 240 cells.
  static let sameLine: Float = 6

  /// Finds the readings besides a partition of the same breaks.
  ///
  /// - Complexity: quadratic in the stretches; takes memory each time.
  mutating func find(
    in breaks: borrowing LineBreaks, besides partition: borrowing LinePartition, _ weights: EndWeights
  ) {
    count = 0
    for last in 0..<breaks.count {
      breaks.forEachStretch(to: last, weights) { part in
        guard part.probability > Self.leastBelief, !partition.contains(part) else { return }
        readings.grow(to: count + 1, keeping: count)
        readings[count] = Reading(part: part, belief: part.probability)
        count += 1
      }
    }
    var all = UnsafeMutableBufferPointer(start: readings.base, count: count)
    all.sort { $0.belief > $1.belief }
    var taken = (0..<partition.count).map { partition[$0] }
    var kept = 0
    for var reading in all {
      for other in taken where isSameLine(reading.part, other, breaks) { reading.belief *= 1 - other.probability }
      guard reading.belief > Self.leastBelief else { continue }
      taken.append(reading.part)
      all[kept] = reading
      kept += 1
    }
    count = kept
  }

  private func isSameLine(
    _ a: LinePartition.Part, _ b: LinePartition.Part, _ breaks: borrowing LineBreaks
  ) -> Bool {
    let atFirst = breaks[Int(a.first)].position - breaks[Int(b.first)].position
    let atLast = breaks[Int(a.last)].position - breaks[Int(b.last)].position
    return atFirst * atFirst + atLast * atLast <= Self.sameLine * Self.sameLine
  }
}
