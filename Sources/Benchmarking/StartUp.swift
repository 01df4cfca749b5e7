import LSDNet

/// What a program pays until it has the segments of its first image.
public struct StartUp: Sendable {
  /// Processor time from the start of the process on, loading included.
  public let milliseconds: Double
  /// The most memory that it has had resident by then: program, weights, one image and what is needed to work on it.
  public let residentMegabytes: Double

  /// Finds the segments of an image with a new detector. To be done before anything else that takes time or memory.
  ///
  /// - Throws: what the detector throws.
  public init(_ image: BenchmarkImage, makeDetector: () throws -> Detector) throws {
    let detector = try makeDetector()
    _ = try detector.detect(in: detector.decode(image.bytes, name: image.name))
    milliseconds = Machine.processorMilliseconds
    residentMegabytes = Machine.peakResidentMegabytes
  }
}
