import KernelInterface
import RegisterTiles
import VectorIntrinsics

// Dense convolution of bytes, with the tiles of the convolution of floats: a step multiplies four input channels at a
// time, so that one instruction does the work of four.

enum ByteArithmetic: TileArithmetic {
  @inline(__always)
  static func accumulate(_ sum: Integers, _ input: Integers, _ weights: Integers) -> Integers {
    dot_bytes(sum, input, weights)
  }
}

@Sendable
func quantizedPeakLoop(_ iterations: Int, _ sums: UnsafeMutablePointer<Int32>) -> Int {
  // Weights of its own for each sum and an input that changes: else the optimiser finds products to share.
  let w = Integers(repeating: sums[1])
  let (w1, w2, w3) = (w &+ Integers(repeating: 1), w &+ Integers(repeating: 2), w &+ Integers(repeating: 3))
  let (w4, w5, w6) = (w &+ Integers(repeating: 4), w &+ Integers(repeating: 5), w &+ Integers(repeating: 6))
  let w7 = w &+ Integers(repeating: 7)
  var a = Integers(repeating: sums[0])
  var (b, c, d, e, f, g, h) = (a, a, a, a, a, a, a)
  for iteration in 0..<iterations {
    let input = Integers(repeating: Int32(truncatingIfNeeded: iteration))
    a = dot_bytes(a, input, w)
    b = dot_bytes(b, input, w1)
    c = dot_bytes(c, input, w2)
    d = dot_bytes(d, input, w3)
    e = dot_bytes(e, input, w4)
    f = dot_bytes(f, input, w5)
    g = dot_bytes(g, input, w6)
    h = dot_bytes(h, input, w7)
  }
  let total = ((a &+ b) &+ (c &+ d)) &+ ((e &+ f) &+ (g &+ h))
  sums[0] = total.wrappedSum()
  sums[1] = total[0]
  return iterations * 8 * 4 * Integers.scalarCount
}

// MARK: - Packing

extension ConvolutionShape {
  fileprivate var paddedInputs: Int { (inputChannels + 3) / 4 * 4 }

  fileprivate var paddedOutputs: Int {
    (outputChannels + Integers.scalarCount - 1) / Integers.scalarCount * Integers.scalarCount
  }

  /// Bytes of weights for an output channel.
  fileprivate var paddedTerms: Int { kernel * kernel * paddedInputs }

  /// Number of output channels of the block that starts at `channel`.
  fileprivate func blockOutputs(at channel: Int) -> Int {
    min(WideByteTile.Channels.vectors * Integers.scalarCount, paddedOutputs - channel)
  }
}

@Sendable
func quantizedPackedBytes(_ shape: ConvolutionShape) -> Int { shape.paddedOutputs * shape.paddedTerms }

/// Order: blocks of output channels, taps, fours of input channels, channels of the block, the four. Channels that do
/// not exist have zero weights.
@Sendable
func packQuantizedConvolution(
  _ shape: ConvolutionShape, _ weights: UnsafePointer<Int8>, _ packed: UnsafeMutableRawPointer
) {
  let taps = shape.kernel * shape.kernel
  var next = packed.assumingMemoryBound(to: Int8.self)
  var channel = 0
  while channel < shape.paddedOutputs {
    let outputs = shape.blockOutputs(at: channel)
    for tap in 0..<taps {
      for four in stride(from: 0, to: shape.paddedInputs, by: 4) {
        for output in channel..<channel + outputs {
          for input in four..<four + 4 {
            let exists = output < shape.outputChannels && input < shape.inputChannels
            next[0] = exists ? weights[(output * taps + tap) * shape.inputChannels + input] : 0
            next += 1
          }
        }
      }
    }
    channel += outputs
  }
}

// MARK: - Loops

/// As in the convolution of floats.
private let rowsPerPass = 8

