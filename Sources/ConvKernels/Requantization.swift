import KernelInterface
import RegisterTiles
import VectorIntrinsics

// From the sums of a convolution of bytes to its results, as `QuantizedConvolution` says.

extension QuantizedConvolution {
  /// Lends the biases and the requantisation of `lanes` output channels from `channel` on, zeros for those that do not
  /// exist.
  @inline(__always)
  func withRequantization(
    _ channel: Int, lanes: Int, _ body: (_ biases: UnsafePointer<Int32>, _ output: Requantization) -> Void
  ) {
    let valid = min(lanes, shape.outputChannels - channel)
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 4 * lanes) { memory in
      let biases = memory.baseAddress!
      let multipliers = UnsafeMutableRawPointer(biases + lanes).assumingMemoryBound(to: Float.self)
      for lane in 0..<lanes {
        biases[lane] = lane < valid ? bias[channel + lane] : 0
        multipliers[lane] = lane < valid ? self.multipliers[channel + lane] : 0
      }
      withUnsafePointer(to: self) { convolution in
        body(
          biases,
          Requantization(
            convolution: convolution, channel: channel, valid: valid, multipliers: multipliers,
            scratch: biases + 2 * lanes))
      }
    }
  }
}

struct Requantization {
  /// A pointer, as copies of it would be made where all registers hold sums.
  let convolution: UnsafePointer<QuantizedConvolution>
  /// The first of its output channels.
  let channel: Int
  /// Channels that exist: those beyond, made with zero weights, must not be stored.
  let valid: Int
  /// One value a lane.
  let multipliers: UnsafePointer<Float>
  /// Takes the results and the addend where not all lanes are stored: two values a lane.
  let scratch: UnsafeMutablePointer<Int32>
  /// Columns from a pixel of a tile to the next.
  var columnStep = 1

  /// Stores a tile whose first pixel is (y, x).
  @inline(__always)
  func store<T: Tile>(_ tile: T, _ y: Int, _ x: Int) where T.Vector == Integers {
    let lanes = T.Channels.vectors * Integers.scalarCount
    if valid < lanes {
      tile.withSums { sums in
        for pixel in 0..<T.pixels {
          store(sums + 4 * pixel * lanes, vectors: T.Channels.vectors, pixels: 1, y, x + pixel * columnStep)
        }
      }
      return
    }
    if let addend = addend(y, x) { store(tile, y, x, addend) } else { store(tile, y, x, NoAddend()) }
  }

  @inline(__always)
  private func store<T: Tile, A: Added>(_ tile: T, _ y: Int, _ x: Int, _ addend: A) where T.Vector == Integers {
    switch (convolution.pointee.output, convolution.pointee.halfStride) {
    case (.bytes(let map), nil) where map.zeroPoint == 0:
      if map.largest == 255 {
        tile.store(to: positiveBytes(map, y, x, addend, NoLimit()), firstPixel: 0)
      } else {
        tile.store(to: positiveBytes(map, y, x, addend, Limit(largest: map.largest)), firstPixel: 0)
      }
    case (.bytes(let map), nil): tile.store(to: bytes(map, y, x, addend), firstPixel: 0)
    case (.floats(let map), nil): tile.store(to: floats(map, y, x, addend), firstPixel: 0)
    case (.bytes(let map), let halfStride?):
      tile.store(to: shuffled(bytes(map, y, x, addend), halfStride), firstPixel: 0)
    case (.floats(let map), let halfStride?):
      tile.store(to: shuffled(floats(map, y, x, addend), halfStride), firstPixel: 0)
    }
  }

  @inline(__always)
  private func shuffled<Store: HalvesStore>(_ store: Store, _ halfStride: Int) -> ShuffledStore<Store> {
    ShuffledStore(store: store, shape: convolution.pointee.shape, halfStride: halfStride, channel: channel)
  }

  @inline(__always)
  private func positiveBytes<A: Added, L: Limiting>(
    _ map: QuantizedMap, _ y: Int, _ x: Int, _ addend: A, _ limit: L
  ) -> PositiveByteStore<A, L> {
    PositiveByteStore(
      target: map.pixel(y, x) + channel, stride: map.pixelStride * columnStep, multipliers: multipliers, addend: addend,
      limit: limit)
  }

  @inline(__always)
  private func bytes<A: Added>(_ map: QuantizedMap, _ y: Int, _ x: Int, _ addend: A) -> ByteStore<A> {
    ByteStore(
      target: map.pixel(y, x) + channel, stride: map.pixelStride * columnStep, multipliers: multipliers, addend: addend,
      map: map, activation: convolution.pointee.activation)
  }

  @inline(__always)
  private func floats<A: Added>(_ map: FeatureMap, _ y: Int, _ x: Int, _ addend: A) -> FloatStore<A> {
    FloatStore(
      target: map.pixel(y, x) + channel, stride: map.pixelStride * columnStep, multipliers: multipliers, addend: addend,
      activation: convolution.pointee.activation)
  }

