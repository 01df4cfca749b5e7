import KernelInterface

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
  func store(to output: UnsafeMutablePointer<Float>, _ addend: UnsafePointer<Float>?, _ floor: Vector)
}

struct One: ChannelBlock {
  var a: Vector

  @inline(__always) static var vectors: Int { 1 }

  @inline(__always)
  init(loading pointer: UnsafePointer<Float>) { a = Vector(loading: pointer) }

  @inline(__always)
  mutating func accumulate(_ input: Vector, _ weights: One) { a = Arithmetic.multiplyAdd(a, input, weights.a) }

  @inline(__always)
  func store(to output: UnsafeMutablePointer<Float>, _ addend: UnsafePointer<Float>?, _ floor: Vector) {
    var a = a
    if let addend { a += Vector(loading: addend) }
    a.maximum(floor).store(to: output)
  }
}

struct Two: ChannelBlock {
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
    a = Arithmetic.multiplyAdd(a, input, weights.a)
    b = Arithmetic.multiplyAdd(b, input, weights.b)
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

// MARK: - Pixels of a tile

/// Accumulators of neighbouring output pixels of a row.
protocol Tile {
  associatedtype Channels: ChannelBlock
  static var pixels: Int { get }
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

struct Pixel<Channels: ChannelBlock>: Tile {
  var sums: Channels

  @inline(__always) static var pixels: Int { 1 }

  @inline(__always)
  init(_ bias: Channels) { sums = bias }

  @inline(__always)
  mutating func accumulate(_ input: UnsafePointer<Float>, _ stride: Int, _ weights: Channels) {
    sums.accumulate(Vector(repeating: input[0]), weights)
  }

  @inline(__always)
  func store(_ target: Target) { sums.store(to: target.output, target.addend, Vector(repeating: target.floor)) }
}

struct Twice<Part: Tile>: Tile {
  var first: Part
  var second: Part

  @inline(__always) static var pixels: Int { 2 * Part.pixels }

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
  var first: Twice<Part>
  var second: Part

