// Register tiles: the accumulators of neighbouring output pixels times a few vectors of output channels, as one type
// that is built from smaller ones. The compiler unrolls it whole and gives every accumulator a register of its own,
// which loops over an array of accumulators do not achieve. All of it is inlined into the kernel modules and compiled
// for their instruction sets.

/// How sums are accumulated: by single-precision values, or by groups of four bytes.
public protocol TileArithmetic {
  /// Accumulators; the weights and inputs of a step take as much room.
  associatedtype Vector: SIMD where Vector.Scalar: BitwiseCopyable
  static func accumulate(_ sum: Vector, _ input: Vector, _ weights: Vector) -> Vector
  /// Whether the steps of a tap always come in twos, which halves what a loop over them costs besides.
  static var stepsInTwos: Bool { get }
}

extension TileArithmetic {
  @inlinable @inline(__always)
  public static var stepsInTwos: Bool { false }
}

/// Where the sums of a tile go. A protocol rather than a closure, because a closure called for each of many vectors is
/// not inlined.
public protocol SumStore {
  associatedtype Sums: SIMD
  /// Takes the sums of the vector of channels `index` of the pixel `pixel` of the tile.
  func store(_ sums: Sums, pixel: Int, index: Int)
}

// MARK: - Channels of a tile

/// The output channels of a tile: a few vectors.
public protocol ChannelBlock {
  associatedtype Arithmetic: TileArithmetic
  static var vectors: Int { get }
  init(loading pointer: UnsafeRawPointer)
  mutating func accumulate(_ input: Arithmetic.Vector, _ weights: Self)
  /// Vector by vector, what `merge` makes of these sums and the other's.
  func merged(_ other: Self, _ merge: (Arithmetic.Vector, Arithmetic.Vector) -> Arithmetic.Vector) -> Self
  func store<S: SumStore>(to target: S, pixel: Int, firstIndex: Int) where S.Sums == Arithmetic.Vector
}

extension ChannelBlock {
  @inlinable @inline(__always)
  public static var bytes: Int { vectors * MemoryLayout<Arithmetic.Vector>.size }
}

public struct One<Arithmetic: TileArithmetic>: ChannelBlock {
  @usableFromInline var vector: Arithmetic.Vector

  @inlinable @inline(__always)
  public static var vectors: Int { 1 }

  @inlinable @inline(__always)
  public init(_ vector: Arithmetic.Vector) { self.vector = vector }

  @inlinable @inline(__always)
  public init(loading pointer: UnsafeRawPointer) { vector = pointer.loadUnaligned(as: Arithmetic.Vector.self) }

  @inlinable @inline(__always)
  public mutating func accumulate(_ input: Arithmetic.Vector, _ weights: One) {
    vector = Arithmetic.accumulate(vector, input, weights.vector)
  }

  @inlinable @inline(__always)
  public func merged(_ other: One, _ merge: (Arithmetic.Vector, Arithmetic.Vector) -> Arithmetic.Vector) -> One {
    One(merge(vector, other.vector))
  }

  @inlinable @inline(__always)
  public func store<S: SumStore>(to target: S, pixel: Int, firstIndex: Int) where S.Sums == Arithmetic.Vector {
    target.store(vector, pixel: pixel, index: firstIndex)
  }
}

