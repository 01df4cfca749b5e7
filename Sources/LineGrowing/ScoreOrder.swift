import Lines

extension [Segment] {
  /// Sorts by falling score, in place: the library's sort takes memory each time. Shell's sort, with Ciura's gaps.
  mutating func sortByScore() {
    for gap in ScoreOrder.gaps where gap < count {
      for i in gap..<count {
        let segment = self[i]
        var j = i
        while j >= gap, self[j - gap].score < segment.score {
          self[j] = self[j - gap]
          j -= gap
        }
        self[j] = segment
      }
    }
  }
}

private enum ScoreOrder {
  static let gaps = [
    701 * 2187, 701 * 729, 701 * 243, 701 * 81, 701 * 27, 701 * 9, 701 * 3, 701, 301, 132, 57, 23, 10, 4, 1,
  ]
}
