import Images
import KernelInterface

/// How pictures of one size become the input of a network, of floats or of bytes, and the scratch memory for it.
final class Resizing {
  private let plan: Plan
  private let scratch: UnsafeMutableRawBufferPointer
  /// Bytes of scratch memory for each thread.
  private let scratchStride: Int

  private enum Plan {
    case floats(ResamplingPlan)
    case bytes(ByteResamplingPlan)
  }

  /// - Parameter map: an input of the network; others of its kind and size will do, too.
  init(
    _ image: RGBImage, to map: ActivationMap, _ filter: ResamplingFilter, _ normalization: Normalization, threads: Int
  ) {
    switch map {
    case .floats:
      let resampling = ResamplingPlan(
        inputWidth: image.width, inputHeight: image.height, outputWidth: map.width, outputHeight: map.height,
        filter: filter, normalization: normalization)
      plan = .floats(resampling)
      scratchStride = resampling.scratchCount * MemoryLayout<Float>.stride
    case .bytes(let bytes):
      let resampling = ByteResamplingPlan(
        inputWidth: image.width, inputHeight: image.height, outputWidth: map.width, outputHeight: map.height,
        filter: filter, normalization: normalization, factor: 1 / bytes.scale, zeroPoint: bytes.zeroPoint)
      plan = .bytes(resampling)
      scratchStride = resampling.scratchCount * MemoryLayout<Int16>.stride
    }
    scratch = .allocate(byteCount: threads * scratchStride, alignment: 64)
    scratch.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { scratch.deallocate() }

  func fits(_ image: RGBImage, _ map: ActivationMap) -> Bool {
    func fits(_ inputWidth: Int, _ inputHeight: Int, _ outputWidth: Int, _ outputHeight: Int) -> Bool {
      inputWidth == image.width && inputHeight == image.height && outputWidth == map.width && outputHeight == map.height
    }
    return switch plan {
    case .floats(let plan): fits(plan.inputWidth, plan.inputHeight, plan.outputWidth, plan.outputHeight)
    case .bytes(let plan): fits(plan.inputWidth, plan.inputHeight, plan.outputWidth, plan.outputHeight)
    }
  }

  /// Makes some rows of the map, in a thread that has a number of its own.
  func resample(_ pixels: UnsafePointer<UInt8>, to map: ActivationMap, _ rows: Range<Int>, thread: Int) {
    guard let scratch = scratch.baseAddress.map({ $0 + thread * scratchStride }) else { return }
    switch (plan, map) {
    case (.floats(let plan), .floats(let map)):
      plan.resample(
        pixels, to: map.base, pixelStride: map.pixelStride, rowStride: map.rowStride, rows: rows,
        scratch: scratch.assumingMemoryBound(to: Float.self))
    case (.bytes(let plan), .bytes(let map)):
      plan.resample(
        pixels, to: map.base, rowStride: map.rowStride, rows: rows, scratch: scratch.assumingMemoryBound(to: Int16.self)
      )
    default: preconditionFailure("the network's input is of another kind than before")
    }
  }
}
