/// A view on one activation tensor: NHWC with N = 1, channels innermost, single precision.
///
/// The view does not own its memory. Around the `height * width` pixels lies a halo of one pixel on each side that holds
/// zeros, so that a 3x3 kernel with "same" padding needs no case for the border: `pixel(-1, -1)` and `pixel(height, width)` are
/// readable. Writers never touch the halo. `pixelStride` may exceed `channels`: a concatenation is one buffer whose
/// inputs are views on neighbouring channels.
public struct FeatureMap: @unchecked Sendable {
  /// Channel 0 of pixel (0, 0).
  public var base: UnsafeMutablePointer<Float>
  public var height: Int
  public var width: Int
  public var channels: Int
  /// Floats from a pixel to its right neighbour, at least `channels`.
  public var pixelStride: Int
  /// Floats from a pixel to the one below, at least `(width + 2) * pixelStride`.
  public var rowStride: Int

  public init(
    base: UnsafeMutablePointer<Float>, height: Int, width: Int, channels: Int, pixelStride: Int, rowStride: Int
  ) {
    self.base = base
    self.height = height
    self.width = width
    self.channels = channels
    self.pixelStride = pixelStride
    self.rowStride = rowStride
  }

  /// Channel 0 of the pixel in row `y`, column `x`; -1 and `height`, `width` are the halo.
  @inlinable @inline(__always)
  public func pixel(_ y: Int, _ x: Int) -> UnsafeMutablePointer<Float> {
    base + (y * rowStride + x * pixelStride)
  }
}
