import KernelInterface
import VectorIntrinsics

// Dense convolution as a direct implicit GEMM. A tile of neighbouring output pixels times one or two vectors of output
// channels stays in registers while the loop runs over the kernel's taps and the input channels: each step loads the
// weights of the tile's channels once and multiplies them by the broadcast input of each pixel.
//
// The tile is a type, built from smaller tiles, so that the compiler unrolls it whole and gives every accumulator a
// register of its own. An output value is the same sequence of operations in any tile, hence the same bits wherever
// the row is cut.

// MARK: - Channels of a tile

/// The output channels of a tile: a few vectors.
protocol ChannelBlock {
  static var vectors: Int { get }
  init(loading pointer: UnsafePointer<Float>)
  mutating func accumulate(_ input: Vector, _ weights: Self)
}

/// Blocks whose lanes are output channels.
protocol StorableBlock: ChannelBlock {
  func store(to output: UnsafeMutablePointer<Float>, _ addend: UnsafePointer<Float>?, _ floor: Vector)
}

struct One: StorableBlock {
  var a: Vector

  @inline(__always) static var vectors: Int { 1 }

  @inline(__always)
  init(loading pointer: UnsafePointer<Float>) { a = Vector(loading: pointer) }

  @inline(__always)
  mutating func accumulate(_ input: Vector, _ weights: One) { a = multiply_add(a, input, weights.a) }

  @inline(__always)
  func store(to output: UnsafeMutablePointer<Float>, _ addend: UnsafePointer<Float>?, _ floor: Vector) {
    var a = a
    if let addend { a += Vector(loading: addend) }
    a.maximum(floor).store(to: output)
  }
}

struct Two: StorableBlock {
  var a: Vector
  var b: Vector

  @inline(__always) static var vectors: Int { 2 }

  @inline(__always)
  init(loading pointer: UnsafePointer<Float>) {
    a = Vector(loading: pointer)
    b = Vector(loading: pointer + Vector.scalarCount)
  }

  @inline(__always)
  mutating func accumulate(_ input: Vector, _ weights: Two) {
    a = multiply_add(a, input, weights.a)
    b = multiply_add(b, input, weights.b)
  }

  @inline(__always)
  func store(to output: UnsafeMutablePointer<Float>, _ addend: UnsafePointer<Float>?, _ floor: Vector) {
    var (a, b) = (a, b)
    if let addend {
      a += Vector(loading: addend)
      b += Vector(loading: addend + Vector.scalarCount)
    }
    a.maximum(floor).store(to: output)
    b.maximum(floor).store(to: output + Vector.scalarCount)
  }
}

struct Four: ChannelBlock {
  var low: Two
  var high: Two

  @inline(__always) static var vectors: Int { 4 }

  @inline(__always)
  init(loading pointer: UnsafePointer<Float>) {
    low = Two(loading: pointer)
    high = Two(loading: pointer + 2 * Vector.scalarCount)
  }

  @inline(__always)
  mutating func accumulate(_ input: Vector, _ weights: Four) {
    low.accumulate(input, weights.low)
    high.accumulate(input, weights.high)
  }
}

// MARK: - Pixels of a tile

/// Accumulators of neighbouring output pixels of a row.
protocol Tile {
  associatedtype Channels: ChannelBlock
  /// The tile of one pixel that this one is made of.
  associatedtype Leaf: Tile where Leaf.Leaf == Leaf
  static var pixels: Int { get }
  /// Output channels of each pixel.
  static var outputs: Int { get }
  /// Input channels that one step takes.
  static var inputs: Int { get }
  /// Every pixel starts at the bias.
  init(_ bias: Channels)
  /// Adds one input channel of one tap; `stride` floats lie between the inputs of neighbouring pixels.
  mutating func accumulate(_ input: UnsafePointer<Float>, _ stride: Int, _ weights: Channels)
  func store(_ target: Target)
}

/// Where a tile goes: the addend is added first, and nothing under `floor` is stored (0 is ReLU, -infinity nothing).
struct Target {
  var output: UnsafeMutablePointer<Float>
  var outputStride: Int
  var addend: UnsafePointer<Float>?
  var addendStride: Int
  var floor: Float

