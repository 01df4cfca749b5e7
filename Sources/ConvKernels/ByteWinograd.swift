import KernelInterface
import RegisterTiles
import VectorIntrinsics

// Convolution of bytes by `ByteWinogradTransform`: tiles of 2x2 output pixels from 4x4 input pixels. What is multiplied stays
// in bytes, four a lane, and the sums never leave their registers: a tile of accumulators passes through four bases, from the
// points 1 and -1 in both directions to the pixels, and takes the products of four points in each.

/// Tiles of 2x2 outputs, times vectors of output channels: four of each are accumulated.
#if AVX512 || AVX512HALF
  private typealias WidestSums = Twice<Pixel<Three<ByteArithmetic>>>
  private typealias WideSums = Thrice<Pixel<Two<ByteArithmetic>>>
  private typealias SlimSums = Twice<Thrice<Pixel<One<ByteArithmetic>>>>
#else
  private typealias WidestSums = Pixel<Three<ByteArithmetic>>
  private typealias WideSums = Pixel<Two<ByteArithmetic>>
  private typealias SlimSums = Twice<Pixel<One<ByteArithmetic>>>
#endif

private let points = 16
/// Input channels that are transformed at a time.
private typealias Channels = SIMD32<UInt8>

/// Where the products at a point have their place: the basis, times four, and which of its sums they are added to.
@inline(__always)
private func place(_ row: Int, _ column: Int) -> Int {
  let isInner = (row % 3 != 0, column % 3 != 0)
  let basis = isInner.0 ? (isInner.1 ? 0 : 3) : (isInner.1 ? 1 : 2)
  return 4 * basis + (row < 2 ? 0 : 1) + (column < 2 ? 0 : 2)
}

extension ConvolutionShape {
  /// Bytes that the transformed inputs of a tile take at one point.
  fileprivate var pointBytes: Int {
    (inputChannels + Channels.scalarCount - 1) / Channels.scalarCount * Channels.scalarCount
  }

  /// Bytes from the transformed inputs of a tile to those of the next.
  fileprivate var tileBytes: Int { points * pointBytes }

  /// Tiles that are transformed at a time: as many as stay in a first-level cache.
  fileprivate var tileCount: Int { max(1, (12 << 10) / (tileBytes * 6)) * 6 }

  /// Number of output channels of the block that starts at `channel`.
  fileprivate func blockOutputs(at channel: Int) -> Int {
    let left = (paddedOutputs - channel) / Integers.scalarCount
    #if AVX512HALF
      return (left >= 3 ? 3 : left) * Integers.scalarCount
    #else
      return (left == 2 ? 2 : 1) * Integers.scalarCount
    #endif
  }

  /// Bytes of the transformed weights.
  fileprivate var transformedBytes: Int { points * paddedInputs * paddedOutputs }
}

// MARK: - Packing

@Sendable
func byteWinogradPackedBytes(_ shape: ConvolutionShape) -> Int { shape.transformedBytes + 4 * 4 * shape.paddedOutputs }

/// Order: blocks of output channels, bases, groups of four input channels, points of the basis, channels of the block, the
/// group. Channels that do not exist have zero weights. Behind all, for blocks of output channels and the points of the first
/// basis, what the sums of the block's channels start from, less the bias: so that what the inputs' offset adds to them is
/// taken away.
@Sendable
func packByteWinograd(
  _ shape: ConvolutionShape, _ weights: UnsafePointer<Int8>, _ packed: UnsafeMutableRawPointer
) {
  packed.initializeMemory(as: UInt8.self, repeating: 0, count: byteWinogradPackedBytes(shape))
  let allStarts = (packed + shape.transformedBytes).assumingMemoryBound(to: Int32.self)
  var channel = 0
  while channel < shape.outputChannels {
    let lanes = shape.blockOutputs(at: channel)
    for lane in 0..<min(lanes, shape.outputChannels - channel) {
      let filter = weights + 9 * shape.inputChannels * (channel + lane)
      packTransformed(shape, filter, to: packed + (points * shape.paddedInputs * channel + 4 * lane), lanes: lanes)
      let values = starts(shape, filter)
      for point in values.indices { allStarts[4 * channel + point * lanes + lane] = values[point] }
    }
    channel += lanes
  }
}

