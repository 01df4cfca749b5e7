import KernelInterface
import RegisterTiles

// What Winograd's convolutions of floats and of bytes share. Some tiles at a time, so few that all stays in the
// second-level cache, are transformed, multiplied with the weights at each of the 36 points (a matrix product of tiles x
// input channels and input x output channels, by the same register tiles as the direct convolution), and transformed back.

/// The tiles that are worked on at a time, and how the scratch memory is divided between them.
struct WinogradTiles {
  /// Tiles that are worked on at a time.
  let count: Int
  /// Bytes that the transformed inputs of a tile take at one point, and its products.
  let inputBytes: Int
  let productBytes: Int
  /// Bytes from the inputs (or products) at one point to those at the next.
  let inputStride: Int
  let productStride: Int

  private static let points = WinogradTransform.points * WinogradTransform.points

  /// - Parameters:
  ///   - inputBytes, productBytes: what a tile takes at one point.
  ///   - pass: tiles that one pass through the registers takes.
  ///   - budget: bytes that inputs and products may take.
  init(inputBytes: Int, productBytes: Int, pass: Int, budget: Int) {
    (self.inputBytes, self.productBytes) = (inputBytes, productBytes)
    let bytes = WinogradTiles.points * (inputBytes + productBytes)
    count = max(1, min(4, budget / (bytes * pass))) * pass
    inputStride = WinogradTiles.stride(count * inputBytes)
    productStride = WinogradTiles.stride(count * productBytes)
  }

  /// An odd number of cache lines: the 36 values of a tile are then spread over all sets of the cache. With multiples of
  /// eight lines, say, they would fall into so few that they drive each other out.
  private static func stride(_ bytes: Int) -> Int { ((bytes + 63) / 64 | 1) * 64 }

  /// The inputs come first, then the products; what else a kernel needs comes behind.
  var productStart: Int { WinogradTiles.points * inputStride }
  var end: Int { productStart + WinogradTiles.points * productStride }

  /// At every point, the matrix product of tiles x input channels and input channels x a block of output channels.
  ///
  /// - Parameters:
  ///   - tiles: how many there are.
  ///   - scratch: where the transformed inputs are and the products come.
  @inline(__always)
  func multiply<Main: Tile>(
    _ main: Main.Type, _ tiles: Int, weights: UnsafeRawPointer, scratch: UnsafeMutableRawPointer
  ) where Main.Vector.Scalar: ExpressibleByIntegerLiteral {
    withUnsafeTemporaryAllocation(of: Main.Vector.Scalar.self, capacity: productBytes / 4) { zeros in
      zeros.initialize(repeating: 0)
      let product = PointProduct<Main.Leaf>(
        plan: self, inputs: scratch, weights: weights, products: scratch + productStart, zeros: zeros.baseAddress!)
      for point in 0..<WinogradTiles.points { product.makeRow(Main.self, point, width: tiles) }
    }
  }
}

/// The matrix product at a point, where a "row of pixels" is all tiles.
private struct PointProduct<Leaf: Tile>: TileMaker where Leaf.Leaf == Leaf {
  let plan: WinogradTiles
  let inputs: UnsafeRawPointer
  let weights: UnsafeRawPointer
  let products: UnsafeMutableRawPointer
  let zeros: UnsafeRawPointer

  @inline(never)
  func make<T: Tile>(_ type: T.Type, _ point: Int, _ tile: Int) where T.Leaf == Leaf {
    let steps = plan.inputBytes / T.stepBytes
    let taps = Taps(
      rows: 1, columns: 1, bytes: plan.inputBytes, rowStride: 0, columnStride: 0, stride: plan.inputBytes)
    let sums = taps.sums(
      T.self, start: zeros, input: inputs + (point * plan.inputStride + tile * plan.inputBytes),
      weights: weights + point * steps * T.Channels.bytes)
    sums.store(
      to: PlainStore<T.Vector>(
        target: products + (point * plan.productStride + tile * T.Channels.bytes), pixelBytes: T.Channels.bytes),
      firstPixel: 0)
  }
}

private struct PlainStore<Sums: SIMD>: SumStore where Sums.Scalar: BitwiseCopyable {
  let target: UnsafeMutableRawPointer
  let pixelBytes: Int

  @inline(__always)
  func store(_ sums: Sums, pixel: Int, index: Int) {
    (target + (pixel * pixelBytes + index * MemoryLayout<Sums>.size)).storeBytes(of: sums, as: Sums.self)
  }
}

/// A tile of 6x6 input pixels: where they lie in the map or, if the tile reaches over the halo's border, a copy with
/// zeros beyond.
struct TileInputs<Value: BitwiseCopyable & ExpressibleByIntegerLiteral> {
  private(set) var source: UnsafePointer<Value>
  private(set) var rowStride: Int
  private(set) var pixelStride: Int

  /// - Parameters:
  ///   - source: the first channel of the tile's first pixel.
  ///   - rows, columns: how many of the tile's exist, from the map's height and width.
  ///   - channels: how many are read of a pixel.
  ///   - patch: takes the copy.
  @inline(__always)
  init(
    _ source: UnsafePointer<Value>, rowStride: Int, pixelStride: Int, rows: Int, columns: Int, channels: Int,
    patch: UnsafeMutablePointer<Value>
  ) {
    (self.source, self.rowStride, self.pixelStride) = (source, rowStride, pixelStride)
    let points = WinogradTransform.points
    guard rows < points || columns < points else { return }
    patch.update(repeating: 0, count: points * points * channels)
    for row in 0..<min(rows, points) {
      for column in 0..<min(columns, points) {
        (patch + (row * points + column) * channels).update(
          from: source + (row * rowStride + column * pixelStride), count: channels)
      }
    }
    (self.source, self.rowStride, self.pixelStride) = (UnsafePointer(patch), points * channels, channels)
  }
}

/// Stores the first `count` channels of a row of transformed inputs, each point's where it belongs.
@inline(__always)
func storeRow<Values: SIMD>(
  _ row: (Values, Values, Values, Values, Values, Values), to target: UnsafeMutablePointer<Values.Scalar>,
  _ pointStride: Int, upTo count: Int
) where Values.Scalar: ExpressibleByIntegerLiteral {
  row.0.store(to: target, upTo: count)
  row.1.store(to: target + pointStride, upTo: count)
  row.2.store(to: target + 2 * pointStride, upTo: count)
  row.3.store(to: target + 3 * pointStride, upTo: count)
  row.4.store(to: target + 4 * pointStride, upTo: count)
  row.5.store(to: target + 5 * pointStride, upTo: count)
}
