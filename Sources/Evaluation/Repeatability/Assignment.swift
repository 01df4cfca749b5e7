/// The best one-to-one assignment between two sets: as many pairs as possible, and among those the smallest sum of distances.
///
/// - Parameter distance: of the pair (a, b); nil if the two may not be paired.
/// - Returns: the distances of the chosen pairs.
/// - Complexity: O(k^3) for each group of k elements that are connected by possible pairs; groups are small where the
///   distance has a limit.
func bestAssignment(_ countA: Int, _ countB: Int, distance: (Int, Int) -> Double?) -> [Double] {
  var edges = [[(b: Int, distance: Double)]](repeating: [], count: countA)
  var back = [[Int]](repeating: [], count: countB)
  for a in 0..<countA {
    for b in 0..<countB {
      guard let value = distance(a, b) else { continue }
      edges[a].append((b, value))
      back[b].append(a)
    }
  }
  var seenA = [Bool](repeating: false, count: countA)
  var seenB = [Bool](repeating: false, count: countB)
  var chosen: [Double] = []
  for start in 0..<countA where !seenA[start] && !edges[start].isEmpty {
    // All that is connected with `start`.
    var groupA = [start]
    var groupB: [Int] = []
    seenA[start] = true
    var next = 0
    while next < groupA.count {
      for (b, _) in edges[groupA[next]] where !seenB[b] {
        seenB[b] = true
        groupB.append(b)
        for a in back[b] where !seenA[a] {
          seenA[a] = true
          groupA.append(a)
        }
      }
      next += 1
    }
    chosen += bestAssignment(
      groupA.map { a in
        groupB.map { b in edges[a].first { $0.b == b }?.distance }
      })
  }
  return chosen
}

/// The Hungarian method with potentials (Kuhn 1955, Munkres 1957) on a dense table; a forbidden pair costs more than all
/// allowed ones together.
private func bestAssignment(_ table: [[Double?]]) -> [Double] {
  let rows = table.count
  let columns = max(table.first?.count ?? 0, rows)
  let forbidden = 1 + table.joined().reduce(0) { $0 + ($1 ?? 0) }
  func cost(_ row: Int, _ column: Int) -> Double {
    column < table[row].count ? table[row][column] ?? forbidden : forbidden
  }
  // Rows and columns count from 1; column 0 stands for the row that looks for a place.
  var rowPotential = [Double](repeating: 0, count: rows + 1)
  var columnPotential = [Double](repeating: 0, count: columns + 1)
  var rowOf = [Int](repeating: 0, count: columns + 1)
  for row in 1...rows {
    rowOf[0] = row
    var column = 0
    var least = [Double](repeating: .infinity, count: columns + 1)
    var from = [Int](repeating: 0, count: columns + 1)
    var isUsed = [Bool](repeating: false, count: columns + 1)
    repeat {
      isUsed[column] = true
      let current = rowOf[column]
      var delta = Double.infinity
      var nextColumn = 0
      for candidate in 1...columns where !isUsed[candidate] {
        let reduced = cost(current - 1, candidate - 1) - rowPotential[current] - columnPotential[candidate]
        if reduced < least[candidate] { (least[candidate], from[candidate]) = (reduced, column) }
        if least[candidate] < delta { (delta, nextColumn) = (least[candidate], candidate) }
      }
      for candidate in 0...columns {
        if isUsed[candidate] {
          rowPotential[rowOf[candidate]] += delta
          columnPotential[candidate] -= delta
        } else {
          least[candidate] -= delta
        }
      }
      column = nextColumn
    } while rowOf[column] != 0
    while column != 0 {
      rowOf[column] = rowOf[from[column]]
      column = from[column]
    }
  }
  return (1...columns).compactMap { column in
    rowOf[column] > 0 && column <= (table.first?.count ?? 0) ? table[rowOf[column] - 1][column - 1] : nil
  }
}