/// G g G^T of one output channel's filters, in a block of `lanes` channels.
private func packTransformed(
  _ shape: ConvolutionShape, _ filter: UnsafePointer<Int8>, to first: UnsafeMutableRawPointer, lanes: Int
) {
  let inputs = shape.inputChannels
  let pointBytes = 4 * lanes
  let basisBytes = shape.paddedInputs * pointBytes
  var input = 0
  while input < inputs {
    let count = min(Shorts.scalarCount, inputs - input)
    @inline(__always)
    func tap(_ row: Int, _ column: Int) -> Shorts {
      signedShorts(filter + ((3 * row + column) * inputs + input), upTo: count)
    }
    @inline(__always)
    func store(_ row: Int, _ a: Shorts, _ b: Shorts, _ c: Shorts) {
      let values = transformedFilter(a, b, c)
      @inline(__always)
      func store(_ column: Int, _ values: Shorts) {
        let place = place(row, column)
        let bytes = byte_of_short(values)
        var target = first + (place / 4 * basisBytes + (input * pointBytes + place % 4 * pointBytes))
        withUnsafeBytes(of: bytes) { bytes in
          for group in stride(from: 0, to: count, by: 4) {
            target.copyMemory(from: bytes.baseAddress! + group, byteCount: 4)
            target += 4 * pointBytes
          }
        }
      }
      store(0, values.0)
      store(1, values.1)
      store(2, values.2)
      store(3, values.3)
    }
    let a = transformedFilter(tap(0, 0), tap(1, 0), tap(2, 0))
    let b = transformedFilter(tap(0, 1), tap(1, 1), tap(2, 1))
    let c = transformedFilter(tap(0, 2), tap(1, 2), tap(2, 2))
    store(0, a.0, b.0, c.0)
    store(1, a.1, b.1, c.1)
    store(2, a.2, b.2, c.2)
    store(3, a.3, b.3, c.3)
    input += count
  }
}

/// G g.
@inline(__always)
private func transformedFilter(_ a: Shorts, _ b: Shorts, _ c: Shorts) -> (Shorts, Shorts, Shorts, Shorts) {
  let outer = a &+ c
  return (a, outer &+ b, outer &- b, Shorts.zero &- c)
}

/// What the sums of an output channel start from in the first basis. The transform is linear: of the sum over the channels it
/// is the sum of theirs.
private func starts(_ shape: ConvolutionShape, _ filter: UnsafePointer<Int8>) -> SIMD4<Int32> {
  func taps(_ row: Int) -> SIMD4<Int32> {
    func tap(_ column: Int) -> Int32 {
      let first = (3 * row + column) * shape.inputChannels
      return (first..<first + shape.inputChannels).reduce(0) { $0 + Int32(filter[$1]) }
    }
    return SIMD4(tap(0), tap(1), tap(2), 0)
  }
  /// G g of a row.
  func transformed(_ g: SIMD4<Int32>) -> SIMD4<Int32> { SIMD4(g[0], g[0] + g[2] + g[1], g[0] + g[2] - g[1], -g[2]) }
  let (a, b, c) = (taps(0), taps(1), taps(2))
  let (first, last) = (transformed(a), transformed(-1 &* c))
  // Only at the points 1 and 1 there is no offset.
  let positive = transformed(a &+ c &+ b).replacing(with: 0, where: SIMDMask([false, true, false, false]))
  let negative = transformed(a &+ c &- b)
  /// What the offsets add to one of the four pixels.
  func excess(_ y: SIMD4<Int32>, _ x: SIMD4<Int32>) -> Int32 {
    let row = y[0] &* first &+ y[1] &* positive &+ y[2] &* negative &+ y[3] &* last
    return (row &* x).wrappedSum() * Int32(ByteWinogradTransform.offset / 4)
  }
  let (top, bottom) = (doubledOutput[0], doubledOutput[1])
  let (k00, k01) = (excess(top, top), excess(top, bottom))
  let (k10, k11) = (excess(bottom, top), excess(bottom, bottom))
  return -1 &* SIMD4(k00 + k01 + k10 + k11, k00 + k01 - k10 - k11, k00 - k01 + k10 - k11, k00 - k01 - k10 + k11)
}

