import KernelInterface

/// A quantised map with its own memory; the halo holds the zero point, everything around the map's own bytes a guard.
final class TestByteMap {
  let view: QuantizedMap
  private let storage: UnsafeMutableBufferPointer<UInt8>
  private let before: [UInt8]

  /// `spare` is the number of foreign channels on either side of the view's own.
  init(
    _ height: Int, _ width: Int, _ channels: Int, spare: Int = 0, scale: Float = 1, zeroPoint: UInt8 = 0,
    largest: UInt8 = 255, seed: Int? = nil
  ) {
    let pixelStride = (channels + 2 * spare + 3) / 4 * 4
    let rowStride = (width + 2) * pixelStride
    let guards = 64
    storage = .allocate(capacity: (height + 2) * rowStride + 2 * guards)
    storage.initialize(repeating: 0xA5)
    view = QuantizedMap(
      base: storage.baseAddress! + guards + rowStride + pixelStride + spare, height: height, width: width,
      channels: channels, pixelStride: pixelStride, rowStride: rowStride, scale: scale, zeroPoint: zeroPoint,
      largest: largest)
    var noise = Noise(seed ?? 0)
    for y in -1...height {
      for x in -1...width {
        let isHalo = y < 0 || y == height || x < 0 || x == width
        for channel in 0..<channels {
          view.pixel(y, x)[channel] =
            isHalo ? zeroPoint : seed == nil ? 0x5A : UInt8(Float(largest) / 2 * (noise.next() + 1))
        }
      }
    }
    before = Array(storage)
  }

  deinit { storage.deallocate() }

  /// The bytes of the map, row by row.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for y in 0..<view.height {
      for x in 0..<view.width { bytes += UnsafeBufferPointer(start: view.pixel(y, x), count: view.channels) }
    }
    return bytes
  }

  /// Whether all that is not the map's own, halo included, is as it was.
  var surroundingsAreUntouched: Bool {
    var now = Array(storage)
    for y in 0..<view.height {
      for x in 0..<view.width {
        let start = view.pixel(y, x) - storage.baseAddress!
        now.replaceSubrange(start..<start + view.channels, with: before[start..<start + view.channels])
      }
    }
    return now == before
  }
}
