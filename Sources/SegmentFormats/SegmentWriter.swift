import Lines

/// One text format: turns images into bytes, one after the other.
///
/// A file is `head`, then `body` once for each image with `separator` between two of them, then `tail`. The pieces need
/// no memory of what came before, so that a stream can be written while images are still being worked on.
public protocol SegmentWriter: Sendable {
  var head: [UInt8] { get }
  func body(_ image: ImageSegments) -> [UInt8]
  var separator: [UInt8] { get }
  var tail: [UInt8] { get }
}

extension SegmentWriter {
  public var head: [UInt8] { [] }
  public var separator: [UInt8] { [] }
  public var tail: [UInt8] { [] }

  /// A whole file.
  public func file(_ images: [ImageSegments]) -> [UInt8] {
    head + Array(images.map(body).joined(separator: separator)) + tail
  }
}

/// Decimals that are written: a thousandth of a pixel is below what any detector can find, scores are compared.
enum Decimals {
  static let pixels = 3
  static let score = 6
  static let milliseconds = 3
}

extension TextBuffer {
  /// Appends the four coordinates with `separator` between them.
  mutating func append(ends segment: Segment, _ centre: PixelCentre, places: Int, padded: Bool, separator: String) {
    for (index, value) in [segment.x1, segment.y1, segment.x2, segment.y2].enumerated() {
      if index > 0 { append(separator) }
      append(value + centre.rawValue, places: places, padded: padded)
    }
  }
}