private let doubledOutput = ByteWinogradTransform.doubledOutput.map { SIMD4<Int32>($0.map { Int32($0) }) }

@Sendable
func byteWinogradScratchBytes(_ shape: ConvolutionShape) -> Int { Scratch(shape).byteCount }

/// How the scratch memory is divided.
private struct Scratch {
  /// The transformed inputs of some tiles come first.
  let inputBytes: Int
  let outputs: Int

  init(_ shape: ConvolutionShape) {
    inputBytes = shape.tileBytes * shape.tileCount
    outputs = shape.paddedOutputs
  }

  /// What the sums start from: block by block, four values an output channel.
  var starts: Int { inputBytes }
  var multipliers: Int { starts + 16 * outputs }
  /// As `Requantization` needs it for the largest block.
  var store: Int { multipliers + 4 * outputs }
  var byteCount: Int { store + 8 * outputs }
}

// MARK: - Loops

@Sendable
func convolveByteWinograd(_ convolution: QuantizedConvolution, _ scratch: UnsafeMutableRawPointer, _ rows: Range<Int>) {
  let shape = convolution.shape
  prepare(convolution, scratch)
  withUnsafePointer(to: convolution) { convolution in
    let columns = (convolution.pointee.output.width + 1) / 2
    for y in stride(from: rows.lowerBound & ~1, to: rows.upperBound, by: 2) {
      var first = 0
      while first < columns {
        let tiles = first..<min(first + shape.tileCount, columns)
        transformInputs(convolution.pointee.input, shape, y, tiles, scratch)
        var channel = 0
        while channel < shape.outputChannels {
          let (lanes, pair) = (shape.blockOutputs(at: channel), rows.clamped(to: y..<y + 2))
          switch lanes / Integers.scalarCount {
          case 1: multiply(SlimSums.self, convolution, scratch, channel, pair, tiles)
          case 2: multiply(WideSums.self, convolution, scratch, channel, pair, tiles)
          default: multiply(WidestSums.self, convolution, scratch, channel, pair, tiles)
          }
          channel += lanes
        }
        first = tiles.upperBound
      }
    }
  }
  if convolution.activation == .sigmoid, case .floats(let output) = convolution.output {
    map(output, output, .sigmoid, rows)
  }
}

/// Puts what all tiles share into the scratch memory.
private func prepare(_ convolution: QuantizedConvolution, _ scratch: UnsafeMutableRawPointer) {
  let (shape, parts) = (convolution.shape, Scratch(convolution.shape))
  let starts = (scratch + parts.starts).assumingMemoryBound(to: Int32.self)
  let multipliers = (scratch + parts.multipliers).assumingMemoryBound(to: Float.self)
  UnsafeMutableRawPointer(starts).copyMemory(
    from: convolution.packedWeights + shape.transformedBytes, byteCount: 16 * shape.paddedOutputs)
  multipliers.update(repeating: 0, count: shape.paddedOutputs)
  var channel = 0
  while channel < shape.outputChannels {
    let lanes = shape.blockOutputs(at: channel)
    for lane in 0..<min(lanes, shape.outputChannels - channel) {
      // Pixels come out doubled.
      multipliers[channel + lane] = convolution.multipliers[channel + lane] / 2
      starts[4 * channel + lane] += 4 * convolution.bias[channel + lane]
    }
    channel += lanes
  }
}

