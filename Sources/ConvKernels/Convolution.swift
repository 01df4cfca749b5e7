import KernelInterface
import RegisterTiles
import VectorIntrinsics

// Dense convolution as a direct implicit GEMM: a tile of neighbouring output pixels times one or two vectors of output
// channels stays in registers while the loop runs over the kernel's taps and the input channels.

enum FloatArithmetic: TileArithmetic {
  @inline(__always)
  static func accumulate(_ sum: Vector, _ input: Vector, _ weights: Vector) -> Vector {
    multiply_add(sum, input, weights)
  }
}

// MARK: - Packing

extension ConvolutionShape {
  /// Input values of an output value.
  fileprivate var terms: Int { kernel * kernel * inputChannels }

  /// With so few outputs most lanes would idle, unless they are given to the inputs; adding lanes up at the end costs
  /// as much as some 8 steps.
  fileprivate var usesDots: Bool {
    outputChannels <= DotTile.Channels.vectors && Vector.scalarCount > DotTile.Channels.vectors
      && inputChannels % Vector.scalarCount == 0 && terms >= 8 * Vector.scalarCount
  }

  /// Output channels that the packed weights have.
  fileprivate var packedOutputs: Int { usesDots ? DotTile.Channels.vectors : paddedOutputs }

  /// Number of output channels of the block that starts at `channel`.
  fileprivate func blockOutputs(at channel: Int) -> Int {
    min(WideTile.Channels.vectors * Vector.scalarCount, packedOutputs - channel)
  }
}

@Sendable
func packedCount(_ shape: ConvolutionShape) -> Int { shape.packedOutputs * shape.terms }

