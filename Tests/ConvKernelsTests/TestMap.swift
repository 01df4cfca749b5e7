import CPUFeatures
import ConvKernels
import ConvReference
import KernelInterface
import Testing

#if canImport(ConvKernelsAVX2)
  import ConvKernelsAVX2
  import ConvKernelsAVX512
  import ConvKernelsAVX512Half
#endif

/// The fast tables that this machine can run.
let tables: [KernelTable] = {
  var tables = [ConvKernels.Kernels.table]
  #if canImport(ConvKernelsAVX2)
    if cpu_has_avx2() { tables.append(ConvKernelsAVX2.Kernels.table) }
    if cpu_has_avx512() { tables += [ConvKernelsAVX512.Kernels.table, ConvKernelsAVX512Half.Kernels.table] }
  #endif
  return tables
}()

let reference = ReferenceKernels.table

extension KernelTable: CustomTestStringConvertible {
  public var testDescription: String { name }
}

/// A deterministic source of numbers in [-1, 1).
struct Noise {
  private var state: UInt64

  init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 2 &+ 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648
  }

  mutating func floats(_ count: Int, scale: Float = 1) -> [Float] { (0..<count).map { _ in scale * next() } }
}

/// A feature map with its own memory. The halo holds zeros; the floats beside the view's channels and around the whole
/// buffer are NaN, so that a kernel that reads them spoils its result and one that writes them is found out.
final class TestMap {
  let view: FeatureMap
  private let storage: UnsafeMutableBufferPointer<Float>
  private let before: [UInt32]

  /// `spare` is the number of foreign channels on either side of the view's own.
  init(_ height: Int, _ width: Int, _ channels: Int, spare: Int = 0, seed: Int? = nil) {
    let pixelStride = channels + 2 * spare
    let rowStride = (width + 2) * pixelStride
    let guards = 64
    storage = .allocate(capacity: (height + 2) * rowStride + 2 * guards)
    storage.initialize(repeating: .nan)
    view = FeatureMap(
      base: storage.baseAddress! + guards + rowStride + pixelStride + spare, height: height, width: width,
      channels: channels, pixelStride: pixelStride, rowStride: rowStride)
    var noise = Noise(seed ?? 0)
    for y in -1...height {
      for x in -1...width {
        let isHalo = y < 0 || y == height || x < 0 || x == width
        for channel in 0..<channels {
          view.pixel(y, x)[channel] = isHalo ? 0 : seed == nil ? .nan : noise.next()
        }
      }
    }
    before = storage.map(\.bitPattern)
  }

  deinit { storage.deallocate() }

  /// The values of the map, row by row.
  var values: [Float] {
    var values: [Float] = []
    values.reserveCapacity(view.height * view.width * view.channels)
    for y in 0..<view.height {
      for x in 0..<view.width {
        values += UnsafeBufferPointer(start: view.pixel(y, x), count: view.channels)
      }
    }
    return values
  }

  var bits: [UInt32] { values.map(\.bitPattern) }

  /// Whether all that is not the map's own, halo included, is as it was.
  var surroundingsAreUntouched: Bool {
    var now = storage.map(\.bitPattern)
    for y in 0..<view.height {
      for x in 0..<view.width {
        let start = view.pixel(y, x) - storage.baseAddress!
        now.replaceSubrange(start..<start + view.channels, with: before[start..<start + view.channels])
      }
    }
    return now == before
  }
}

/// The largest difference; infinite if there is a NaN or the counts differ.
func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
  guard a.count == b.count else { return .infinity }
  return zip(a, b).reduce(0) { largest, pair in
    let difference = abs(pair.0 - pair.1)
    return difference.isNaN ? .infinity : max(largest, difference)
  }
}
