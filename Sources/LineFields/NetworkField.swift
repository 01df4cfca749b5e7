import ConvNet
import Images
import KernelInterface
import Lines
import ModelFormat

/// Line heat, tangent and, if the model has them, ends from a convolutional network: resizes an image to what the model wants, runs the network, and
/// decodes its output.
///
/// As long as images come in the same size, nothing is allocated after the first. The result is the same to the last bit
/// for any number of threads. Not to be used by two threads at once; several may share one `PackedModel`.
public final class NetworkField {
  public let network: Network
  private let input: InputPolicy
  private let decoder: FieldDecoder
  private let normalization: Normalization

  private var resizing: Resizing?
  private var stopCopy: [SIMD4<Float>] = []
  /// What the threads are at work on.
  private var task = Task.none

  /// Where the time went, in milliseconds.
  public struct Timings: Equatable, Sendable {
    /// Resizing and normalisation.
    public var resize: Double
    /// The network, and the decoding of its output.
    public var network: Double
  }

  private enum Task {
    case none
    case resample(UnsafePointer<UInt8>, ActivationMap, Resizing)
    case decode(FeatureMap, FieldCells)
    case decodeStops(FeatureMap, UnsafeMutablePointer<SIMD4<Float>>)
  }

  public init(_ packed: PackedModel, threads: Int = 1) {
    network = Network(packed, threads: threads)
    input = packed.model.input
    decoder = FieldDecoder(encoding: packed.model.output)
    let (mean, deviation) = (input.mean, input.deviation)
    normalization = Normalization(
      scale: input.scale, mean: (mean[0], mean[1], mean[2]), deviation: (deviation[0], deviation[1], deviation[2]))
  }

  public convenience init(model: Model, kernels: KernelTable = .best, threads: Int = 1) {
    self.init(PackedModel(model, kernels: kernels), threads: threads)
  }

  /// - Throws: `NetworkError.notCalibrated` for int8 if the model lacks activation ranges.
  public convenience init(
    model: Model, precision: Precision, kernels: KernelTable = .best, threads: Int = 1
  ) throws(NetworkError) {
    self.init(try PackedModel(model, precision: precision, kernels: kernels), threads: threads)
  }

  /// The size that an image of the given shape is averaged to, however many pixels it has; nil if it depends on their number,
  /// or single pixels are taken from it.
  public func averagedSize(imageWidth: Int, imageHeight: Int) -> (width: Int, height: Int)? {
    if case .scale = input.size { return nil }
    guard input.resampling == .area else { return nil }
    return input.inputSize(imageWidth: imageWidth, imageHeight: imageHeight)
  }

  /// Whether the model says where lines end.
  public var hasEnds: Bool { decoder.encoding.endChannel != nil }

  /// Computes a field to where lines are grown from it.
  ///
  /// - Parameters:
  ///   - room: gives the place of a field of so many columns and rows.
  ///   - read: is called when its cells are there, with the stops if the model has them, which lie in the network's own
  ///     memory and must not be read later, and with where the cells lie in the image.
  /// - Returns: the time it took up to then.
  /// - Throws: `NetworkError` if the model does not admit the image's size, or it takes too much memory.
  public func compute(
    _ image: RGBImage, to room: (_ width: Int, _ height: Int) -> FieldCells,
    read: (_ stops: StopCells?, _ transform: GridTransform) -> Void
  ) throws(NetworkError) -> Timings {
    guard image.width > 0, image.height > 0 else { throw .emptyImage }
    let clock = ContinuousClock()
    let size = input.inputSize(imageWidth: image.width, imageHeight: image.height)
    let start = clock.now
    var (resized, decoded) = (start, start)
    try network.runNatively(height: size.height, width: size.width) { map in
      resample(image, to: map)
      resized = clock.now
    } read: { output in
      share(.decode(output, room(output.width, output.height)))
      withStops(of: output) { stops in
        decoded = clock.now
        read(
          stops,
          GridTransform(
            gridWidth: output.width, gridHeight: output.height, imageWidth: image.width, imageHeight: image.height))
      }
    }
    return Timings(
      resize: start.duration(to: resized) / .milliseconds(1), network: resized.duration(to: decoded) / .milliseconds(1))
  }

  /// Lends the stops of an output, where they are or, if they are not logits that lie as vectors, in a copy.
  private func withStops(of output: FeatureMap, _ body: (StopCells?) -> Void) {
    guard decoder.encoding.stopChannel != nil else { return body(nil) }
    if let stops = decoder.stops(of: output) { return body(stops) }
    let count = output.width * output.height
    if stopCopy.count != count { stopCopy = Array(repeating: .zero, count: count) }
    stopCopy.withUnsafeMutableBufferPointer { stops in
      guard let first = stops.baseAddress else { return body(nil) }
      share(.decodeStops(output, first))
      body(StopCells(first: first, pitch: 1, rowPitch: output.width))
    }
  }

  /// Fills a field, which takes the size of the network's output; its planes of ends and stops stay empty if the model has none.
  ///
  /// - Returns: where the field's cells lie in the image, and the time it took.
  /// - Throws: `NetworkError` as above.
  public func compute(
    _ image: RGBImage, into field: inout LineField
  ) throws(NetworkError) -> (transform: GridTransform, timings: Timings) {
    var transform = GridTransform.identity
    var made: FieldCells?
    defer {
      made?.heat.deallocate()
      made?.cells.deallocate()
    }
    let timings = try compute(image) { width, height in
      let room = FieldCells(
        width: width, height: height, stride: width, heat: .allocate(capacity: width * height),
        cells: .allocate(capacity: width * height))
      made = room
      return room
    } read: { stops, itsTransform in
      transform = itsTransform
      if let made { field.take(made, hasEnds: hasEnds, stops: stops) }
    }
    return (transform, timings)
  }

  private func resample(_ image: RGBImage, to map: ActivationMap) {
    let resizing =
      resizing.flatMap { $0.fits(image, map) ? $0 : nil }
      ?? Resizing(image, to: map, ResamplingFilter(input.resampling), normalization, threads: network.threads)
    self.resizing = resizing
    image.pixels.withUnsafeBufferPointer { pixels in
      guard let pixels = pixels.baseAddress else { return }
      share(.resample(pixels, map, resizing))
    }
  }

  /// Has all threads work on a task, each on a band of rows.
  private func share(_ task: Task) {
    self.task = task
    network.pool.run(parts: network.threads, context: Unmanaged.passUnretained(self).toOpaque()) {
      context, band, _ in
      Unmanaged<NetworkField>.fromOpaque(context)._withUnsafeGuaranteedRef { $0.work(on: band) }
    }
    self.task = .none
  }

  private func work(on band: Int) {
    func rows(_ height: Int) -> Range<Int> {
      height * band / network.threads..<height * (band + 1) / network.threads
    }
    switch task {
    case .none: break
    case .resample(let pixels, let map, let resizing):
      resizing.resample(pixels, to: map, rows(map.height), thread: band)
    case .decode(let output, let field): decoder.decode(output, rows: rows(output.height), into: field)
    case .decodeStops(let output, let stops): decoder.decodeStops(output, rows: rows(output.height), into: stops)
    }
  }
}

extension ResamplingFilter {
  fileprivate init(_ resampling: InputPolicy.Resampling) {
    switch resampling {
    case .area: self = .area
    case .bilinear: self = .bilinear
    }
  }
}
