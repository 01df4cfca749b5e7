import Lines

/// What a detector found in one image.
public struct Detection: Sendable {
  /// Segments in original pixels, best score first.
  public var segments: [Segment]
  public var timings: Timings

  public init(segments: [Segment], timings: Timings) {
    self.segments = segments
    self.timings = timings
  }
}

/// Where the time of one detection went, in milliseconds.
public struct Timings: Equatable, Sendable {
  /// Resizing and conversion to the network's input; 0 for the gradient method.
  public var resize: Double
  /// The network, or the image gradient.
  public var field: Double
  /// From fields to segments.
  public var extract: Double

  public init(resize: Double = 0, field: Double = 0, extract: Double = 0) {
    self.resize = resize
    self.field = field
    self.extract = extract
  }

  public var total: Double { resize + field + extract }
}