@Sendable
func convolveQuantized(_ convolution: QuantizedConvolution, _ rows: Range<Int>) {
  let shape = convolution.shape
  var next = rows.lowerBound
  while next < rows.upperBound {
    let pass = next..<min(next + rowsPerPass, rows.upperBound)
    var channel = 0
    while channel < shape.outputChannels {
      let outputs = shape.blockOutputs(at: channel)
      if outputs == Integers.scalarCount {
        convolveBlock(SlimByteTile.self, convolution, pass, channel)
      } else {
        convolveBlock(WideByteTile.self, convolution, pass, channel)
      }
      channel += outputs
    }
    next = pass.upperBound
  }
  if convolution.activation == .sigmoid, case .floats(let output) = convolution.output {
    map(output, output, .sigmoid, rows)
  }
}

/// Makes the output channels of one block.
private func convolveBlock<Main: Tile>(
  _ main: Main.Type, _ convolution: QuantizedConvolution, _ rows: Range<Int>, _ channel: Int
) where Main.Vector == Integers {
  let (shape, input) = (convolution.shape, convolution.input)
  let lanes = Main.Channels.vectors * Integers.scalarCount
  let valid = min(lanes, shape.outputChannels - channel)
  withUnsafeTemporaryAllocation(of: Int32.self, capacity: (2 * Main.pixels + 2) * lanes) { memory in
    let start = memory.baseAddress!
    let multipliers = UnsafeMutableRawPointer(start + lanes).assumingMemoryBound(to: Float.self)
    for lane in 0..<lanes {
      start[lane] = lane < valid ? convolution.bias[channel + lane] : 0
      multipliers[lane] = lane < valid ? convolution.multipliers[channel + lane] : 0
    }
    let block = Block<Main.Leaf>(
      convolution: convolution,
      runs: TapRuns(
        kernel: shape.kernel, step: shape.stride, pixelBytes: shape.paddedInputs, pixelStride: input.pixelStride,
        rowStride: input.rowStride),
      channel: channel, valid: valid, weights: convolution.packedWeights + channel * shape.paddedTerms,
      start: start, multipliers: multipliers, scratch: start + 2 * lanes,
      addendScratch: start + (2 + Main.pixels) * lanes)
    for y in rows { block.makeRow(Main.self, y, width: convolution.output.width) }
  }
}

/// A block of output channels.
private struct Block<Leaf: Tile>: TileMaker where Leaf.Vector == Integers, Leaf.Leaf == Leaf {
  let convolution: QuantizedConvolution
  let runs: TapRuns
  let channel: Int
  /// Channels that exist: those beyond, made with zero weights, must not be stored.
  let valid: Int
  let weights: UnsafeRawPointer
  let start: UnsafePointer<Int32>
  let multipliers: UnsafePointer<Float>
  /// Takes a tile of which not all channels are stored, and its addend: so both have whole vectors.
  let scratch: UnsafeMutableRawPointer
  let addendScratch: UnsafeMutableRawPointer

  @inline(never)
  func make<T: Tile>(_ type: T.Type, _ y: Int, _ x: Int) where T.Leaf == Leaf {
    let (shape, input) = (convolution.shape, convolution.input)
    let padding = (shape.kernel - 1) / 2
    let sums = runs.sums(
      T.self, start: start, input: input.pixel(shape.stride * y - padding, shape.stride * x - padding),
      weights: weights)
    let lanes = T.Channels.vectors * Integers.scalarCount
    var addend = convolution.addend.map { Addend($0, y, x, channel, convolution.output.scale) }
    if valid < lanes { addend?.gather(into: addendScratch, pixels: T.pixels, lanes, valid) }
    switch convolution.output {
    case .bytes(let output):
      let target = output.pixel(y, x) + channel
      let bytes = scratch.assumingMemoryBound(to: UInt8.self)
      sums.store(
        to: ByteStore(
          target: valid == lanes ? target : bytes, stride: valid == lanes ? output.pixelStride : lanes,
          multipliers: multipliers, addend: addend, zeroPoint: output.zeroPoint, activation: convolution.activation),
        firstPixel: 0)
      if valid < lanes {
        for pixel in 0..<T.pixels {
          (target + pixel * output.pixelStride).update(from: bytes + pixel * lanes, count: valid)
        }
      }
    case .floats(let output):
      let target = output.pixel(y, x) + channel
      let floats = scratch.assumingMemoryBound(to: Float.self)
      sums.store(
        to: FloatStore(
          target: valid == lanes ? target : floats, stride: valid == lanes ? output.pixelStride : lanes,
          multipliers: multipliers, addend: addend, activation: convolution.activation),
        firstPixel: 0)
      if valid < lanes {
        for pixel in 0..<T.pixels {
          (target + pixel * output.pixelStride).update(from: floats + pixel * lanes, count: valid)
        }
      }
    }
  }
}

