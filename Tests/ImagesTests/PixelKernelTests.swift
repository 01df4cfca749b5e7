import CPUFeatures
import PixelKernels
import Testing

#if canImport(PixelKernelsAVX2)
  import PixelKernelsAVX2
#endif

/// The kernels of every instruction set that this machine has, against the plain formula and against each other.
@Suite struct PixelKernelTests {
  private static let hasAVX2 = cpu_has_avx2()

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 11], [3, 30, 99])
  func rowsAreSummed(count: Int, rowStride: Int) {
    var generator = SplitMix(seed: UInt64(count))
    let rows = (0..<count * rowStride).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    let weights = (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
    var sums = [Float](repeating: .nan, count: rowStride + 1)
    PixelKernels.sumRows(rows, rowStride: rowStride, weights: weights, count: count, into: &sums)
    for x in 0..<rowStride {
      let expected = (0..<count).reduce(0.0) { $0 + Double(weights[$1]) * Double(rows[$1 * rowStride + x]) }
      #expect(abs(Double(sums[x]) - expected) < 1e-3)
    }
    #expect(sums[rowStride].isNaN)
    #if canImport(PixelKernelsAVX2)
      if Self.hasAVX2 {
        var others = [Float](repeating: .nan, count: rowStride + 1)
        PixelKernelsAVX2.sumRows(rows, rowStride: rowStride, weights: weights, count: count, into: &others)
        #expect(others.dropLast() == sums.dropLast())
      }
    #endif
  }

  @Test(arguments: [1, 2, 3, 4, 7], [1, 2, 17])
  func rowsAreResampled(taps: Int, width: Int) {
    var generator = SplitMix(seed: UInt64(taps))
    // Starts up to 9, and a float behind the last pixel.
    let inputRow = 3 * (taps + 9) + 1
    let rows = (0..<2 * inputRow).map { _ in Float.random(in: 0...255, using: &generator) }
    let starts = (0..<width).map { _ in Int32.random(in: 0...9, using: &generator) }
    let weights = (0..<width * taps).map { _ in SIMD4<Float>.random(in: -1...1, using: &generator) }
    let offset = SIMD4<Float>(1, -2, 3, 4)
    for pixelStride in [3, 4] {
      func outputs(of kernel: ResampleRows) -> [[Float]] {
        let count = width * pixelStride + 1
        var outputs = [Float](repeating: 7, count: 2 * count)
        outputs.withUnsafeMutableBufferPointer { outputs in
          rows.withUnsafeBufferPointer { rows in
            guard let output = outputs.baseAddress, let row = rows.baseAddress else { return }
            kernel(
              (row, row + inputRow), starts, weights, taps, offset, width, (output, output + count), pixelStride)
          }
        }
        return [Array(outputs[..<count]), Array(outputs[count...])]
      }
      let made = outputs(of: PixelKernels.resampleRows)
      for row in 0..<2 {
        for x in 0..<width {
          for channel in 0..<3 {
            let expected = (0..<taps).reduce(Double(offset[channel])) {
              let value = rows[row * inputRow + 3 * (Int(starts[x]) + $1) + channel]
              return $0 + Double(weights[x * taps + $1][channel]) * Double(value)
            }
            #expect(abs(Double(made[row][x * pixelStride + channel]) - expected) < 1e-3)
          }
          if pixelStride == 4 { #expect(made[row][4 * x + 3] == 7) }
        }
        #expect(made[row].last == 7)
      }
      #if canImport(PixelKernelsAVX2)
        if Self.hasAVX2 { #expect(outputs(of: PixelKernelsAVX2.resampleRows) == made) }
      #endif
    }
  }

  /// Bytes are what `resampleRows` makes, rounded; values reach beyond both ends of their range.
  @Test(arguments: [1, 2, 3, 4, 7], [1, 3, 4, 5, 18])
  func rowsAreResampledToBytes(taps: Int, width: Int) {
    var generator = SplitMix(seed: UInt64(taps))
    let inputRow = 3 * (taps + 9) + 1
    let rows = (0..<2 * inputRow).map { _ in Float.random(in: 0...255, using: &generator) }
    let starts = (0..<width).map { _ in Int32.random(in: 0...9, using: &generator) }
    let weights = (0..<width * taps).map { _ in SIMD4<Float>.random(in: -1...2, using: &generator) / Float(255 * taps) }
    let offset = SIMD4<Float>(0.1, -0.2, 0.3, 4)
    for (factor, zeroPoint) in [(Float(255), Float(0)), (191.7, 31), (1e9, 200)] {
      var floats = [Float](repeating: 0, count: 2 * 3 * width)
      func outputs(of kernel: ResampleRowsToBytes) -> [UInt8] {
        let count = 4 * width + 16
        var outputs = [UInt8](repeating: 7, count: 2 * count)
        outputs.withUnsafeMutableBufferPointer { outputs in
          floats.withUnsafeMutableBufferPointer { floats in
            rows.withUnsafeBufferPointer { rows in
              guard let output = outputs.baseAddress, let row = rows.baseAddress, let float = floats.baseAddress else {
                return
              }
              let pair = (row, row + inputRow)
              kernel(pair, starts, weights, taps, offset, width, factor, zeroPoint, (output, output + count))
              PixelKernels.resampleRows(
                pair, starts: starts, weights: weights, taps: taps, offset: offset, width: width,
                to: (float, float + 3 * width), pixelStride: 3)
            }
          }
        }
        // What lies behind the pixels is left alone.
        #expect(
          outputs[4 * width..<count].allSatisfy { $0 == 7 } && outputs[(count + 4 * width)...].allSatisfy { $0 == 7 })
        return (0..<2).flatMap { row in
          (0..<width).flatMap { x in (0..<3).map { outputs[row * count + 4 * x + $0] } }
        }
      }
      let made = outputs(of: PixelKernels.resampleRowsToBytes)
      let expected = floats.map { value in
        UInt8(max(0, min(255, (Double(value * factor) + Double(zeroPoint)).rounded(.toNearestOrEven))))
      }
      #expect(made == expected)
      #if canImport(PixelKernelsAVX2)
        if Self.hasAVX2 { #expect(outputs(of: PixelKernelsAVX2.resampleRowsToBytes) == made) }
      #endif
    }
  }

  private typealias ResampleRowsToBytes = (
    (UnsafePointer<Float>, UnsafePointer<Float>), UnsafePointer<Int32>, UnsafePointer<SIMD4<Float>>, Int, SIMD4<Float>,
    Int, Float, Float, (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>)
  ) -> Void

  private typealias ResampleRows = (
    (UnsafePointer<Float>, UnsafePointer<Float>), UnsafePointer<Int32>, UnsafePointer<SIMD4<Float>>, Int, SIMD4<Float>,
    Int, (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>), Int
  ) -> Void
}