  @inline(__always)
  func advanced(by pixels: Int) -> Target {
    var target = self
    target.output += pixels * outputStride
    if let addend { target.addend = addend + pixels * addendStride }
    return target
  }
}

/// A pixel whose input is broadcast: each lane is an output channel.
struct Pixel<Channels: StorableBlock>: Tile {
  typealias Leaf = Self
  var sums: Channels

  @inline(__always) static var pixels: Int { 1 }
  @inline(__always) static var outputs: Int { Channels.vectors * Vector.scalarCount }
  @inline(__always) static var inputs: Int { 1 }

  @inline(__always)
  init(_ bias: Channels) { sums = bias }

  @inline(__always)
  mutating func accumulate(_ input: UnsafePointer<Float>, _ stride: Int, _ weights: Channels) {
    sums.accumulate(Vector(repeating: input[0]), weights)
  }

  @inline(__always)
  func store(_ target: Target) { sums.store(to: target.output, target.addend, Vector(repeating: target.floor)) }
}

/// A pixel with four output channels at most, a vector for each: the lanes are input channels, added up at the end.
struct DotPixel: Tile {
  typealias Leaf = Self
  var sums: Four

  @inline(__always) static var pixels: Int { 1 }
  @inline(__always) static var outputs: Int { 4 }
  @inline(__always) static var inputs: Int { Vector.scalarCount }

  @inline(__always)
  init(_ bias: Four) { sums = bias }

  @inline(__always)
  mutating func accumulate(_ input: UnsafePointer<Float>, _ stride: Int, _ weights: Four) {
    sums.accumulate(Vector(loading: input), weights)
  }

  @inline(__always)
  func store(_ target: Target) {
    var sum = SIMD4(
      sumOf: sums.low.a.folded, sums.low.b.folded, sums.high.a.folded, sums.high.b.folded)
    if let addend = target.addend { sum += SIMD4(loading: addend) }
    sum.maximum(SIMD4(repeating: target.floor)).store(to: target.output)
  }
}

struct Twice<Part: Tile>: Tile {
  typealias Leaf = Part.Leaf
  var first: Part
  var second: Part

  @inline(__always) static var pixels: Int { 2 * Part.pixels }
  @inline(__always) static var outputs: Int { Part.outputs }
  @inline(__always) static var inputs: Int { Part.inputs }

  @inline(__always)
  init(_ bias: Part.Channels) {
    first = Part(bias)
    second = first
  }

  @inline(__always)
  mutating func accumulate(_ input: UnsafePointer<Float>, _ stride: Int, _ weights: Part.Channels) {
    first.accumulate(input, stride, weights)
    second.accumulate(input + Part.pixels * stride, stride, weights)
  }

  @inline(__always)
  func store(_ target: Target) {
    first.store(target)
    second.store(target.advanced(by: Part.pixels))
  }
}

struct Thrice<Part: Tile>: Tile {
  typealias Leaf = Part.Leaf
  var first: Twice<Part>
  var second: Part

  @inline(__always) static var pixels: Int { 3 * Part.pixels }
  @inline(__always) static var outputs: Int { Part.outputs }
  @inline(__always) static var inputs: Int { Part.inputs }

  @inline(__always)
  init(_ bias: Part.Channels) {
    first = Twice(bias)
    second = Part(bias)
  }

  @inline(__always)
  mutating func accumulate(_ input: UnsafePointer<Float>, _ stride: Int, _ weights: Part.Channels) {
    first.accumulate(input, stride, weights)
    second.accumulate(input + 2 * Part.pixels * stride, stride, weights)
  }

  @inline(__always)
  func store(_ target: Target) {
    first.store(target)
    second.store(target.advanced(by: 2 * Part.pixels))
  }
}

// MARK: - Packing

extension ConvolutionShape {
  /// Input values of an output value.
  fileprivate var terms: Int { kernel * kernel * inputChannels }

  /// With so few outputs most lanes would idle, unless they are given to the inputs; adding lanes up at the end costs
  /// as much as some 8 steps.
  fileprivate var usesDots: Bool {
    outputChannels <= DotTile.outputs && DotTile.outputs < Vector.scalarCount
      && inputChannels % Vector.scalarCount == 0 && terms >= 8 * Vector.scalarCount
  }

