import KernelInterface
import RegisterTiles
import VectorIntrinsics

// Convolution of bytes by `IntegerWinogradTransform`, some tiles at a time: see `WinogradTiles`. A step of the matrix
// products multiplies two input channels of 16 bits, with nothing to widen.

private typealias WideShortTile = WideIntegerTile<ShortArithmetic>
private typealias SlimShortTile = SlimIntegerTile<ShortArithmetic>

private let points = WinogradTransform.points * WinogradTransform.points
private let size = WinogradTransform.outputs

/// Output channels that are made at a time.
private let blockLanes = WideShortTile.Channels.vectors * Integers.scalarCount

extension WinogradTiles {
  /// The budget is a quarter of a second-level cache of 512 kB.
  fileprivate init(_ shape: ConvolutionShape) {
    self.init(
      inputBytes: 2 * shape.paddedInputs, productBytes: 4 * blockLanes,
      pass: max(WideShortTile.pixels, SlimShortTile.pixels), budget: 1 << 17)
  }
}

// MARK: - Packing

@Sendable
func quantizedWinogradPackedBytes(_ shape: ConvolutionShape) -> Int {
  2 * points * shape.paddedInputs * shape.paddedOutputs
}

/// Order: blocks of output channels, points, pairs of input channels, channels of the block, the pair. Channels that do
/// not exist have zero weights.
@Sendable
func packQuantizedWinograd(
  _ shape: ConvolutionShape, _ weights: UnsafePointer<Int8>, _ packed: UnsafeMutableRawPointer
) {
  let (inputs, count) = (shape.inputChannels, quantizedWinogradPackedBytes(shape) / 2)
  let packed = packed.bindMemory(to: Int16.self, capacity: count)
  packed.update(repeating: 0, count: count)
  for output in 0..<shape.outputChannels {
    let channel = output / blockLanes * blockLanes
    let lanes = min(blockLanes, shape.paddedOutputs - channel)
    let first = packed + (points * channel * shape.paddedInputs + 2 * (output - channel))
    forEachGroup(of: Shorts.scalarCount, in: inputs) { input, count in
      @inline(__always)
      func tap(_ row: Int, _ column: Int) -> Shorts {
        signedShorts(weights + ((output * 9 + 3 * row + column) * inputs + input), upTo: count)
      }
      @inline(__always)
      func store(_ point: Int, _ values: Shorts) {
        let target = first + point * lanes * shape.paddedInputs
        for lane in 0..<count { target[(input + lane) / 2 * 2 * lanes + (input + lane) % 2] = values[lane] }
      }
      @inline(__always)
      func store(_ row: Int, _ a: Shorts, _ b: Shorts, _ c: Shorts) {
        let values = transformFilter(a, b, c)
        let point = row * WinogradTransform.points
        store(point, values.0)
        store(point + 1, values.1)
        store(point + 2, values.2)
        store(point + 3, values.3)
        store(point + 4, values.4)
        store(point + 5, values.5)
      }
      let a = transformFilter(tap(0, 0), tap(1, 0), tap(2, 0))
      let b = transformFilter(tap(0, 1), tap(1, 1), tap(2, 1))
      let c = transformFilter(tap(0, 2), tap(1, 2), tap(2, 2))
      store(0, a.0, b.0, c.0)
      store(1, a.1, b.1, c.1)
      store(2, a.2, b.2, c.2)
      store(3, a.3, b.3, c.3)
      store(4, a.4, b.4, c.4)
      store(5, a.5, b.5, c.5)
    }
  }
}

/// G g.
@inline(__always)
private func transformFilter(
  _ a: Shorts, _ b: Shorts, _ c: Shorts
) -> (Shorts, Shorts, Shorts, Shorts, Shorts, Shorts) {
  let (outer, near) = (a &+ c, a &+ (c &<< 2))
  return (
    6 &* a, -4 &* (outer &+ b), -4 &* (outer &- b), near &+ (b &<< 1), near &- (b &<< 1), 12 &* c
  )
}

@Sendable
func quantizedWinogradScratchBytes(_ shape: ConvolutionShape) -> Int {
  WinogradTiles(shape).end + points * (MemoryLayout<Integers>.size + shape.paddedInputs)
}

// MARK: - Loops

@Sendable
func convolveQuantizedWinograd(
  _ convolution: QuantizedConvolution, _ scratch: UnsafeMutableRawPointer, _ rows: Range<Int>
) {
  let shape = convolution.shape
  let plan = WinogradTiles(shape)
  let columns = (convolution.output.width + size - 1) / size
  let end = (rows.upperBound + size - 1) / size * columns
  var next = rows.lowerBound / size * columns
  while next < end {
    let tiles = next..<min(next + plan.count, end)
    transformInputs(convolution, plan, tiles, columns, scratch)
    var channel = 0
    while channel < shape.outputChannels {
      let outputs = min(blockLanes, shape.paddedOutputs - channel)
      let weights = convolution.packedWeights + 2 * points * channel * shape.paddedInputs
      if outputs == Integers.scalarCount {
        plan.multiply(SlimShortTile.self, tiles.count, weights: weights, scratch: scratch)
      } else {
        plan.multiply(WideShortTile.self, tiles.count, weights: weights, scratch: scratch)
      }
      for lane in stride(from: 0, to: outputs, by: Integers.scalarCount) {
        convolution.withRequantization(channel + lane, lanes: Integers.scalarCount) { biases, output in
          transformOutputs(
            scratch + (plan.productStart + 4 * lane), plan.productStride, tileStride: 4 * outputs, tiles, columns,
            biases, output, rows, (scratch + plan.end).assumingMemoryBound(to: Integers.self))
        }
      }
      channel += outputs
    }
    next = tiles.upperBound
  }
  if convolution.activation == .sigmoid, case .floats(let output) = convolution.output {
    map(output, output, .sigmoid, rows)
  }
}

