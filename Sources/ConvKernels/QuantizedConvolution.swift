import KernelInterface
import RegisterTiles
import VectorIntrinsics

// Dense convolution of bytes, with the tiles of the convolution of floats: a step multiplies four input channels at a
// time, so that one instruction does the work of four; or two, of inputs that were widened to 16 bits before
// (`WidenedInputs`), where no instruction makes dot products of bytes.

private typealias WidestDirectTile = WidestIntegerTile<DirectArithmetic>
private typealias WideDirectTile = WideIntegerTile<DirectArithmetic>
private typealias SlimDirectTile = SlimIntegerTile<DirectArithmetic>

@Sendable
func quantizedPeakLoop(_ iterations: Int, _ sums: UnsafeMutablePointer<Int32>) -> Int {
  // Each sum has another pair of input and weights, and the inputs change, not by a constant: else the
  // optimiser finds what to share, or works on more steps at once than there are registers for.
  let w = Integers(repeating: sums[1])
  let (w1, w2, w3) = (w &+ Integers(repeating: 1), w &+ Integers(repeating: 2), w &+ Integers(repeating: 3))
  var x = Integers(repeating: sums[0])
  var y = x
  var (a, b, c, d, e, f, g, h) = (x, x, x, x, x, x, x, x)
  for _ in 0..<iterations {
    x &+= y
    y ^= x
    a = DirectArithmetic.accumulate(a, x, w)
    b = DirectArithmetic.accumulate(b, x, w1)
    c = DirectArithmetic.accumulate(c, x, w2)
    d = DirectArithmetic.accumulate(d, x, w3)
    e = DirectArithmetic.accumulate(e, y, w)
    f = DirectArithmetic.accumulate(f, y, w1)
    g = DirectArithmetic.accumulate(g, y, w2)
    h = DirectArithmetic.accumulate(h, y, w3)
  }
  let total = ((a &+ b) &+ (c &+ d)) &+ ((e &+ f) &+ (g &+ h))
  sums[0] = total.wrappedSum()
  sums[1] = total[0]
  return iterations * 8 * DirectArithmetic.group * Integers.scalarCount
}

// MARK: - Packing

extension ConvolutionShape {
  /// Kernels may read channels in fours.
  var paddedInputs: Int { (inputChannels + 3) / 4 * 4 }

  fileprivate var padding: Int { (kernel - 1) / 2 }

  /// With so few outputs most lanes would idle, unless the kernel's columns are outputs of their own: 4 * column +
  /// output, summed up across neighbouring pixels at the end. A third of the steps.
  fileprivate var foldsColumns: Bool {
    kernel == 3 && stride == 1 && outputChannels <= 4 && Integers.scalarCount >= 12
  }

  /// Weights for an output channel.
  fileprivate var paddedTerms: Int { (foldsColumns ? 1 : kernel) * kernel * paddedInputs }

  /// Number of output channels of the block that starts at `channel`: two vectors, three or one where that ends them.
  fileprivate func blockOutputs(at channel: Int) -> Int {
    let left = paddedOutputs - channel
    return left == 3 * Integers.scalarCount ? left : min(2 * Integers.scalarCount, left)
  }
}

@Sendable
func quantizedPackedBytes(_ shape: ConvolutionShape) -> Int {
  shape.paddedOutputs * shape.paddedTerms * MemoryLayout<DirectArithmetic.Weight>.size
}

/// Order: blocks of output channels, taps, groups of input channels, channels of the block, the group. Channels that do
/// not exist have zero weights.
@Sendable
func packQuantizedConvolution(
  _ shape: ConvolutionShape, _ weights: UnsafePointer<Int8>, _ packed: UnsafeMutableRawPointer
) {
  let (kernel, inputs) = (shape.kernel, shape.inputChannels)
  let group = DirectArithmetic.group
  var next = packed.assumingMemoryBound(to: DirectArithmetic.Weight.self)
  func append(_ output: Int, _ row: Int, _ column: Int, _ firstInput: Int) {
    for input in firstInput..<firstInput + group {
      let exists = output < shape.outputChannels && column < kernel && input < inputs
      next[0] = exists ? .init(weights[((output * kernel + row) * kernel + column) * inputs + input]) : 0
      next += 1
    }
  }
  if shape.foldsColumns {
    for row in 0..<kernel {
      for input in stride(from: 0, to: shape.paddedInputs, by: group) {
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
        for input in stride(from: 0, to: shape.paddedInputs, by: group) {
          for output in channel..<channel + outputs { append(output, row, column, input) }
        }
      }
    }
    channel += outputs
  }
}