  /// Output channels, filled up to whole vectors.
  fileprivate var paddedOutputs: Int {
    usesDots ? DotTile.outputs : (outputChannels + SlimTile.outputs - 1) / SlimTile.outputs * SlimTile.outputs
  }

  /// Number of output channels of the tile that makes those from `channel` on.
  fileprivate func blockOutputs(at channel: Int) -> Int { min(WideTile.outputs, paddedOutputs - channel) }
}

@Sendable
func packedCount(_ shape: ConvolutionShape) -> Int { shape.paddedOutputs * shape.terms }

/// Order: blocks of output channels, taps, input channels, channels of the block; with dots the input channels of a
/// vector are innermost. Channels that do not exist have zero weights.
@Sendable
func packConvolution(
  _ shape: ConvolutionShape, _ weights: UnsafePointer<Float>, _ packed: UnsafeMutablePointer<Float>
) {
  let group = shape.usesDots ? Vector.scalarCount : 1
  var next = packed
  var channel = 0
  while channel < shape.paddedOutputs {
    let outputs = shape.blockOutputs(at: channel)
    for firstTerm in stride(from: 0, to: shape.terms, by: group) {
      for output in channel..<channel + outputs {
        for term in firstTerm..<firstTerm + group {
          next[0] = output < shape.outputChannels ? weights[output * shape.terms + term] : 0
          next += 1
        }
      }
    }
    channel += outputs
  }
}

// MARK: - Loops

/// Output rows for which a block of weights is used before the next block: the input rows that they need stay in the
/// second-level cache until all blocks have seen them.
private let rowsPerPass = 4

@Sendable
func convolve(_ convolution: Convolution, _ rows: Range<Int>) {
  var next = rows.lowerBound
  while next < rows.upperBound {
    let pass = next..<min(next + rowsPerPass, rows.upperBound)
    convolvePass(convolution, pass)
    next = pass.upperBound
  }
  if convolution.activation == .sigmoid { map(convolution.output, convolution.output, .sigmoid, rows) }
}

private func convolvePass(_ convolution: Convolution, _ rows: Range<Int>) {
  let shape = convolution.shape
  if shape.usesDots {
    convolveBlock(DotTile.self, convolution, rows, 0)
    return
  }
  var channel = 0
  while channel < shape.outputChannels {
    let outputs = shape.blockOutputs(at: channel)
    if outputs == WideTile.outputs {
      convolveBlock(WideTile.self, convolution, rows, channel)
    } else {
      convolveBlock(SlimTile.self, convolution, rows, channel)
    }
    channel += outputs
  }
}

/// Makes the output channels from `channel` on, as many as the tile has.
private func convolveBlock<Main: Tile>(
  _ main: Main.Type, _ convolution: Convolution, _ rows: Range<Int>, _ channel: Int
) {
  let outputs = Main.outputs
  let valid = min(outputs, convolution.shape.outputChannels - channel)
  let biasCount = Main.Channels.vectors * Vector.scalarCount
  withUnsafeTemporaryAllocation(of: Float.self, capacity: biasCount + Main.pixels * outputs) { memory in
    let bias = memory.baseAddress!
    bias.update(repeating: 0, count: biasCount)
    for output in 0..<valid { bias[output * (biasCount / outputs)] = convolution.bias[channel + output] }
    let block = Block<Main.Leaf>(
      convolution: convolution, runs: Runs(convolution.shape, convolution.input), channel: channel, valid: valid,
      weights: convolution.packedWeights + channel * convolution.shape.terms, bias: bias,
      scratch: bias + biasCount, floor: convolution.activation == .relu ? 0 : -.infinity)
    for y in rows {
      var x = 0
      block.makeTiles(Main.self, y, &x)
      if Main.pixels > 8 { block.makeTiles(Twice<Twice<Twice<Main.Leaf>>>.self, y, &x) }
      if Main.pixels > 4 { block.makeTiles(Twice<Twice<Main.Leaf>>.self, y, &x) }
      if Main.pixels > 2 { block.makeTiles(Twice<Main.Leaf>.self, y, &x) }
      block.makeTiles(Main.Leaf.self, y, &x)
    }
  }
}

