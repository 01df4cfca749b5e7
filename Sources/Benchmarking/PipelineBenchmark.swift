import Dispatch
import LSDNet
import Synchronization

/// Times the whole pipeline, stage by stage.
///
/// Images are decoded once beforehand, as `Detector.decode` does it; `decode` times that apart. `total` is the time from a
/// decoded image in memory to sorted segments: resize, network (or gradient), extraction.
public struct PipelineBenchmark: Sendable {
  public struct Result: Sendable {
    /// One frame after the other, each on all threads.
    public var decode: Statistics
    public var resize: Statistics
    public var network: Statistics
    public var extract: Statistics
    public var total: Statistics
    /// Frames in a second while every thread works on frames of its own.
    public var throughput: Double
    /// Mean number of segments of a frame.
    public var segments: Double
    /// The images, as they were decoded.
    public var pictures: [ShrunkImage]
  }

  public var images: [BenchmarkImage]
  /// Frames for the latency, and again for the throughput, after the warm-up.
  public var frames: Int
  public var threads: Int
  public var makeDetector: @Sendable (_ threads: Int) throws -> Detector

  /// - Parameter images: one at least; frames go through them in turn.
  public init(
    images: [BenchmarkImage], frames: Int, threads: Int,
    makeDetector: @escaping @Sendable (_ threads: Int) throws -> Detector
  ) {
    self.images = images
    self.frames = frames
    self.threads = threads
    self.makeDetector = makeDetector
  }

  /// Frames that are not counted: the first allocates and finds cold caches.
  private static let warmUp = 3

  /// - Throws: what the detector throws, `ImageError` for what is no image.
  public func run() throws -> Result {
    let detector = try makeDetector(threads)
    let pictures = try images.map { try detector.decode($0.bytes, name: $0.name) }
    let latency = try measureLatency(detector, pictures)
    // One frame at a time is all that one thread can do.
    let throughput = threads == 1 ? 1000 / Statistics(latency.total).mean : try measureThroughput(pictures)
    return Result(
      decode: Statistics(latency.decode), resize: Statistics(latency.resize), network: Statistics(latency.network),
      extract: Statistics(latency.extract), total: Statistics(latency.total), throughput: throughput,
      segments: Double(latency.segments) / Double(max(frames, 1)), pictures: pictures)
  }

  private struct Latency {
    var decode: [Double] = []
    var resize: [Double] = []
    var network: [Double] = []
    var extract: [Double] = []
    var total: [Double] = []
    var segments = 0
  }

  private func measureLatency(_ detector: Detector, _ pictures: [ShrunkImage]) throws -> Latency {
    let clock = ContinuousClock()
    for frame in 0..<PipelineBenchmark.warmUp { _ = try detector.detect(in: pictures[frame % pictures.count]) }
    var latency = Latency()
    for frame in 0..<frames {
      let source = images[frame % images.count]
      let start = clock.now
      let decoded = try detector.decode(source.bytes, name: source.name)
      let mid = clock.now
      let detection = try detector.detect(in: decoded)
      let end = clock.now
      latency.decode.append(start.duration(to: mid) / .milliseconds(1))
      latency.resize.append(detection.timings.resize)
      latency.network.append(detection.timings.field)
      latency.extract.append(detection.timings.extract)
      latency.total.append(mid.duration(to: end) / .milliseconds(1))
      latency.segments += detection.segments.count
    }
    return latency
  }

  /// Every thread has a detector of its own and takes the next frame: no thread waits for another, as it would if they
  /// shared each frame.
  private func measureThroughput(_ pictures: [ShrunkImage]) throws -> Double {
    let next = Atomic(0)
    let detectors = Mutex<[Handed]>([])
    let failure = Mutex<(any Error)?>(nil)
    // All are warm before any is measured, else the warm-up of one would count as idle time of another.
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      do {
        let detector = try makeDetector(1)
        for frame in 0..<PipelineBenchmark.warmUp { _ = try detector.detect(in: pictures[frame % pictures.count]) }
        let handed = Handed(detector: detector)
        detectors.withLock { $0.append(handed) }
      } catch {
        failure.withLock { $0 = error }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
    let outcomes = Mutex<[Swift.Result<(start: ContinuousClock.Instant, end: ContinuousClock.Instant), any Error>]>([])
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      let measured = Swift.Result {
        let detector = detectors.withLock { $0.removeLast() }.detector
        let start = ContinuousClock.now
        while true {
          let frame = next.add(1, ordering: .relaxed).oldValue
          guard frame < frames else { break }
          _ = try detector.detect(in: pictures[frame % pictures.count])
        }
        return (start: start, end: ContinuousClock.now)
      }
      outcomes.withLock { $0.append(measured) }
    }
    let spans = try outcomes.withLock { $0 }.map { try $0.get() }
    guard let start = spans.map(\.start).min(), let end = spans.map(\.end).max(), end > start else { return 0 }
    return Double(frames) / (start.duration(to: end) / .seconds(1))
  }

  /// A detector that one thread hands to another, and does not keep.
  private struct Handed: @unchecked Sendable {
    let detector: Detector
  }
}