/// The channels of two blocks, one after the other.
public struct Joined<First: ChannelBlock, Second: ChannelBlock>: ChannelBlock
where First.Arithmetic == Second.Arithmetic {
  public typealias Arithmetic = First.Arithmetic
  @usableFromInline var first: First
  @usableFromInline var second: Second

  @inlinable @inline(__always)
  public static var vectors: Int { First.vectors + Second.vectors }

  @inlinable @inline(__always)
  init(_ first: First, _ second: Second) {
    self.first = first
    self.second = second
  }

  @inlinable @inline(__always)
  public init(loading pointer: UnsafeRawPointer) {
    first = First(loading: pointer)
    second = Second(loading: pointer + First.bytes)
  }

  @inlinable @inline(__always)
  public mutating func accumulate(_ input: Arithmetic.Vector, _ weights: Joined) {
    first.accumulate(input, weights.first)
    second.accumulate(input, weights.second)
  }

  @inlinable @inline(__always)
  public func merged(_ other: Joined, _ merge: (Arithmetic.Vector, Arithmetic.Vector) -> Arithmetic.Vector) -> Joined {
    Joined(first.merged(other.first, merge), second.merged(other.second, merge))
  }

  @inlinable @inline(__always)
  public func store<S: SumStore>(to target: S, pixel: Int, firstIndex: Int) where S.Sums == Arithmetic.Vector {
    first.store(to: target, pixel: pixel, firstIndex: firstIndex)
    second.store(to: target, pixel: pixel, firstIndex: firstIndex + First.vectors)
  }
}

public typealias Two<Arithmetic: TileArithmetic> = Joined<One<Arithmetic>, One<Arithmetic>>
public typealias Three<Arithmetic: TileArithmetic> = Joined<Two<Arithmetic>, One<Arithmetic>>
public typealias Four<Arithmetic: TileArithmetic> = Joined<Two<Arithmetic>, Two<Arithmetic>>

// MARK: - Pixels of a tile

/// Accumulators of neighbouring output pixels of a row.
public protocol Tile {
  associatedtype Channels: ChannelBlock
  /// The tile of one pixel that this one is made of.
  associatedtype Leaf: Tile where Leaf.Leaf == Leaf, Leaf.Channels == Channels
  typealias Vector = Channels.Arithmetic.Vector
  static var pixels: Int { get }
  /// Bytes of input that one step takes from each pixel.
  static var stepBytes: Int { get }
  /// Every pixel starts with the same sums.
  init(_ start: Channels)
  /// Adds one step; `stride` bytes lie between the inputs of neighbouring pixels.
  mutating func accumulate(_ input: UnsafeRawPointer, _ stride: Int, _ weights: Channels)
  /// Vector by vector, what `merge` makes of these sums and the other's.
  func merged(_ other: Self, _ merge: (Vector, Vector) -> Vector) -> Self
  func store<S: SumStore>(to target: S, firstPixel: Int) where S.Sums == Vector
}

extension Tile {
  /// The sums in memory: vectors of channels, pixel by pixel.
  @inlinable @inline(__always)
  public func withSums(_ body: (UnsafeRawPointer) -> Void) {
    withUnsafeBytes(of: self) { body($0.baseAddress!) }
  }
}

/// A pixel whose input is broadcast: each lane is an output channel.
public struct Pixel<Channels: ChannelBlock>: Tile {
  public typealias Leaf = Self
  @usableFromInline var sums: Channels

  @inlinable @inline(__always)
  public static var pixels: Int { 1 }

  @inlinable @inline(__always)
  public static var stepBytes: Int { MemoryLayout<Vector.Scalar>.size }

  @inlinable @inline(__always)
  public init(_ start: Channels) { sums = start }

  @inlinable @inline(__always)
  public mutating func accumulate(_ input: UnsafeRawPointer, _ stride: Int, _ weights: Channels) {
    sums.accumulate(Vector(repeating: input.loadUnaligned(as: Vector.Scalar.self)), weights)
  }

  @inlinable @inline(__always)
  public func merged(_ other: Pixel, _ merge: (Vector, Vector) -> Vector) -> Pixel {
    Pixel(sums.merged(other.sums, merge))
  }

  @inlinable @inline(__always)
  public func store<S: SumStore>(to target: S, firstPixel: Int) where S.Sums == Vector {
    sums.store(to: target, pixel: firstPixel, firstIndex: 0)
  }
}

/// A pixel with a whole vector for each output channel: the lanes are input channels, to be added up at the end.
public struct DotPixel<Channels: ChannelBlock>: Tile {
  public typealias Leaf = Self
  @usableFromInline var sums: Channels