/// The inputs of one output pixel: `rows * columns` runs of `length` neighbouring floats.
private struct Runs {
  var rows: Int
  var columns: Int
  var length: Int
  var rowStride: Int
  var columnStride: Int

  init(_ shape: ConvolutionShape, _ input: FeatureMap) {
    rows = shape.kernel
    rowStride = input.rowStride
    columnStride = input.pixelStride
    // Where pixels lie side by side, so do the inputs of all taps of a row.
    let joined = input.pixelStride == shape.inputChannels
    columns = joined ? 1 : shape.kernel
    length = joined ? shape.kernel * shape.inputChannels : shape.inputChannels
  }
}

/// A block of output channels.
private struct Block<Leaf: Tile> {
  let convolution: Convolution
  let runs: Runs
  let channel: Int
  /// Channels that exist: the sums of the others, made with zero weights, must not be stored.
  let valid: Int
  let weights: UnsafePointer<Float>
  let bias: UnsafePointer<Float>
  /// Takes a tile of which not all channels are stored.
  let scratch: UnsafeMutablePointer<Float>
  let floor: Float

  /// Makes tiles of the given type from column `x` on, for as long as they fit.
  @inline(__always)
  func makeTiles<T: Tile>(_ type: T.Type, _ y: Int, _ x: inout Int) where T.Leaf == Leaf {
    let output = convolution.output
    while x + T.pixels <= output.width {
      let target = Target(
        output: output.pixel(y, x) + channel, outputStride: output.pixelStride,
        addend: convolution.addend.map { UnsafePointer($0.pixel(y, x) + channel) },
        addendStride: convolution.addend?.pixelStride ?? 0, floor: floor)
      if valid == T.outputs {
        compute(type, y, x, target)
      } else {
        compute(
          type, y, x,
          Target(output: scratch, outputStride: T.outputs, addend: nil, addendStride: 0, floor: -.infinity))
        finish(target, T.pixels)
      }
      x += T.pixels
    }
  }

  /// The micro-kernel.
  @inline(never)
  func compute<T: Tile>(_ type: T.Type, _ y: Int, _ x: Int, _ target: Target) where T.Leaf == Leaf {
    let shape = convolution.shape
    let padding = (shape.kernel - 1) / 2
    let stride = shape.stride * convolution.input.pixelStride
    var row = UnsafePointer(convolution.input.pixel(shape.stride * y - padding, shape.stride * x - padding))
    var weights = weights
    var tile = T(T.Channels(loading: bias))
    // No loop runs zero times; said this way, the accumulators stay in their registers from loop to loop.
    var rows = runs.rows
    repeat {
      var columns = runs.columns
      var column = row
      repeat {
        var length = runs.length
        var input = column
        repeat {
          tile.accumulate(input, stride, T.Channels(loading: weights))
          weights += T.Channels.vectors * Vector.scalarCount
          input += T.inputs
          length -= T.inputs
        } while length > 0
        column += runs.columnStride
        columns -= 1
      } while columns > 0
      row += runs.rowStride
      rows -= 1
    } while rows > 0
    tile.store(target)
  }

  /// Copies the valid channels of a tile from `scratch`, in fours and then the rest.
  @inline(never)
  func finish(_ target: Target, _ pixels: Int) {
    for pixel in 0..<pixels {
      let target = target.advanced(by: pixel)
      let sums = scratch + pixel * Leaf.outputs
      func finish(_ channel: Int, _ count: Int) {
        var sum = SIMD4<Float>(loading: sums + channel, upTo: count)
        if let addend = target.addend { sum += SIMD4(loading: addend + channel, upTo: count) }
        sum.maximum(SIMD4(repeating: floor)).store(to: target.output + channel, upTo: count)
      }
      var channel = 0
      while channel + 4 <= valid {
        finish(channel, 4)
        channel += 4
      }
      if channel < valid { finish(channel, valid - channel) }
    }
  }
}
