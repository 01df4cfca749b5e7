/// Storage that only grows, so that nothing is allocated after the first frame of a size.
///
/// Indices are checked in debug builds alone: the growing loops touch every cell several times.
struct Buffer<Element: BitwiseCopyable>: ~Copyable {
  private(set) var base = UnsafeMutablePointer<Element>.allocate(capacity: 1)
  private(set) var capacity = 1

  /// Makes room for `count` elements; the contents are then unspecified.
  mutating func reserve(_ count: Int) {
    guard count > capacity else { return }
    base.deallocate()
    base = .allocate(capacity: count)
    capacity = count
  }

  /// Makes room for `count` elements, at least doubling, and keeps the first `kept` of them.
  mutating func grow(to count: Int, keeping kept: Int) {
    guard count > capacity else { return }
    let larger = max(count, 2 * capacity)
    let moved = UnsafeMutablePointer<Element>.allocate(capacity: larger)
    moved.update(from: base, count: kept)
    base.deallocate()
    base = moved
    capacity = larger
  }

  subscript(index: Int) -> Element {
    @inline(__always) get {
      assert(index >= 0 && index < capacity)
      return base[index]
    }
    @inline(__always) nonmutating set {
      assert(index >= 0 && index < capacity)
      base[index] = newValue
    }
  }

  deinit { base.deallocate() }
}
