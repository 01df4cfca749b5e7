// Loads, stores and sums of SIMD vectors, for the kernel modules. Everything here is inlined into its caller, so that
// it is compiled for the caller's instruction set.

extension SIMD where Scalar: ExpressibleByIntegerLiteral {
  /// The scalars at `pointer`, which need not be aligned.
  @inlinable @inline(__always)
  public init(loading pointer: UnsafePointer<Scalar>) {
    self = UnsafeRawPointer(pointer).loadUnaligned(as: Self.self)
  }

  /// The first `count` scalars at `pointer`, then zeros; nothing beyond them is read.
  @inlinable @inline(__always)
  public init(loading pointer: UnsafePointer<Scalar>, upTo count: Int) {
    if count == Self.scalarCount {
      self.init(loading: pointer)
    } else {
      self.init(repeating: 0)
      for lane in 0..<count { self[lane] = pointer[lane] }
    }
  }

  /// Writes all lanes to `pointer`, which need not be aligned.
  @inlinable @inline(__always)
  public func store(to pointer: UnsafeMutablePointer<Scalar>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: Self.self)
  }

  /// Writes the first `count` lanes to `pointer` and nothing beyond them.
  @inlinable @inline(__always)
  public func store(to pointer: UnsafeMutablePointer<Scalar>, upTo count: Int) {
    if count == Self.scalarCount {
      store(to: pointer)
    } else {
      for lane in 0..<count { pointer[lane] = self[lane] }
    }
  }
}

extension SIMD4<Float> {
  /// The larger of the two in each lane.
  @inlinable @inline(__always)
  public func maximum(_ other: Self) -> Self { replacing(with: other, where: other .> self) }

  /// Itself.
  @inlinable @inline(__always)
  public var folded: SIMD4<Float> { self }

  /// The sum of each of the four vectors.
  @inlinable @inline(__always)
  public init(sumOf a: SIMD4, _ b: SIMD4, _ c: SIMD4, _ d: SIMD4) {
    let ab = SIMD4(lowHalf: a.lowHalf + a.highHalf, highHalf: b.lowHalf + b.highHalf)
    let cd = SIMD4(lowHalf: c.lowHalf + c.highHalf, highHalf: d.lowHalf + d.highHalf)
    self =
      SIMD4(lowHalf: ab.evenHalf, highHalf: cd.evenHalf) + SIMD4(lowHalf: ab.oddHalf, highHalf: cd.oddHalf)
  }
}

extension SIMD8<Float> {
  /// Four sums of two lanes each.
  @inlinable @inline(__always)
  public var folded: SIMD4<Float> { lowHalf + highHalf }
}

extension SIMD16<Float> {
  /// Four sums of four lanes each.
  @inlinable @inline(__always)
  public var folded: SIMD4<Float> { (lowHalf + highHalf).folded }
}

/// Covers `0..<channels` by groups of `lanes` channels, given as first channel and count. The last group is moved back
/// over its neighbour, so that it is whole too; only where there are fewer channels than lanes is a group smaller.
@inlinable @inline(__always)
public func forEachGroup(of lanes: Int, in channels: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
  guard channels >= lanes else { return body(0, channels) }
  var next = 0
  while next < channels {
    body(min(next, channels - lanes), lanes)
    next += lanes
  }
}
