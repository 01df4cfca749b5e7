/// The order in which cells are tried as seeds: by falling heat, in buckets, which costs no more than looking at each
/// cell twice (the pseudo-ordering of the LSD paper). Cells of one bucket keep the order of the grid.
struct SeedOrder: ~Copyable {
  static let buckets = 256
  private(set) var count = 0
  private(set) var cells = Buffer<Int32>()
  private var starts = Buffer<Int32>()

  /// Orders the cells with at least `minimum` heat.
  mutating func sort(_ ridge: borrowing RidgeCells, minimum: Float) {
    let total = ridge.count
    starts.reserve(Self.buckets)
    cells.reserve(total)
    let starts = starts.base
    let cells = cells.base
    starts.update(repeating: 0, count: Self.buckets)
    for i in 0..<total where ridge[i].heat >= minimum { starts[Self.bucket(ridge[i].heat)] += 1 }
    var next: Int32 = 0
    for b in 0..<Self.buckets {
      let size = starts[b]
      starts[b] = next
      next += size
    }
    for i in 0..<total where ridge[i].heat >= minimum {
      let b = Self.bucket(ridge[i].heat)
      cells[Int(starts[b])] = Int32(i)
      starts[b] += 1
    }
    count = Int(next)
  }

  /// Bucket 0 is the hottest.
  @inline(__always)
  private static func bucket(_ heat: Float) -> Int {
    max(0, buckets - 1 - Int(min(heat, 1) * Float(buckets)))
  }
}