/// B^T d B of the tiles of two rows.
@inline(never)
private func transformInputs(
  _ input: QuantizedMap, _ shape: ConvolutionShape, _ y: Int, _ tiles: Range<Int>, _ scratch: UnsafeMutableRawPointer
) {
  // Pixels beyond the halo count for outputs only that do not exist: any will do.
  let last = min(y + 2, input.height)
  let (row0, row1, row2, row3) = (
    UnsafeRawPointer(input.pixel(y - 1, 0)), UnsafeRawPointer(input.pixel(y, 0)),
    UnsafeRawPointer(input.pixel(min(y + 1, input.height), 0)), UnsafeRawPointer(input.pixel(last, 0))
  )
  let pointBytes = shape.pointBytes
  let offset = Channels(repeating: UInt8(ByteWinogradTransform.offset))
  for channel in stride(from: 0, to: shape.inputChannels, by: Channels.scalarCount) {
    @inline(__always)
    func column(_ x: Int) -> (Channels, Channels, Channels, Channels) {
      let at = min(x, input.width) * input.pixelStride + channel
      return transformed(
        (row0 + at).loadUnaligned(as: Channels.self), (row1 + at).loadUnaligned(as: Channels.self),
        (row2 + at).loadUnaligned(as: Channels.self), (row3 + at).loadUnaligned(as: Channels.self))
    }
    var target = scratch + channel
    var (a, b) = (column(2 * tiles.lowerBound - 1), column(2 * tiles.lowerBound))
    for tile in tiles {
      let (c, d) = (column(2 * tile + 1), column(2 * tile + 2))
      @inline(__always)
      func store(_ row: Int, _ a: Channels, _ b: Channels, _ c: Channels, _ d: Channels) {
        let shifted = b &+ offset
        (target + place(row, 0) * pointBytes).storeBytes(of: (a &+ offset) &- c, as: Channels.self)
        (target + place(row, 1) * pointBytes).storeBytes(of: (row == 1 ? b : shifted) &+ c, as: Channels.self)
        (target + place(row, 2) * pointBytes).storeBytes(of: (c &+ offset) &- b, as: Channels.self)
        (target + place(row, 3) * pointBytes).storeBytes(of: shifted &- d, as: Channels.self)
      }
      store(0, a.0, b.0, c.0, d.0)
      store(1, a.1, b.1, c.1, d.1)
      store(2, a.2, b.2, c.2, d.2)
      store(3, a.3, b.3, c.3, d.3)
      (a, b) = (c, d)
      target += shape.tileBytes
    }
  }
}

/// B^T d.
@inline(__always)
private func transformed(
  _ d0: Channels, _ d1: Channels, _ d2: Channels, _ d3: Channels
) -> (Channels, Channels, Channels, Channels) {
  (d0 &- d2, d1 &+ d2, d2 &- d1, d1 &- d3)
}

/// Makes the output channels of one block of the tiles of two rows, of which `rows` are asked for.
private func multiply<Main: Tile>(
  _ main: Main.Type, _ convolution: UnsafePointer<QuantizedConvolution>, _ scratch: UnsafeMutableRawPointer,
  _ channel: Int, _ rows: Range<Int>, _ tiles: Range<Int>
) where Main.Vector == Integers {
  let (shape, parts) = (convolution.pointee.shape, Scratch(convolution.pointee.shape))
  let lanes = Main.Channels.vectors * Integers.scalarCount
  let block = TileBlock<Main.Leaf>(
    inputs: scratch, tileBytes: shape.tileBytes, pointBytes: shape.pointBytes, steps: shape.paddedInputs / 4,
    weights: convolution.pointee.packedWeights + points * channel * shape.paddedInputs,
    starts: scratch + (parts.starts + 16 * channel),
    output: Requantization(
      convolution: convolution, channel: channel, valid: min(lanes, shape.outputChannels - channel),
      multipliers: (scratch + (parts.multipliers + 4 * channel)).assumingMemoryBound(to: Float.self),
      scratch: (scratch + parts.store).assumingMemoryBound(to: Int32.self), columnStep: 2),
    rows: rows, first: tiles.lowerBound, width: convolution.pointee.output.width)
  // Of an odd width's last tile the right half does not exist.
  let whole = min(tiles.count, block.width / 2 - tiles.lowerBound)
  let y = rows.lowerBound & ~1
  block.makeRow(Main.self, y, width: whole)
  if whole < tiles.count { block.make(Main.Leaf.self, y, whole) }
}

