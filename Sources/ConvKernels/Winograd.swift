import KernelInterface
import RegisterTiles
import VectorIntrinsics

// Convolution of floats by `WinogradTransform`, some tiles at a time: see `WinogradTiles`.

private let points = WinogradTransform.points * WinogradTransform.points
private let size = WinogradTransform.outputs

/// Output channels that are made at a time.
private let blockLanes = WideTile.Channels.vectors * Vector.scalarCount

extension WinogradTiles {
  /// The budget is half a second-level cache of 1 MB.
  fileprivate init(_ shape: ConvolutionShape) {
    self.init(
      inputBytes: 4 * shape.inputChannels, productBytes: 4 * blockLanes, pass: max(WideTile.pixels, SlimTile.pixels),
      budget: 1 << 19)
  }
}

// MARK: - Packing

@Sendable
func winogradPackedCount(_ shape: ConvolutionShape) -> Int {
  points * shape.inputChannels * shape.paddedOutputs
}

/// Order: blocks of output channels, points, input channels, channels of the block. Channels that do not exist have zero
/// weights.
@Sendable
func packWinograd(
  _ shape: ConvolutionShape, _ weights: UnsafePointer<Float>, _ packed: UnsafeMutablePointer<Float>
) {
  packed.update(repeating: 0, count: winogradPackedCount(shape))
  for output in 0..<shape.outputChannels {
    let channel = output / blockLanes * blockLanes
    let lanes = min(blockLanes, shape.paddedOutputs - channel)
    for input in 0..<shape.inputChannels {
      let first = packed + points * channel * shape.inputChannels + input * lanes + output - channel
      let transformed = WinogradTransform.transformed { row, column in
        weights[((output * 3 + row) * 3 + column) * shape.inputChannels + input]
      }
      for (point, value) in transformed.enumerated() {
        first[point * lanes * shape.inputChannels] = value
      }
    }
  }
}

@Sendable
func winogradScratchCount(_ shape: ConvolutionShape) -> Int {
  WinogradTiles(shape).end / 4 + points * shape.inputChannels
}

// MARK: - Loops

@Sendable
func convolveWinograd(
  _ convolution: Convolution, _ scratch: UnsafeMutablePointer<Float>, _ rows: Range<Int>
) {
  let plan = WinogradTiles(convolution.shape)
  let shape = convolution.shape
  let memory = UnsafeMutableRawPointer(scratch)
  let products = (memory + plan.productStart).assumingMemoryBound(to: Float.self)
  let patch = (memory + plan.end).assumingMemoryBound(to: Float.self)
  let columns = (convolution.output.width + size - 1) / size
  let end = (rows.upperBound + size - 1) / size * columns
  var tile = rows.lowerBound / size * columns
  while tile < end {
    let tiles = tile..<min(tile + plan.count, end)
    for tile in tiles {
      transformInput(
        convolution.input, tile / columns * size, tile % columns * size, patch,
        to: scratch + (tile - tiles.lowerBound) * shape.inputChannels, plan.inputStride / 4)
    }
    var channel = 0
    while channel < shape.outputChannels {
      let outputs = min(blockLanes, shape.paddedOutputs - channel)
      let weights = convolution.packedWeights + points * channel * shape.inputChannels
      if outputs == Vector.scalarCount {
        plan.multiply(SlimTile.self, tiles.count, weights: weights, scratch: memory)
      } else {
        plan.multiply(WideTile.self, tiles.count, weights: weights, scratch: memory)
      }
      for tile in tiles {
        transformOutput(
          products + (tile - tiles.lowerBound) * outputs, plan.productStride / 4, convolution,
          tile / columns * size,
          tile % columns * size, channel, rows)
      }
      channel += outputs
    }
    tile = tiles.upperBound
  }
  if convolution.activation == .sigmoid {
    map(convolution.output, convolution.output, .sigmoid, rows)
  }
}

// MARK: - Transforms

private typealias Four = (Vector, Vector, Vector, Vector)
private typealias Six = (Vector, Vector, Vector, Vector, Vector, Vector)

/// B^T d. The rows of +-p, and those of +-q, share their even and their odd terms.
@inline(__always)
private func transformInput(
  _ d0: Vector, _ d1: Vector, _ d2: Vector, _ d3: Vector, _ d4: Vector, _ d5: Vector
) -> Six {
  let (p, q) = (WinogradTransform.p, WinogradTransform.q)
  let (minusP2, minusQ2) = (Vector(repeating: -p * p), Vector(repeating: -q * q))
  let (product, minusSum) = (Vector(repeating: p * p * q * q), Vector(repeating: -p * p - q * q))
  let (evenP, oddP) = (multiply_add(d4, d2, minusQ2), multiply_add(d3, d1, minusQ2))
  let (evenQ, oddQ) = (multiply_add(d4, d2, minusP2), multiply_add(d3, d1, minusP2))
  return (
    multiply_add(multiply_add(d4, d2, minusSum), d0, product),
    multiply_add(evenP, oddP, Vector(repeating: p)),
    multiply_add(evenP, oddP, Vector(repeating: -p)),
    multiply_add(evenQ, oddQ, Vector(repeating: q)),
    multiply_add(evenQ, oddQ, Vector(repeating: -q)),
    multiply_add(multiply_add(d5, d3, minusSum), d1, product)
  )
}