  @inline(__always)
  private func addend(_ y: Int, _ x: Int) -> Addend? {
    convolution.pointee.addend.map {
      Addend(
        source: $0.pixel(y, x) + channel, stride: $0.pixelStride * columnStep, zero: Float($0.zeroPoint),
        scale: $0.scale / convolution.pointee.output.scale)
    }
  }

  /// Stores the valid channels of the pixels that share the given vectors of sums.
  @inline(__always)
  func store(_ sums: UnsafeRawPointer, vectors: Int, pixels: Int, _ y: Int, _ x: Int) {
    let lanes = vectors * Integers.scalarCount
    // Lanes from one pixel to the next.
    let step = pixels == 1 ? lanes : 4
    guard var addend = addend(y, x) else { return store(sums, vectors, pixels, step, y, x, NoAddend()) }
    let gathered = UnsafeMutableRawPointer(scratch + lanes).assumingMemoryBound(to: UInt8.self)
    for pixel in 0..<pixels {
      copy(valid, from: addend.source + pixel * addend.stride, to: gathered + pixel * step)
    }
    addend.source = gathered
    store(sums, vectors, pixels, step, y, x, addend)
  }

  @inline(__always)
  private func store<A: Added>(
    _ sums: UnsafeRawPointer, _ vectors: Int, _ pixels: Int, _ step: Int, _ y: Int, _ x: Int, _ addend: A
  ) {
    switch convolution.pointee.output {
    case .bytes(let map):
      var store = bytes(map, y, x, addend)
      store.target = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: UInt8.self)
      for index in 0..<vectors { store.store(load(sums, index), pixel: 0, index: index) }
      for pixel in 0..<pixels {
        copy(valid, from: store.target + pixel * step, to: map.pixel(y, x + pixel) + channel)
      }
    case .floats(let map):
      var store = floats(map, y, x, addend)
      store.target = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: Float.self)
      for index in 0..<vectors { store.store(load(sums, index), pixel: 0, index: index) }
      for pixel in 0..<pixels {
        copy(valid, from: store.target + pixel * step, to: map.pixel(y, x + pixel) + channel)
      }
    }
  }

  @inline(__always)
  private func load(_ sums: UnsafeRawPointer, _ index: Int) -> Integers {
    (sums + index * MemoryLayout<Integers>.size).loadUnaligned(as: Integers.self)
  }
}

/// A call for a few values would cost more than the values.
@inline(__always)
private func copy<Value>(
  _ count: Int, from source: UnsafeMutablePointer<Value>, to target: UnsafeMutablePointer<Value>
) {
  guard count <= 4 else { return target.update(from: source, count: count) }
  if count > 0 { target[0] = source[0] }
  if count > 1 { target[1] = source[1] }
  if count > 2 { target[2] = source[2] }
  if count > 3 { target[3] = source[3] }
}

/// What is added to a tile's scaled sums, known to the compiler: a question asked at every vector costs as much as an answer.
private protocol Added {
  func added(to values: Vector, _ pixel: Int, _ lane: Int) -> Vector
}

private struct NoAddend: Added {
  @inline(__always)
  func added(to values: Vector, _ pixel: Int, _ lane: Int) -> Vector { values }
}

/// The addend of a tile.
private struct Addend: Added {
  var source: UnsafeMutablePointer<UInt8>
  let stride: Int
  let zero: Float
  let scale: Float

  @inline(__always)
  func added(to values: Vector, _ pixel: Int, _ lane: Int) -> Vector {
    let bytes = UnsafeRawPointer(source + (pixel * stride + lane)).loadUnaligned(as: Bytes.self)
    return values + (float_of_int(int_of_byte(bytes)) - Vector(repeating: zero)) * Vector(repeating: scale)
  }
}

@inline(__always)
private func scaled<A: Added>(
  _ sums: Integers, _ pixel: Int, _ lane: Int, _ multipliers: UnsafePointer<Float>, _ addend: A
) -> Vector {
  addend.added(to: float_of_int(sums) * Vector(loading: multipliers + lane), pixel, lane)
}

private struct ByteStore<Addition: Added>: SumStore, HalvesStore {
  var target: UnsafeMutablePointer<UInt8>
  let stride: Int
  let multipliers: UnsafePointer<Float>
  let addend: Addition
  /// The least and the largest value, before the zero point is added.
  let least: Float
  let largest: Float
  /// Added to a value, 1.5 * 2^23 plus the zero point leaves the nearest integer in the low bits.
  let shift: Float

  @inline(__always)
  init(
    target: UnsafeMutablePointer<UInt8>, stride: Int, multipliers: UnsafePointer<Float>, addend: Addition,
    map: QuantizedMap, activation: Activation
  ) {
    self.target = target
    self.stride = stride
    self.multipliers = multipliers
    self.addend = addend
    let zero = Float(map.zeroPoint)
    least = activation == .relu ? 0 : -zero
    largest = Float(map.largest) - zero
    shift = 12_582_912 + zero
  }