/// A block of output channels of some tiles.
private struct TileBlock<Leaf: Tile>: TileMaker where Leaf.Leaf == Leaf, Leaf.Vector == Integers {
  let inputs: UnsafeRawPointer
  let tileBytes: Int
  let pointBytes: Int
  let steps: Int
  let weights: UnsafeRawPointer
  let starts: UnsafeRawPointer
  let output: Requantization
  let rows: Range<Int>
  /// The first of the tiles that are worked on.
  let first: Int
  /// Of the output.
  let width: Int

  @inline(never)
  func make<T: Tile>(_ type: T.Type, _ y: Int, _ tile: Int) where T.Leaf == Leaf {
    var sums = FourSums<T>(starts)
    let inputs = inputs + tileBytes * tile
    var weights = weights
    @inline(__always)
    func accumulate(_ basis: Int) {
      sums.accumulate(inputs + 4 * basis * pointBytes, pointBytes, tileBytes, steps, &weights)
    }
    accumulate(0)
    sums.leaveRows()
    accumulate(1)
    sums.leaveColumns()
    accumulate(2)
    sums.turnRows()
    accumulate(3)
    sums.turnRows()
    let x = 2 * (first + tile)
    if rows.contains(y) {
      output.store(sums.a, y, x)
      if x + 1 < width { output.store(sums.c, y, x + 1) }
    }
    if rows.contains(y + 1) {
      output.store(sums.b, y + 1, x)
      if x + 1 < width { output.store(sums.d, y + 1, x + 1) }
    }
  }
}

/// Four sums for each tile.
private struct FourSums<T: Tile> where T.Vector == Integers {
  var a: T
  var b: T
  var c: T
  var d: T

  @inline(__always)
  init(_ starts: UnsafeRawPointer) {
    a = T(T.Channels(loading: starts))
    b = T(T.Channels(loading: starts + T.Channels.bytes))
    c = T(T.Channels(loading: starts + 2 * T.Channels.bytes))
    d = T(T.Channels(loading: starts + 3 * T.Channels.bytes))
  }

  /// Adds the products at four points.
  @inline(__always)
  mutating func accumulate(
    _ inputs: UnsafeRawPointer, _ pointBytes: Int, _ stride: Int, _ steps: Int, _ weights: inout UnsafeRawPointer
  ) {
    var (p0, p1, p2, p3) = (inputs, inputs + pointBytes, inputs + 2 * pointBytes, inputs + 3 * pointBytes)
    var left = steps
    repeat {
      a.accumulate(p0, stride, T.Channels(loading: weights))
      b.accumulate(p1, stride, T.Channels(loading: weights + T.Channels.bytes))
      c.accumulate(p2, stride, T.Channels(loading: weights + 2 * T.Channels.bytes))
      d.accumulate(p3, stride, T.Channels(loading: weights + 3 * T.Channels.bytes))
      weights += 4 * T.Channels.bytes
      p0 += 4
      p1 += 4
      p2 += 4
      p3 += 4
      left -= 1
    } while left > 0
  }

  /// From the points 1 and -1 of the rows to the rows; the halves are exact.
  @inline(__always)
  mutating func leaveRows() {
    (a, b) = (a.merged(b) { ($0 &+ $1) &>> 1 }, a.merged(b) { ($0 &- $1) &>> 1 })
    (c, d) = (c.merged(d) { ($0 &+ $1) &>> 1 }, c.merged(d) { ($0 &- $1) &>> 1 })
  }

  /// The same of the columns.
  @inline(__always)
  mutating func leaveColumns() {
    (a, c) = (a.merged(c) { ($0 &+ $1) &>> 1 }, a.merged(c) { ($0 &- $1) &>> 1 })
    (b, d) = (b.merged(d) { ($0 &+ $1) &>> 1 }, b.merged(d) { ($0 &- $1) &>> 1 })
  }

  /// Between the rows and their points 1 and -1, either way, doubled.
  @inline(__always)
  mutating func turnRows() {
    (a, b) = (a.merged(b) { $0 &+ $1 }, a.merged(b) { $0 &- $1 })
    (c, d) = (c.merged(d) { $0 &+ $1 }, c.merged(d) { $0 &- $1 })
  }
}