// MARK: - Stores

/// The addend of a tile.
private struct Addend {
  var source: UnsafeMutablePointer<UInt8>
  var stride: Int
  let zero: Float
  let scale: Float

  @inline(__always)
  init(_ map: QuantizedMap, _ y: Int, _ x: Int, _ channel: Int, _ outputScale: Float) {
    source = map.pixel(y, x) + channel
    stride = map.pixelStride
    zero = Float(map.zeroPoint)
    scale = map.scale / outputScale
  }

  /// Copies the channels that exist to where whole vectors can be read.
  @inline(__always)
  mutating func gather(into scratch: UnsafeMutableRawPointer, pixels: Int, _ lanes: Int, _ valid: Int) {
    let target = scratch.assumingMemoryBound(to: UInt8.self)
    for pixel in 0..<pixels { (target + pixel * lanes).update(from: source + pixel * stride, count: valid) }
    source = target
    stride = lanes
  }

  @inline(__always)
  func values(_ pixel: Int, _ lane: Int) -> Vector {
    let bytes = UnsafeRawPointer(source + (pixel * stride + lane)).loadUnaligned(as: Bytes.self)
    return (float_of_int(int_of_byte(bytes)) - Vector(repeating: zero)) * Vector(repeating: scale)
  }
}

@inline(__always)
private func values(
  _ sums: Integers, _ pixel: Int, _ lane: Int, _ multipliers: UnsafePointer<Float>, _ addend: Addend?
) -> Vector {
  let values = float_of_int(sums) * Vector(loading: multipliers + lane)
  return if let addend { values + addend.values(pixel, lane) } else { values }
}

private struct ByteStore: SumStore {
  let target: UnsafeMutablePointer<UInt8>
  let stride: Int
  let multipliers: UnsafePointer<Float>
  let addend: Addend?
  /// The least and the largest value, before the zero point is added.
  let least: Float
  let largest: Float
  /// Added to a value, 1.5 * 2^23 plus the zero point leaves the nearest integer in the low bits.
  let shift: Float

  @inline(__always)
  init(
    target: UnsafeMutablePointer<UInt8>, stride: Int, multipliers: UnsafePointer<Float>, addend: Addend?,
    zeroPoint: UInt8, activation: Activation
  ) {
    self.target = target
    self.stride = stride
    self.multipliers = multipliers
    self.addend = addend
    let zero = Float(zeroPoint)
    least = activation == .relu ? 0 : -zero
    largest = 255 - zero
    shift = 12_582_912 + zero
  }

  @inline(__always)
  func store(_ sums: Integers, pixel: Int, index: Int) {
    let lane = index * Integers.scalarCount
    let value = maximum(values(sums, pixel, lane, multipliers, addend), Vector(repeating: least))
    let shifted = minimum(value, Vector(repeating: largest)) + Vector(repeating: shift)
    UnsafeMutableRawPointer(target + (pixel * stride + lane)).storeBytes(
      of: low_bytes(unsafeBitCast(shifted, to: Integers.self)), as: Bytes.self)
  }
}

private struct FloatStore: SumStore {
  let target: UnsafeMutablePointer<Float>
  let stride: Int
  let multipliers: UnsafePointer<Float>
  let addend: Addend?
  let floor: Float

  @inline(__always)
  init(
    target: UnsafeMutablePointer<Float>, stride: Int, multipliers: UnsafePointer<Float>, addend: Addend?,
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
    let lane = index * Integers.scalarCount
    maximum(values(sums, pixel, lane, multipliers, addend), Vector(repeating: floor))
      .store(to: target + (pixel * stride + lane))
  }
}