  @inlinable @inline(__always)
  public static var pixels: Int { 1 }

  @inlinable @inline(__always)
  public static var stepBytes: Int { MemoryLayout<Vector>.size }

  @inlinable @inline(__always)
  public init(_ start: Channels) { sums = start }

  @inlinable @inline(__always)
  public mutating func accumulate(_ input: UnsafeRawPointer, _ stride: Int, _ weights: Channels) {
    sums.accumulate(input.loadUnaligned(as: Vector.self), weights)
  }

  @inlinable @inline(__always)
  public func merged(_ other: DotPixel, _ merge: (Vector, Vector) -> Vector) -> DotPixel {
    DotPixel(sums.merged(other.sums, merge))
  }

  @inlinable @inline(__always)
  public func store<S: SumStore>(to target: S, firstPixel: Int) where S.Sums == Vector {
    sums.store(to: target, pixel: firstPixel, firstIndex: 0)
  }
}

public struct Twice<Part: Tile>: Tile {
  public typealias Channels = Part.Channels
  public typealias Leaf = Part.Leaf
  @usableFromInline var first: Part
  @usableFromInline var second: Part

  @inlinable @inline(__always)
  public static var pixels: Int { 2 * Part.pixels }

  @inlinable @inline(__always)
  public static var stepBytes: Int { Part.stepBytes }

  @inlinable @inline(__always)
  public init(_ first: Part, _ second: Part) {
    self.first = first
    self.second = second
  }

  @inlinable @inline(__always)
  public init(_ start: Channels) {
    first = Part(start)
    second = first
  }

  @inlinable @inline(__always)
  public mutating func accumulate(_ input: UnsafeRawPointer, _ stride: Int, _ weights: Channels) {
    first.accumulate(input, stride, weights)
    second.accumulate(input + Part.pixels * stride, stride, weights)
  }

  @inlinable @inline(__always)
  public func merged(_ other: Twice, _ merge: (Vector, Vector) -> Vector) -> Twice {
    Twice(first.merged(other.first, merge), second.merged(other.second, merge))
  }

  @inlinable @inline(__always)
  public func store<S: SumStore>(to target: S, firstPixel: Int) where S.Sums == Vector {
    first.store(to: target, firstPixel: firstPixel)
    second.store(to: target, firstPixel: firstPixel + Part.pixels)
  }
}

public struct Thrice<Part: Tile>: Tile {
  public typealias Channels = Part.Channels
  public typealias Leaf = Part.Leaf
  @usableFromInline var first: Twice<Part>
  @usableFromInline var second: Part

  @inlinable @inline(__always)
  public static var pixels: Int { 3 * Part.pixels }

  @inlinable @inline(__always)
  public static var stepBytes: Int { Part.stepBytes }

  @inlinable @inline(__always)
  init(_ first: Twice<Part>, _ second: Part) {
    self.first = first
    self.second = second
  }

  @inlinable @inline(__always)
  public init(_ start: Channels) {
    first = Twice(start)
    second = Part(start)
  }

  @inlinable @inline(__always)
  public mutating func accumulate(_ input: UnsafeRawPointer, _ stride: Int, _ weights: Channels) {
    first.accumulate(input, stride, weights)
    second.accumulate(input + 2 * Part.pixels * stride, stride, weights)
  }

  @inlinable @inline(__always)
  public func merged(_ other: Thrice, _ merge: (Vector, Vector) -> Vector) -> Thrice {
    Thrice(first.merged(other.first, merge), second.merged(other.second, merge))
  }

  @inlinable @inline(__always)
  public func store<S: SumStore>(to target: S, firstPixel: Int) where S.Sums == Vector {
    first.store(to: target, firstPixel: firstPixel)
    second.store(to: target, firstPixel: firstPixel + 2 * Part.pixels)
  }
}
