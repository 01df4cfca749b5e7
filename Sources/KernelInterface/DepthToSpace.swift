/// What ONNX calls DepthToSpace, others pixel shuffle: of `block * block * C` channels of a pixel, a block of pixels of C
/// channels each.
public struct DepthToSpace: Equatable, Hashable, Sendable {
  /// Which input channel makes channel c of the pixel in row i, column j of the block.
  public enum Order: UInt8, Sendable {
    /// ONNX's DCR: (block * i + j) * C + c. In memory that orders channels last, pixels stay whole.
    case pixelsFirst = 0
    /// ONNX's CRD, PyTorch's PixelShuffle: block * block * c + block * i + j.
    case channelsFirst = 1
  }

  /// Pixels of a block in either direction.
  public var block: Int
  public var order: Order

  public init(block: Int, order: Order) {
    self.block = block
    self.order = order
  }

  /// The input channel for channel `channel` of `channels` of the pixel in row `row`, column `column` of the block.
  @inlinable @inline(__always)
  public func inputChannel(_ channel: Int, of channels: Int, row: Int, column: Int) -> Int {
    switch order {
    case .pixelsFirst: (block * row + column) * channels + channel
    case .channelsFirst: block * block * channel + block * row + column
    }
  }

  /// Whether a convolution with so many output channels can store its result as this rearranges it, by `view`: kernels
  /// store groups of up to eight channels, none of which may be torn apart.
  public func admitsView(channels: Int) -> Bool { block == 2 && order == .pixelsFirst && channels % 16 == 0 }

  /// A map, made by this operator of a convolution's result, as that result: a pixel's channels are those of two
  /// neighbouring pixels of the map and, `halfStride` values from there, of the two below.
  ///
  /// - Parameter map: with nothing between its pixels.
  public static func view(_ map: FeatureMap) -> (map: FeatureMap, halfStride: Int) {
    var view = map
    (view.height, view.width, view.channels) = (map.height / 2, map.width / 2, 4 * map.channels)
    (view.pixelStride, view.rowStride) = (2 * map.pixelStride, 2 * map.rowStride)
    return (view, map.rowStride)
  }

  public static func view(_ map: QuantizedMap) -> (map: QuantizedMap, halfStride: Int) {
    var view = map
    (view.height, view.width, view.channels) = (map.height / 2, map.width / 2, 4 * map.channels)
    (view.pixelStride, view.rowStride) = (2 * map.pixelStride, 2 * map.rowStride)
    return (view, map.rowStride)
  }
}

extension ConvolutionShape {
  /// Where the given output channel lies, in values from the first.
  @inlinable @inline(__always)
  public func offset(ofOutput channel: Int, halfStride: Int?) -> Int {
    guard let halfStride, channel >= outputChannels / 2 else { return channel }
    return channel - outputChannels / 2 + halfStride
  }
}
