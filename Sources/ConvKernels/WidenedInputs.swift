import KernelInterface
import RegisterTiles
import VectorIntrinsics

/// The inputs of a stretch of output pixels of one row, widened from bytes to 16 bits: once, instead of for every tap and
/// block of output channels that reads them. Pixels lie side by side, so that the taps of a row are one run.
struct WidenedInputs {
  /// Output pixels of a stretch.
  let span: Int
  private let shape: ConvolutionShape

  /// Bytes that a stretch's inputs may take: half of a first-level cache of 32 kB.
  private static let budget = 1 << 14

  init(_ shape: ConvolutionShape) {
    self.shape = shape
    let pass = max(WideIntegerTile<ShortArithmetic>.pixels, SlimIntegerTile<ShortArithmetic>.pixels)
    let pixels = WidenedInputs.budget / (shape.kernel * 2 * shape.paddedInputs)
    span = max(1, ((pixels - shape.kernel) / shape.stride + 1) / pass) * pass
  }

  /// Bytes of a row.
  private var rowStride: Int { 2 * inputPixels(span) * shape.paddedInputs }
  var byteCount: Int { shape.kernel * rowStride }

  var taps: Taps {
    Taps(
      rows: shape.kernel, columns: 1, bytes: 2 * shape.kernel * shape.paddedInputs, rowStride: rowStride,
      columnStride: 0,
      stride: 2 * shape.stride * shape.paddedInputs)
  }

  private func inputPixels(_ outputs: Int) -> Int { (outputs - 1) * shape.stride + shape.kernel }

  /// Widens the inputs of `outputs` pixels, up to `span`, from the given row and column of the map on.
  @inline(never)
  func fill(_ scratch: UnsafeMutableRawPointer, from input: QuantizedMap, _ row: Int, _ column: Int, outputs: Int) {
    let (channels, pixels) = (shape.paddedInputs, inputPixels(outputs))
    for tap in 0..<shape.kernel {
      let source = UnsafePointer(input.pixel(row + tap, column))
      let target = (scratch + tap * rowStride).assumingMemoryBound(to: Int16.self)
      if input.pixelStride == channels {
        widen(source, to: target, channels * pixels)
      } else {
        for pixel in 0..<pixels { widen(source + pixel * input.pixelStride, to: target + pixel * channels, channels) }
      }
    }
  }
}

@inline(__always)
private func widen(_ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<Int16>, _ count: Int) {
  forEachGroup(of: Shorts.scalarCount, in: count) { first, count in
    short_of_byte(HalfBytes(loading: source + first, upTo: count)).store(to: target + first, upTo: count)
  }
}
