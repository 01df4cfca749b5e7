@_exported import Images
@_exported import Lines

/// Finds line segments in images.
public final class Detector {
  public enum Method: String, Sendable, CaseIterable {
    /// Heat and tangent from the convolutional network.
    case network
    /// Heat and tangent from the image gradient: the classical LSD.
    case gradient
  }

  /// What to look for and how.
  public struct Options: Sendable {
    public var method: Method = .network
    /// Segments with a smaller score are left out.
    public var minScore: Double = 0
    /// Shorter segments, in pixels of the image, are left out.
    public var minLength: Double = 0
    /// At most so many segments, the best ones; nil for all.
    public var maxSegments: Int?
    /// Threads to compute with; the result does not depend on it.
    public var threads: Int = 1

    public init() {}
  }

  public let options: Options

  /// A detector with the weights that the library carries.
  public init(options: Options = Options()) throws {
    self.options = options
  }

  public func detect(in image: RGBImage) throws -> Detection {
    Detection(segments: [], timings: Timings())
  }
}
