/// The order in which cells are tried as seeds: by falling heat, in buckets, which costs no more than looking at each
/// cell twice (the pseudo-ordering of the LSD paper). Cells of one bucket keep the order of the grid.
struct SeedOrder: ~Copyable {
  static let buckets = 256
  private(set) var count = 0
  /// Indices in the field's planes.
  private(set) var cells = Buffer<Int32>()
  private var starts = Buffer<Int32>()

  /// Orders the cells with at least `minimum` heat.
  ///
  /// The two halves of the cells are counted and placed apart, side by side: most cells fall into few buckets, and each
  /// would wait for the last to change its bucket's counter.
  mutating func sort(_ ridge: borrowing RidgeCells, minimum: Float) {
    let half = ridge.count / 2
    // One bucket more for those that are not wanted, behind the others.
    starts.reserve(2 * (Self.buckets + 1))
    cells.reserve(ridge.count)
    let first = starts.base
    let second = first + Self.buckets + 1
    let cells = cells.base
    first.update(repeating: 0, count: 2 * (Self.buckets + 1))
    for i in 0..<half {
      first[Self.bucket(ridge[i].heat, minimum)] &+= 1
      second[Self.bucket(ridge[half + i].heat, minimum)] &+= 1
    }
    if ridge.count % 2 != 0 { second[Self.bucket(ridge[2 * half].heat, minimum)] &+= 1 }
    var next: Int32 = 0
    for b in 0...Self.buckets {
      if b == Self.buckets { count = Int(next) }
      let sizes = (first[b], second[b])
      first[b] = next
      second[b] = next + sizes.0
      next += sizes.0 + sizes.1
    }
    @inline(__always)
    func place(_ cell: RidgeCell, _ starts: UnsafeMutablePointer<Int32>) {
      let b = Self.bucket(cell.heat, minimum)
      cells[Int(starts[b])] = cell.index
      starts[b] &+= 1
    }
    for i in 0..<half {
      place(ridge[i], first)
      place(ridge[half + i], second)
    }
    if ridge.count % 2 != 0 { place(ridge[2 * half], second) }
  }

  /// Bucket 0 is the hottest.
  @inline(__always)
  private static func bucket(_ heat: Float, _ minimum: Float) -> Int {
    heat >= minimum ? max(0, buckets - 1 - Int(min(heat, 1) * Float(buckets))) : buckets
  }
}
