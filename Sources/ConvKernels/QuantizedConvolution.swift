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

  /// With so few outputs most lanes would idle, unless the kernel's columns are outputs of their own: 4 * column +
  /// output, summed up across neighbouring pixels at the end. A third of the steps.
  fileprivate var foldsColumns: Bool {
    kernel == 3 && stride == 1 && outputChannels <= 4 && Integers.scalarCount >= 12
  }

  /// Bytes of weights for an output channel.
  fileprivate var paddedTerms: Int { (foldsColumns ? 1 : kernel) * kernel * paddedInputs }

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
  let (kernel, inputs) = (shape.kernel, shape.inputChannels)
  var next = packed.assumingMemoryBound(to: Int8.self)
  func append(_ output: Int, _ row: Int, _ column: Int, _ firstInput: Int) {
    for input in firstInput..<firstInput + 4 {
      let exists = output < shape.outputChannels && column < kernel && input < inputs
      next[0] = exists ? weights[((output * kernel + row) * kernel + column) * inputs + input] : 0
      next += 1
    }
  }
  if shape.foldsColumns {
    for row in 0..<kernel {
      for input in stride(from: 0, to: shape.paddedInputs, by: 4) {
        for lane in 0..<Integers.scalarCount { append(lane % 4, row, lane / 4, input) }
      }
    }
    return
  }
  var channel = 0
  while channel < shape.paddedOutputs {
    let outputs = shape.blockOutputs(at: channel)
    for row in 0..<kernel {
      for column in 0..<kernel {
        for input in stride(from: 0, to: shape.paddedInputs, by: 4) {
          for output in channel..<channel + outputs { append(output, row, column, input) }
        }
      }
    }
    channel += outputs
  }
}

// MARK: - Loops

@Sendable
func convolveQuantized(_ convolution: QuantizedConvolution, _ rows: Range<Int>) {
  for y in rows {
    if convolution.shape.foldsColumns {
      withUnsafePointer(to: convolution) { convolveFoldedRow($0, y) }
    } else {
      convolveRow(convolution, y)
    }
  }
  if convolution.activation == .sigmoid, case .floats(let output) = convolution.output {
    map(output, output, .sigmoid, rows)
  }
}

private func convolveRow(_ convolution: QuantizedConvolution, _ y: Int) {
  let shape = convolution.shape
  var channel = 0
  while channel < shape.outputChannels {
    let outputs = shape.blockOutputs(at: channel)
    if outputs == Integers.scalarCount {
      convolveBlock(SlimByteTile.self, convolution, y, channel)
    } else {
      convolveBlock(WideByteTile.self, convolution, y, channel)
    }
    channel += outputs
  }
}

/// Makes the output channels of one block of a row.
private func convolveBlock<Main: Tile>(
  _ main: Main.Type, _ convolution: QuantizedConvolution, _ y: Int, _ channel: Int
) where Main.Vector == Integers {
  let (shape, input) = (convolution.shape, convolution.input)
  convolution.withRequantization(channel, lanes: Main.Channels.vectors * Integers.scalarCount) { biases, output in
    let block = Block<Main.Leaf>(
      convolution: convolution,
      taps: Taps(
        rows: shape.kernel, columns: shape.kernel, bytes: shape.paddedInputs, rowStride: input.rowStride,
        columnStride: input.pixelStride, stride: shape.stride * input.pixelStride),
      weights: convolution.packedWeights + channel * shape.paddedTerms, start: biases, output: output)
    block.makeRow(Main.self, y, width: convolution.output.width)
  }
}

/// A block of output channels.
private struct Block<Leaf: Tile>: TileMaker where Leaf.Vector == Integers, Leaf.Leaf == Leaf {
  let convolution: QuantizedConvolution
  let taps: Taps
  let weights: UnsafeRawPointer
  let start: UnsafePointer<Int32>
  let output: Requantization

