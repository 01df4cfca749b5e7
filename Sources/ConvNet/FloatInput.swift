import KernelInterface

/// An image in floats, three channels, for a network whose input is in bytes.
final class FloatInput {
  let map: FeatureMap
  private let arena: Arena

  init(height: Int, width: Int) throws(NetworkError) {
    let bytes = 3 * height * width * MemoryLayout<Float>.stride
    guard let arena = Arena(byteCount: bytes) else { throw .outOfMemory(bytes: bytes) }
    map = FeatureMap(
      base: arena.base.assumingMemoryBound(to: Float.self), height: height, width: width, channels: 3, pixelStride: 3,
      rowStride: 3 * width)
    self.arena = arena
  }
}