/// A^T m.
@inline(__always)
private func transformOutput(
  _ m0: Vector, _ m1: Vector, _ m2: Vector, _ m3: Vector, _ m4: Vector, _ m5: Vector
) -> Four {
  let (p, q) = (WinogradTransform.p, WinogradTransform.q)
  let (evenP, oddP, evenQ, oddQ) = (m1 + m2, m1 - m2, m3 + m4, m3 - m4)
  return (
    m0 + evenP + evenQ,
    multiply_add(oddP * Vector(repeating: p), oddQ, Vector(repeating: q)),
    multiply_add(evenP * Vector(repeating: p * p), evenQ, Vector(repeating: q * q)),
    multiply_add(
      multiply_add(m5, oddP, Vector(repeating: p * p * p)), oddQ, Vector(repeating: q * q * q))
  )
}

/// B^T d B of the tile of inputs whose outputs start at (y, x), all channels.
private func transformInput(
  _ map: FeatureMap, _ y: Int, _ x: Int, _ patch: UnsafeMutablePointer<Float>,
  to target: UnsafeMutablePointer<Float>, _ pointStride: Int
) {
  let tile = TileInputs(
    map.pixel(y - 1, x - 1), rowStride: map.rowStride, pixelStride: map.pixelStride, rows: map.height - y + 2,
    columns: map.width - x + 2, channels: map.channels, patch: patch)
  forEachGroup(of: Vector.scalarCount, in: map.channels) { channel, count in
    transformInput(
      tile.source + channel, tile.rowStride, tile.pixelStride, count, to: target + channel, pointStride)
  }
}

@inline(__always)
private func transformInput(
  _ source: UnsafePointer<Float>, _ rowStride: Int, _ pixelStride: Int, _ count: Int,
  to target: UnsafeMutablePointer<Float>, _ pointStride: Int
) {
  @inline(__always)
  func column(_ x: Int) -> Six {
    @inline(__always)
    func pixel(_ y: Int) -> Vector {
      Vector(loading: source + (y * rowStride + x * pixelStride), upTo: count)
    }
    return transformInput(pixel(0), pixel(1), pixel(2), pixel(3), pixel(4), pixel(5))
  }
  let (a, b, c, d, e, f) = (column(0), column(1), column(2), column(3), column(4), column(5))
  @inline(__always)
  func store(
    _ row: Int, _ a: Vector, _ b: Vector, _ c: Vector, _ d: Vector, _ e: Vector, _ f: Vector
  ) {
    let values = transformInput(a, b, c, d, e, f)
    let target = target + row * WinogradTransform.points * pointStride
    storeRow(values, to: target, pointStride, upTo: count)
  }
  store(0, a.0, b.0, c.0, d.0, e.0, f.0)
  store(1, a.1, b.1, c.1, d.1, e.1, f.1)
  store(2, a.2, b.2, c.2, d.2, e.2, f.2)
  store(3, a.3, b.3, c.3, d.3, e.3, f.3)
  store(4, a.4, b.4, c.4, d.4, e.4, f.4)
  store(5, a.5, b.5, c.5, d.5, e.5, f.5)
}

/// A^T M A of the tile that starts at (y, x) and the block of output channels that starts at `channel`, with addend, bias
/// and ReLU; of it the rows that are asked for.
private func transformOutput(
  _ products: UnsafePointer<Float>, _ pointStride: Int, _ convolution: Convolution, _ y: Int,
  _ x: Int, _ channel: Int,
  _ rows: Range<Int>
) {
  let wanted = rows.clamped(to: y..<y + size)
  let columns = min(size, convolution.output.width - x)
  let floor = Vector(repeating: convolution.activation == .relu ? 0 : -.infinity)
  forEachGroup(
    of: Vector.scalarCount, in: min(blockLanes, convolution.shape.outputChannels - channel)
  ) {
    first, count in
    let products = products + first
    let channel = channel + first
    @inline(__always)
    func column(_ x: Int) -> Four {
      @inline(__always)
      func point(_ y: Int) -> Vector {
        Vector(loading: products + (y * WinogradTransform.points + x) * pointStride)
      }
      return transformOutput(point(0), point(1), point(2), point(3), point(4), point(5))
    }
    let (a, b, c, d, e, f) = (column(0), column(1), column(2), column(3), column(4), column(5))
    let bias = Vector(loading: convolution.bias + channel, upTo: count)
    @inline(__always)
    func store(
      _ row: Int, _ a: Vector, _ b: Vector, _ c: Vector, _ d: Vector, _ e: Vector, _ f: Vector
    ) {
      guard wanted.contains(y + row) else { return }
      let values = transformOutput(a, b, c, d, e, f)
      let target = convolution.output.pixel(y + row, x) + channel
      let addend = convolution.addend.map { $0.pixel(y + row, x) + channel }
      @inline(__always)
      func finish(_ sum: Vector, _ x: Int) {
        guard x < columns else { return }
        var sum = sum
        if let addend, let map = convolution.addend {
          sum += Vector(loading: addend + x * map.pixelStride, upTo: count)
        }
        maximum(sum + bias, floor).store(
          to: target + x * convolution.output.pixelStride, upTo: count)
      }
      finish(values.0, 0)
      finish(values.1, 1)
      finish(values.2, 2)
      finish(values.3, 3)
    }
    store(0, a.0, b.0, c.0, d.0, e.0, f.0)
    store(1, a.1, b.1, c.1, d.1, e.1, f.1)
    store(2, a.2, b.2, c.2, d.2, e.2, f.2)
    store(3, a.3, b.3, c.3, d.3, e.3, f.3)
  }
}
