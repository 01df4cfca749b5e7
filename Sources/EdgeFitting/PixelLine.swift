import Lines

/// A segment and the pixels beside it. Columns, u, run along it: those of the image, or its rows, whichever it crosses more
/// of; v runs across it.
struct PixelLine {
  let pixels: UnsafePointer<UInt8>
  /// Whether u is x.
  let isFlat: Bool
  let (uCount, vCount): (Int, Int)
  /// Bytes from a column, and from a place across, to the next.
  let (uStep, vStep): (Int, Int)
  let (first, last): ((u: Double, v: Double), (u: Double, v: Double))
  /// From the first end to the last.
  let (du, dv): (Double, Double)
  let slope: Double
  let length: Double

  /// Nil for a segment too short to be fitted to anything, or of no finite length.
  init?(_ segment: Segment, _ pixels: UnsafePointer<UInt8>, _ width: Int, _ height: Int) {
    length = segment.length
    guard length >= 6, length.isFinite else { return nil }
    self.pixels = pixels
    isFlat = abs(segment.x2 - segment.x1) >= abs(segment.y2 - segment.y1)
    (uCount, vCount) = isFlat ? (width, height) : (height, width)
    (uStep, vStep) = isFlat ? (3, 3 * width) : (3 * width, 3)
    first = isFlat ? (segment.x1, segment.y1) : (segment.y1, segment.x1)
    last = isFlat ? (segment.x2, segment.y2) : (segment.y2, segment.x2)
    (du, dv) = (last.u - first.u, last.v - first.v)
    slope = dv / du
  }

  /// Where the line crosses a column.
  @inline(__always)
  func row(_ u: Int) -> Double { first.v + (Double(u) - first.u) * slope }
}
