import Lines

/// Draws segments one pixel wide, as the benchmark of L-CNN does before it compares pixels.
///
/// A line of length l is n = ceil(l) samples from end to end inclusive (n = 1: the second end alone), each rounded to
/// the nearest pixel, half away from zero, and clamped into the image. A line of zero length draws nothing.
public struct Rasterizer: Sendable {
  public let width: Int
  public let height: Int

  /// - Precondition: `width` and `height` are positive.
  public init(width: Int, height: Int) {
    precondition(width > 0 && height > 0)
    self.width = width
    self.height = height
  }

  /// Calls `draw` with the index `y * width + x` of every sample of a segment with finite ends; pixels may repeat.
  ///
  /// - Complexity: O(length).
  @inline(__always)
  public func forEachPixel(of segment: Segment, _ draw: (Int) -> Void) {
    let count = Int(segment.length.rounded(.up))
    guard count > 0 else { return }
    // The same operations in the same order as numpy's linspace: a sample may fall on a half exactly.
    let stepX = (segment.x2 - segment.x1) / Double(max(count - 1, 1))
    let stepY = (segment.y2 - segment.y1) / Double(max(count - 1, 1))
    for sample in 0..<count - 1 {
      draw(pixel(segment.x1 + Double(sample) * stepX, segment.y1 + Double(sample) * stepY))
    }
    draw(pixel(segment.x2, segment.y2))
  }

  @inline(__always)
  private func pixel(_ x: Double, _ y: Double) -> Int {
    let column = min(max(x.rounded(.toNearestOrAwayFromZero), 0), Double(width - 1))
    let row = min(max(y.rounded(.toNearestOrAwayFromZero), 0), Double(height - 1))
    return Int(row) * width + Int(column)
  }

  /// The union of the segments' pixels, each once, in the order of their first drawing.
  public func pixels(of segments: [Segment]) -> [Int] {
    var drawn = [Bool](repeating: false, count: width * height)
    var pixels: [Int] = []
    for segment in segments {
      forEachPixel(of: segment) { pixel in
        guard !drawn[pixel] else { return }
        drawn[pixel] = true
        pixels.append(pixel)
      }
    }
    return pixels
  }
}