// MARK: - Loops

@Sendable
func quantizedScratchBytes(_ shape: ConvolutionShape) -> Int { hasByteDots ? 0 : WidenedInputs(shape).byteCount }

@Sendable
func convolveQuantized(_ convolution: QuantizedConvolution, _ scratch: UnsafeMutableRawPointer, _ rows: Range<Int>) {
  for y in rows {
    if convolution.shape.foldsColumns {
      withUnsafePointer(to: convolution) { convolveFoldedRow($0, y) }
    } else if hasByteDots {
      convolveRow(convolution, y)
    } else {
      convolveWidenedRow(convolution, scratch, y)
    }
  }
  if convolution.activation == .sigmoid, case .floats(let output) = convolution.output {
    map(output, output, .sigmoid, rows)
  }
}

private func convolveRow(_ convolution: QuantizedConvolution, _ y: Int) {
  let (shape, input) = (convolution.shape, convolution.input)
  let taps = Taps(
    rows: shape.kernel, columns: shape.kernel, bytes: shape.paddedInputs, rowStride: input.rowStride,
    columnStride: input.pixelStride, stride: shape.stride * input.pixelStride)
  let source = input.pixel(shape.stride * y - shape.padding, -shape.padding)
  convolve(convolution, taps, source, y, 0..<convolution.output.width)
}

private func convolveWidenedRow(_ convolution: QuantizedConvolution, _ scratch: UnsafeMutableRawPointer, _ y: Int) {
  let (shape, width) = (convolution.shape, convolution.output.width)
  let widened = WidenedInputs(shape)
  var x = 0
  while x < width {
    let columns = x..<min(x + widened.span, width)
    widened.fill(
      scratch, from: convolution.input, shape.stride * y - shape.padding, shape.stride * x - shape.padding,
      outputs: columns.count)
    convolve(convolution, widened.taps, scratch, y, columns)
    x = columns.upperBound
  }
}

/// Makes a stretch of a row, of which the first pixel has its first tap at `source`.
private func convolve(
  _ convolution: QuantizedConvolution, _ taps: Taps, _ source: UnsafeRawPointer, _ y: Int, _ columns: Range<Int>
) {
  let shape = convolution.shape
  var channel = 0
  while channel < shape.outputChannels {
    let outputs = shape.blockOutputs(at: channel)
    switch outputs / Integers.scalarCount {
    case 1: convolveBlock(SlimDirectTile.self, convolution, taps, source, y, columns, channel)
    case 2: convolveBlock(WideDirectTile.self, convolution, taps, source, y, columns, channel)
    default: convolveBlock(WidestDirectTile.self, convolution, taps, source, y, columns, channel)
    }
    channel += outputs
  }
}

/// Makes the output channels of one block.
private func convolveBlock<Main: Tile>(
  _ main: Main.Type, _ convolution: QuantizedConvolution, _ taps: Taps, _ source: UnsafeRawPointer, _ y: Int,
  _ columns: Range<Int>, _ channel: Int
) where Main.Vector == Integers {
  convolution.withRequantization(channel, lanes: Main.Channels.vectors * Integers.scalarCount) { biases, output in
    let weights = channel * convolution.shape.paddedTerms * MemoryLayout<DirectArithmetic.Weight>.size
    let block = Block<Main.Leaf>(
      taps: taps, source: source, weights: convolution.packedWeights + weights, start: biases, output: output,
      first: columns.lowerBound)
    block.makeRow(Main.self, y, width: columns.count)
  }
}

/// A block of output channels of a stretch of pixels.
private struct Block<Leaf: Tile>: TileMaker where Leaf.Vector == Integers, Leaf.Leaf == Leaf {
  let taps: Taps
  let source: UnsafeRawPointer
  let weights: UnsafeRawPointer
  let start: UnsafePointer<Int32>
  let output: Requantization
  /// The column of the stretch's first pixel.
  let first: Int

  @inline(never)
  func make<T: Tile>(_ type: T.Type, _ y: Int, _ x: Int) where T.Leaf == Leaf {
    let sums = taps.sums(T.self, start: start, input: source + x * taps.stride, weights: weights)
    output.store(sums, y, first + x)
  }
}

// MARK: - Folded columns

/// Sums of one tile: all but the two border pixels of its input yield outputs.
private typealias FoldedTile = SlimDirectTile

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