  @inline(__always)
  func store(_ sums: Integers, pixel: Int, index: Int) {
    UnsafeMutableRawPointer(target + (pixel * stride + index * Integers.scalarCount)).storeBytes(
      of: bytes(sums, pixel, index), as: Bytes.self)
  }

  @inline(__always)
  func storeHalves(_ sums: Integers, pixel: Int, index: Int, low: Int, high: Int) {
    let (bytes, target) = (bytes(sums, pixel, index), UnsafeMutableRawPointer(target + pixel * stride))
    (target + low).storeBytes(of: bytes.lowHalf, as: type(of: bytes.lowHalf))
    (target + high).storeBytes(of: bytes.highHalf, as: type(of: bytes.highHalf))
  }

  @inline(__always)
  private func bytes(_ sums: Integers, _ pixel: Int, _ index: Int) -> Bytes {
    let lane = index * Integers.scalarCount
    let value = maximum(scaled(sums, pixel, lane, multipliers, addend), Vector(repeating: least))
    let shifted = minimum(value, Vector(repeating: largest)) + Vector(repeating: shift)
    return low_bytes(unsafeBitCast(shifted, to: Integers.self))
  }
}

/// The largest byte of a map, known to the compiler if it is the largest of all.
private protocol Limiting {
  func limited(_ bytes: Bytes) -> Bytes
}

private struct NoLimit: Limiting {
  @inline(__always)
  func limited(_ bytes: Bytes) -> Bytes { bytes }
}

private struct Limit: Limiting {
  let largest: UInt8

  @inline(__always)
  func limited(_ bytes: Bytes) -> Bytes { smaller_bytes(bytes, Bytes(repeating: largest)) }
}

/// What `ByteStore` does where the zero point is 0, as it is after ReLU: fewer instructions for the same bits.
private struct PositiveByteStore<Addition: Added, Limits: Limiting>: SumStore {
  let target: UnsafeMutablePointer<UInt8>
  let stride: Int
  let multipliers: UnsafePointer<Float>
  let addend: Addition
  let limit: Limits

  @inline(__always)
  func store(_ sums: Integers, pixel: Int, index: Int) {
    let lane = index * Integers.scalarCount
    let value = scaled(sums, pixel, lane, multipliers, addend)
    UnsafeMutableRawPointer(target + (pixel * stride + lane)).storeBytes(
      of: limit.limited(nearest_bytes(maximum(value, Vector(repeating: 0)))), as: Bytes.self)
  }
}

/// Stores the halves of a vector of channels apart.
private protocol HalvesStore {
  /// Stores both at their offsets from the pixel's first channel.
  func storeHalves(_ sums: Integers, pixel: Int, index: Int, low: Int, high: Int)
}

/// Stores vectors of channels whose pixel's second half lies a row further, none of which lies on both sides of its middle.
private struct ShuffledStore<Store: HalvesStore>: SumStore {
  let store: Store
  let shape: ConvolutionShape
  let halfStride: Int
  /// The block's first channel, from which on offsets count.
  let channel: Int

  @inline(__always)
  func store(_ sums: Integers, pixel: Int, index: Int) {
    func offset(_ lane: Int) -> Int {
      shape.offset(ofOutput: channel + index * Integers.scalarCount + lane, halfStride: halfStride) - channel
    }
    store.storeHalves(sums, pixel: pixel, index: index, low: offset(0), high: offset(Integers.scalarCount / 2))
  }
}

private struct FloatStore<Addition: Added>: SumStore, HalvesStore {
  var target: UnsafeMutablePointer<Float>
  let stride: Int
  let multipliers: UnsafePointer<Float>
  let addend: Addition
  let floor: Float

  @inline(__always)
  init(
    target: UnsafeMutablePointer<Float>, stride: Int, multipliers: UnsafePointer<Float>, addend: Addition,
    activation: Activation
  ) {
    self.target = target
    self.stride = stride
    self.multipliers = multipliers
    self.addend = addend
    floor = activation == .relu ? 0 : -.infinity
  }

  @inline(__always)
  func store(_ sums: Integers, pixel: Int, index: Int) {
    values(sums, pixel, index).store(to: target + (pixel * stride + index * Integers.scalarCount))
  }

  @inline(__always)
  func storeHalves(_ sums: Integers, pixel: Int, index: Int, low: Int, high: Int) {
    let (values, target) = (values(sums, pixel, index), target + pixel * stride)
    values.lowHalf.store(to: target + low)
    values.highHalf.store(to: target + high)
  }

  @inline(__always)
  private func values(_ sums: Integers, _ pixel: Int, _ index: Int) -> Vector {
    let lane = index * Integers.scalarCount
    return maximum(scaled(sums, pixel, lane, multipliers, addend), Vector(repeating: floor))
  }
}