// MARK: - Transforms

/// B^T d. The rows of +-1, and those of +-2, share their even and their odd terms.
@inline(__always)
private func transformInput(
  _ d0: Shorts, _ d1: Shorts, _ d2: Shorts, _ d3: Shorts, _ d4: Shorts, _ d5: Shorts
) -> (Shorts, Shorts, Shorts, Shorts, Shorts, Shorts) {
  let (even1, odd1) = (d4 &- (d2 &<< 2), d3 &- (d1 &<< 2))
  let (even2, odd2) = (d4 &- d2, (d3 &- d1) &<< 1)
  return (
    ((d0 &- d2) &<< 2) &+ even2, even1 &+ odd1, even1 &- odd1, even2 &+ odd2, even2 &- odd2,
    (d5 &- d3) &- (odd2 &<< 1)
  )
}

/// A^T m.
@inline(__always)
private func transformOutput(
  _ m0: Integers, _ m1: Integers, _ m2: Integers, _ m3: Integers, _ m4: Integers, _ m5: Integers
) -> (Integers, Integers, Integers, Integers) {
  let (even1, odd1, even2, odd2) = (m1 &+ m2, m1 &- m2, m3 &+ m4, m3 &- m4)
  return (
    m0 &+ even1 &+ even2, odd1 &+ (odd2 &<< 1), even1 &+ (even2 &<< 2), odd1 &+ (((odd2 &<< 2) &+ m5) &<< 1)
  )
}

/// B^T d B of the tiles, all channels.
@inline(never)
private func transformInputs(
  _ convolution: QuantizedConvolution, _ plan: WinogradTiles, _ tiles: Range<Int>, _ columns: Int,
  _ scratch: UnsafeMutableRawPointer
) {
  let (input, channels, side) = (convolution.input, convolution.shape.paddedInputs, WinogradTransform.points)
  let pointStride = plan.inputStride / 2
  let transformed = scratch.assumingMemoryBound(to: Int16.self)
  let middle = (scratch + plan.end).assumingMemoryBound(to: Shorts.self)
  let patch = UnsafeMutableRawPointer(middle + points).assumingMemoryBound(to: UInt8.self)
  for (index, tile) in tiles.enumerated() {
    let (y, x) = (tile / columns * size, tile % columns * size)
    let inputs = TileInputs(
      input.pixel(y - 1, x - 1), rowStride: input.rowStride, pixelStride: input.pixelStride,
      rows: input.height - y + 2, columns: input.width - x + 2, channels: channels, patch: patch)
    forEachGroup(of: Shorts.scalarCount, in: channels) { channel, count in
      for column in 0..<side {
        let source = inputs.source + (column * inputs.pixelStride + channel)
        @inline(__always)
        func pixel(_ row: Int) -> Shorts {
          short_of_byte(HalfBytes(loading: source + row * inputs.rowStride, upTo: count))
        }
        let values = transformInput(pixel(0), pixel(1), pixel(2), pixel(3), pixel(4), pixel(5))
        middle[column] = values.0
        middle[side + column] = values.1
        middle[2 * side + column] = values.2
        middle[3 * side + column] = values.3
        middle[4 * side + column] = values.4
        middle[5 * side + column] = values.5
      }
      for row in 0..<side {
        let m = middle + row * side
        let target = transformed + (row * side * pointStride + index * channels + channel)
        let values = transformInput(m[0], m[1], m[2], m[3], m[4], m[5])
        storeRow(values, to: target, pointStride, upTo: count)
      }
    }
  }
}

/// Y of the tiles, for a vector of output channels; of it the rows that are asked for.
@inline(never)
private func transformOutputs(
  _ products: UnsafeRawPointer, _ pointStride: Int, tileStride: Int, _ tiles: Range<Int>, _ columns: Int,
  _ biases: UnsafePointer<Int32>, _ output: Requantization, _ rows: Range<Int>, _ middle: UnsafeMutablePointer<Integers>
) {
  let side = WinogradTransform.points
  let bias = UnsafeRawPointer(biases).loadUnaligned(as: Integers.self)
  for (index, tile) in tiles.enumerated() {
    for column in 0..<side {
      let source = products + (index * tileStride + column * pointStride)
      @inline(__always)
      func point(_ row: Int) -> Integers { (source + row * side * pointStride).loadUnaligned(as: Integers.self) }
      let values = transformOutput(point(0), point(1), point(2), point(3), point(4), point(5))
      middle[column] = values.0
      middle[side + column] = values.1
      middle[2 * side + column] = values.2
      middle[3 * side + column] = values.3
    }
    let (y, x) = (tile / columns * size, tile % columns * size)
    let width = min(size, output.convolution.pointee.output.width - x)
    for row in rows.clamped(to: y..<y + size) {
      let m = middle + (row - y) * side
      let sums = transformOutput(m[0], m[1], m[2], m[3], m[4], m[5])
      @inline(__always)
      func pixel(_ sum: Integers) -> Pixel<One<ShortArithmetic>> {
        Pixel(
          One(
            bias
              &+ ((sum &* Integers(repeating: IntegerWinogradTransform.inverseOf9))
                &>> Integers(repeating: IntegerWinogradTransform.shift))))
      }
      let (p0, p1, p2, p3) = (pixel(sums.0), pixel(sums.1), pixel(sums.2), pixel(sums.3))
      if width == size {
        output.store(Twice(Twice(p0, p1), Twice(p2, p3)), row, x)
      } else {
        for column in 0..<width { output.store(column == 0 ? p0 : column == 1 ? p1 : p2, row, x + column) }
      }
    }
  }
}