  @inline(never)
  func make<T: Tile>(_ type: T.Type, _ y: Int, _ x: Int) where T.Leaf == Leaf {
    let (shape, input) = (convolution.shape, convolution.input)
    let padding = (shape.kernel - 1) / 2
    let sums = taps.sums(
      T.self, start: start, input: input.pixel(shape.stride * y - padding, shape.stride * x - padding),
      weights: weights)
    output.store(sums, y, x)
  }
}

// MARK: - Folded columns

/// Sums of one tile: all but the two border pixels of its input yield outputs.
private typealias FoldedTile = SlimByteTile

private func convolveFoldedRow(_ pointer: UnsafePointer<QuantizedConvolution>, _ y: Int) {
  let convolution = pointer.pointee
  let (shape, input) = (convolution.shape, convolution.input)
  let lanes = Integers.scalarCount
  let whole = FoldedTile.pixels - 2
  withUnsafeTemporaryAllocation(of: Int32.self, capacity: 4 * lanes + 4 * FoldedTile.pixels) { memory in
    let start = memory.baseAddress!
    start.update(repeating: 0, count: lanes)
    // A vector of outputs is four pixels of four channels.
    let multipliers = UnsafeMutableRawPointer(start + lanes).assumingMemoryBound(to: Float.self)
    for lane in 0..<lanes {
      multipliers[lane] = lane % 4 < shape.outputChannels ? convolution.multipliers[lane % 4] : 0
    }
    var bias = SIMD4<Int32>()
    for output in 0..<shape.outputChannels { bias[output] = convolution.bias[output] }
    let row = FoldedRow(
      convolution: convolution,
      taps: Taps(
        rows: shape.kernel, columns: 1, bytes: shape.paddedInputs, rowStride: input.rowStride, columnStride: 0,
        stride: input.pixelStride),
      start: start, bias: bias,
      output: Requantization(
        convolution: pointer, channel: 0, valid: shape.outputChannels, multipliers: multipliers,
        scratch: start + 2 * lanes), folded: start + 4 * lanes)
    let width = convolution.output.width
    var x = 0
    while x < width {
      if x + whole <= width {
        row.make(FoldedTile.self, y, x, first: 0)
        x += whole
      } else if whole <= width {
        // The last tile reaches back over pixels that are made already.
        row.make(FoldedTile.self, y, width - whole, first: x - (width - whole))
        x = width
      } else {
        row.make(Thrice<FoldedTile.Leaf>.self, y, x, first: 0)
        x += 1
      }
    }
  }
}

private struct FoldedRow {
  let convolution: QuantizedConvolution
  let taps: Taps
  let start: UnsafePointer<Int32>
  let bias: SIMD4<Int32>
  let output: Requantization
  /// Takes the sums of the tile's outputs, four a pixel.
  let folded: UnsafeMutableRawPointer

  /// Makes the outputs of one tile from column `x` on, but for the `first` ones.
  @inline(never)
  func make<T: Tile>(_ type: T.Type, _ y: Int, _ x: Int, first: Int) where T.Leaf == FoldedTile.Leaf {
    let sums = taps.sums(
      T.self, start: start, input: convolution.input.pixel(y - 1, x - 1), weights: convolution.packedWeights)
    sums.withSums { sums in
      func column(_ pixel: Int, _ column: Int) -> SIMD4<Int32> {
        (sums + (pixel * MemoryLayout<Integers>.size + column * MemoryLayout<SIMD4<Int32>>.size))
          .loadUnaligned(as: SIMD4<Int32>.self)
      }
      // All sums first: a vector read right after its quarters were written would wait for them.
      for pixel in first..<T.pixels - 2 {
        let sum = bias &+ column(pixel, 0) &+ column(pixel + 1, 1) &+ column(pixel + 2, 2)
        folded.storeBytes(of: sum, toByteOffset: 16 * (pixel - first), as: SIMD4<Int32>.self)
      }
      for pixel in stride(from: first, to: T.pixels - 2, by: 4) {
        output.store(
          folded + 16 * (pixel - first), vectors: 1, pixels: min(4, T.pixels - 2 - pixel), y, x + pixel)
      }
    }
  }
}