/// Order: blocks of output channels, taps, input channels, channels of the block; with dots the input channels of a
/// vector are innermost. Channels that do not exist have zero weights.
@Sendable
func packConvolution(
  _ shape: ConvolutionShape, _ weights: UnsafePointer<Float>, _ packed: UnsafeMutablePointer<Float>
) {
  let group = shape.usesDots ? Vector.scalarCount : 1
  var next = packed
  var channel = 0
  while channel < shape.packedOutputs {
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

@Sendable
func convolve(_ convolution: Convolution, _ rows: Range<Int>) {
  for y in rows { convolveRow(convolution, y) }
  if convolution.activation == .sigmoid { map(convolution.output, convolution.output, .sigmoid, rows) }
}

private func convolveRow(_ convolution: Convolution, _ y: Int) {
  let shape = convolution.shape
  if shape.usesDots {
    convolveBlock(DotTile.self, convolution, y, 0, shape.packedOutputs)
    return
  }
  var channel = 0
  while channel < shape.outputChannels {
    let outputs = shape.blockOutputs(at: channel)
    if outputs == Vector.scalarCount {
      convolveBlock(SlimTile.self, convolution, y, channel, outputs)
    } else {
      convolveBlock(WideTile.self, convolution, y, channel, outputs)
    }
    channel += outputs
  }
}

/// Makes `outputs` output channels of a row, from `channel` on.
private func convolveBlock<Main: Tile>(
  _ main: Main.Type, _ convolution: Convolution, _ y: Int, _ channel: Int, _ outputs: Int
) where Main.Vector == Vector {
  let (shape, input) = (convolution.shape, convolution.input)
  let valid = min(outputs, shape.outputChannels - channel)
  let lanes = Main.Channels.vectors * Vector.scalarCount
  withUnsafeTemporaryAllocation(of: Float.self, capacity: lanes) { memory in
    let zeros = memory.baseAddress!
    zeros.initialize(repeating: 0, count: lanes)
    let block = Block<Main.Leaf>(
      convolution: convolution,
      taps: Taps(
        rows: shape.kernel, columns: shape.kernel, bytes: 4 * shape.inputChannels, rowStride: 4 * input.rowStride,
        columnStride: 4 * input.pixelStride, stride: 4 * shape.stride * input.pixelStride),
      channel: channel, valid: valid, weights: convolution.packedWeights + channel * shape.terms, zeros: zeros,
      bias: convolution.bias + channel,
      floor: convolution.activation == .relu ? 0 : -.infinity)
    block.makeRow(Main.self, y, width: convolution.output.width)
  }
}

/// A block of output channels.
private struct Block<Leaf: Tile>: TileMaker where Leaf.Vector == Vector, Leaf.Leaf == Leaf {
  let convolution: Convolution
  let taps: Taps
  let channel: Int
  /// Channels that exist: the sums of the others, made with zero weights, must not be stored.
  let valid: Int
  let weights: UnsafePointer<Float>
  /// What sums start from. The bias, often larger than the terms, comes last: that rounds less.
  let zeros: UnsafePointer<Float>
  /// Of the block's first output channel.
  let bias: UnsafePointer<Float>
  /// Nothing under it is stored: 0 is ReLU, -infinity nothing.
  let floor: Float

  @inline(never)
  func make<T: Tile>(_ type: T.Type, _ y: Int, _ x: Int) where T.Leaf == Leaf {
    let (shape, input, output) = (convolution.shape, convolution.input, convolution.output)
    let padding = (shape.kernel - 1) / 2
    let sums = taps.sums(
      T.self, start: zeros, input: input.pixel(shape.stride * y - padding, shape.stride * x - padding),
      weights: weights)
    let lanes = T.Channels.vectors * Vector.scalarCount
    if let halfStride = convolution.halfStride {
      sums.store(
        to: HalvesStore(
          shape: shape, target: output.pixel(y, x), stride: output.pixelStride, halfStride: halfStride,
          channel: channel, bias: bias, floor: floor),
        firstPixel: 0)
    } else if valid == lanes {
      sums.store(
        to: WholeStore(
          target: output.pixel(y, x) + channel, stride: output.pixelStride,
          addend: convolution.addend.map { $0.pixel(y, x) + channel },
          addendStride: convolution.addend?.pixelStride ?? 0, bias: bias, floor: floor),
        firstPixel: 0)
    } else {
      sums.withSums { sums in
        let sums = sums.assumingMemoryBound(to: Float.self)
        for pixel in 0..<T.pixels { finish(sums + pixel * lanes, y, x + pixel) }
      }
    }
  }

  /// Stores the valid channels of one pixel, in fours and then the rest.
  @inline(__always)
  func finish(_ sums: UnsafePointer<Float>, _ y: Int, _ x: Int) {
    let target = convolution.output.pixel(y, x) + channel
    let addend = convolution.addend.map { $0.pixel(y, x) + channel }
    func finish(_ sum: SIMD4<Float>, _ first: Int, _ count: Int) {
      var sum = sum
      if let addend { sum += SIMD4(loading: addend + first, upTo: count) }
      sum += SIMD4(loading: bias + first, upTo: count)
      sum.maximum(SIMD4(repeating: floor)).store(to: target + first, upTo: count)
    }
    if convolution.shape.usesDots {
      func dot(_ output: Int) -> SIMD4<Float> { Vector(loading: sums + output * Vector.scalarCount).folded }
      finish(SIMD4(sumOf: dot(0), dot(1), dot(2), dot(3)), 0, valid)
    } else {
      for first in stride(from: 0, to: valid - valid % 4, by: 4) { finish(SIMD4(loading: sums + first), first, 4) }
      if valid % 4 != 0 {
        let first = valid - valid % 4
        finish(SIMD4(loading: sums + first), first, valid % 4)
      }
    }
  }
}

/// Stores whole vectors of channels.
private struct WholeStore: SumStore {
  let target: UnsafeMutablePointer<Float>
  let stride: Int
  let addend: UnsafeMutablePointer<Float>?
  let addendStride: Int
  let bias: UnsafePointer<Float>
  let floor: Float

  @inline(__always)
  func store(_ sums: Vector, pixel: Int, index: Int) {
    var sums = sums
    if let addend { sums += Vector(loading: addend + (pixel * addendStride + index * Vector.scalarCount)) }
    sums += Vector(loading: bias + index * Vector.scalarCount)
    maximum(sums, Vector(repeating: floor)).store(to: target + (pixel * stride + index * Vector.scalarCount))
  }
}

/// Stores half vectors of channels, none of which lies on both sides of the middle of a pixel's channels.
private struct HalvesStore: SumStore {
  let shape: ConvolutionShape
  /// Of the pixel's first channel.
  let target: UnsafeMutablePointer<Float>
  let stride: Int
  let halfStride: Int
  /// The block's first channel.
  let channel: Int
  let bias: UnsafePointer<Float>
  let floor: Float

  @inline(__always)
  func store(_ sums: Vector, pixel: Int, index: Int) {
    let first = index * Vector.scalarCount
    let values = maximum(sums + Vector(loading: bias + first), Vector(repeating: floor))
    func place(_ lane: Int) -> UnsafeMutableRawPointer {
      UnsafeMutableRawPointer(
        target + (pixel * stride + shape.offset(ofOutput: channel + first + lane, halfStride: halfStride)))
    }
    place(0).storeBytes(of: values.lowHalf, as: type(of: values.lowHalf))
    place(Vector.scalarCount / 2).storeBytes(of: values.highHalf, as: type(of: values.highHalf))
  }
}