  @inline(__always) static var pixels: Int { 3 * Part.pixels }

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
  fileprivate var taps: Int { kernel * kernel }
  /// Vectors of output channels, the last one filled with zero weights.
  fileprivate var vectors: Int { (outputChannels + Vector.scalarCount - 1) / Vector.scalarCount }
}

@Sendable
func packedCount(_ shape: ConvolutionShape) -> Int {
  shape.vectors * Vector.scalarCount * shape.taps * shape.inputChannels
}

/// Order: output channels in blocks of `Two` (the last may be `One`), taps, input channels, channels of the block.
@Sendable
func packConvolution(
  _ shape: ConvolutionShape, _ weights: UnsafePointer<Float>, _ packed: UnsafeMutablePointer<Float>
) {
  let terms = shape.taps * shape.inputChannels
  var next = packed
  var firstVector = 0
  while firstVector < shape.vectors {
    let vectors = min(Two.vectors, shape.vectors - firstVector)
    for term in 0..<terms {
      for lane in 0..<vectors * Vector.scalarCount {
        let channel = firstVector * Vector.scalarCount + lane
        next[lane] = channel < shape.outputChannels ? weights[channel * terms + term] : 0
      }
      next += vectors * Vector.scalarCount
    }
    firstVector += vectors
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
  var weights = convolution.packedWeights
  var channel = 0
  while channel < shape.outputChannels {
    let vectors = min(Two.vectors, shape.vectors - channel / Vector.scalarCount)
    if vectors == 1 {
      convolveBlock(SlimTile.self, convolution, rows, channel, weights)
    } else {
      convolveBlock(WideTile.self, convolution, rows, channel, weights)
    }
    weights += vectors * Vector.scalarCount * shape.taps * shape.inputChannels
    channel += vectors * Vector.scalarCount
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

/// Makes the output channels from `channel` on, as many as the tile has.
private func convolveBlock<Main: Tile>(
  _ main: Main.Type, _ convolution: Convolution, _ rows: Range<Int>, _ channel: Int, _ weights: UnsafePointer<Float>
) {
  let lanes = Main.Channels.vectors * Vector.scalarCount
  let valid = min(lanes, convolution.shape.outputChannels - channel)
  withUnsafeTemporaryAllocation(of: Float.self, capacity: (Main.pixels + 1) * lanes) { scratch in
    let bias = scratch.baseAddress! + Main.pixels * lanes
    for lane in 0..<lanes { bias[lane] = lane < valid ? convolution.bias[channel + lane] : 0 }
    let row = Row<Main.Channels>(
      convolution: convolution, channel: channel, valid: valid, weights: weights,
      bias: bias, scratch: scratch.baseAddress!)
    for y in rows {
      var x = 0
      row.make(Main.self, y, &x)
      row.make(Twice<Twice<Twice<Pixel<Main.Channels>>>>.self, y, &x)
      row.make(Twice<Twice<Pixel<Main.Channels>>>.self, y, &x)
      row.make(Twice<Pixel<Main.Channels>>.self, y, &x)
      row.make(Pixel<Main.Channels>.self, y, &x)
    }
  }
}

private struct Row<Channels: ChannelBlock> {
  let convolution: Convolution
  let runs: Runs
  let channel: Int
  /// Channels that exist: the last block's weights are filled up with zeros, its sums must not be stored.
  let valid: Int
  let weights: UnsafePointer<Float>
  let bias: UnsafePointer<Float>
  /// Takes a tile of which not all channels are stored.
  let scratch: UnsafeMutablePointer<Float>
  let floor: Float

  init(
    convolution: Convolution, channel: Int, valid: Int, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    self.convolution = convolution
    runs = Runs(convolution.shape, convolution.input)
    self.channel = channel
    self.valid = valid
    self.weights = weights
    self.bias = bias
    self.scratch = scratch
    floor = convolution.activation == .relu ? 0 : -.infinity
  }

  /// Makes tiles of the given type from column `x` on, for as long as they fit.
  @inline(__always)
  func make<T: Tile>(_ type: T.Type, _ y: Int, _ x: inout Int) where T.Channels == Channels {
    let lanes = Channels.vectors * Vector.scalarCount
    let output = convolution.output
    while x + T.pixels <= output.width {
      let target = Target(
        output: output.pixel(y, x) + channel, outputStride: output.pixelStride,
        addend: convolution.addend.map { UnsafePointer($0.pixel(y, x) + channel) },
        addendStride: convolution.addend?.pixelStride ?? 0, floor: floor)
      if valid == lanes {
        compute(type, y, x, target)
      } else {
        compute(
          type, y, x,
          Target(output: scratch, outputStride: lanes, addend: nil, addendStride: 0, floor: -.infinity))
        finishPartial(target, T.pixels)
      }
      x += T.pixels
    }
  }

  /// Copies the valid channels of a tile from `scratch`: whole vectors of four, then the rest.
  @inline(never)
  func finishPartial(_ target: Target, _ pixels: Int) {
    for pixel in 0..<pixels {
      let target = target.advanced(by: pixel)
      let sums = scratch + pixel * Channels.vectors * Vector.scalarCount
      func finish(_ lane: Int, _ count: Int) {
        var sum = SIMD4<Float>(loading: sums + lane, upTo: count)
        if let addend = target.addend { sum += SIMD4(loading: addend + lane, upTo: count) }
        sum.maximum(SIMD4(repeating: floor)).store(to: target.output + lane, upTo: count)
      }
      var lane = 0
      while lane + 4 <= valid {
        finish(lane, 4)
        lane += 4
      }
      if lane < valid { finish(lane, valid - lane) }
    }
  }

  /// The micro-kernel.
  @inline(never)
  func compute<T: Tile>(_ type: T.Type, _ y: Int, _ x: Int, _ target: Target) where T.Channels == Channels {
    let shape = convolution.shape
    let padding = (shape.kernel - 1) / 2
    let stride = shape.stride * convolution.input.pixelStride
    var row = UnsafePointer(convolution.input.pixel(shape.stride * y - padding, shape.stride * x - padding))
    var weights = weights
    var tile = T(Channels(loading: bias))
    // No loop runs zero times; said this way, the accumulators stay in their registers from loop to loop.
    var rows = runs.rows
    repeat {
      var columns = runs.columns
      var column = row
      repeat {
        var length = runs.length
        var input = column
        repeat {
          tile.accumulate(input, stride, Channels(loading: weights))
          weights += Channels.vectors * Vector.scalarCount
          input += 1
          length -= 1
        } while length > 0
        column += runs.columnStride
        columns -= 1
      } while columns > 0
      row += runs.rowStride
      rows -= 1
    } while rows > 0
    tile.store(target)
  }
}
