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

  @Test(arguments: [1, 3, 4, 7, 14], [1, 5, 8])
  func columnsHaveFeatures(count: Int, inputs: Int) {
    var generator = SplitMix(seed: UInt64(count))
    let blocks = (count + 3) / 4 * 4
    let columns = (0..<(blocks + 2) * inputs).map { _ in Float.random(in: -2...2, using: &generator) }
    let layer = (0...3 * inputs).map { _ in SIMD8<Float>.random(in: -1...1, using: &generator) }
    func features(of kernel: ColumnFeatures, inPlace: Bool = false) -> [SIMD8<Float>] {
      var features = [SIMD8<Float>](repeating: SIMD8(repeating: -7), count: blocks + 3)
      features.withUnsafeMutableBufferPointer { features in
        layer.withUnsafeBufferPointer { layer in
          guard let first = features.baseAddress, let bias = layer.baseAddress else { return }
          if inPlace {
            first.withMemoryRebound(to: Float.self, capacity: columns.count) {
              $0.update(from: columns, count: columns.count)
              kernel($0, inputs, count, bias, bias + 1, first)
            }
          } else {
            kernel(columns, inputs, count, bias, bias + 1, first)
          }
        }
      }
      return Array(features)
    }
    let made = features(of: PixelKernels.columnFeatures)
    for column in 0..<count {
      for lane in 0..<8 {
        var expected = Double(layer[0][lane])
        for k in 0..<3 * inputs { expected += Double(layer[1 + k][lane]) * Double(columns[column * inputs + k]) }
        #expect(abs(Double(made[column][lane]) - max(expected, 0)) < 1e-5)
      }
    }
    #expect(made[blocks...].allSatisfy { $0 == SIMD8(repeating: -7) })
    if inputs == 8 { #expect(features(of: PixelKernels.columnFeatures, inPlace: true)[..<count] == made[..<count]) }
    #if canImport(PixelKernelsAVX2)
      if Self.hasAVX2 { #expect(features(of: PixelKernelsAVX2.columnFeatures) == made) }
    #endif
  }

  /// The weights add up to 65,535, as for a picture; what stands in the plain formula is the definition.
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 11, 600], [3, 16, 30, 99])
  func rowsAreSummedToShorts(count: Int, rowStride: Int) {
    var generator = SplitMix(seed: UInt64(count))
    let rows = (0..<count * rowStride).map { index in
      index % rowStride == 0 ? 255 : index % rowStride == 1 ? 0 : UInt8(truncatingIfNeeded: generator.next())
    }
    var weights = (0..<count).map { _ in UInt16.random(in: 0...UInt16(65_535 / count), using: &generator) }
    weights[0] += 65_535 - weights.reduce(0, +)
    let expected = (0..<rowStride).map { x in
      let products = (0..<count).map { Int(rows[$0 * rowStride + x]) * Int(weights[$0]) / 256 }
      return products.reduce(min(count / 2, 255) - 32_768, +)
    }
    func sums(of kernel: SumRowsToShorts) -> [Int16] {
      var sums = [Int16](repeating: 77, count: rowStride + 1)
      kernel(rows, rowStride, weights, count, &sums)
      return sums
    }
    let made = sums(of: PixelKernels.sumRowsToShorts)
    #expect(made.map { Int($0) } == expected + [77])
    #if canImport(PixelKernelsAVX2)
      if Self.hasAVX2 { #expect(sums(of: PixelKernelsAVX2.sumRowsToShorts) == made) }
    #endif
  }

  /// Values reach beyond both ends of the bytes' range.
  @Test(arguments: [1, 2, 3, 4], [1, 3, 4, 5, 18])
  func rowsAreResampledToBytes(pairs: Int, width: Int) {
    var generator = SplitMix(seed: UInt64(pairs))
    let inputRow = 3 * (2 * pairs + 9) + 2
    let rows = (0..<2 * inputRow).map { _ in Int16.random(in: .min ... .max, using: &generator) }
    let starts = (0..<width).map { _ in Int32.random(in: 0...9, using: &generator) }
    let weights = (0..<width * pairs).map { _ in
      SIMD8<Int16>.random(in: -4000...8000, using: &generator) / SIMD8(repeating: Int16(pairs))
    }
    for (start, shift) in [(SIMD4<Int32>(1 << 27, 0, -1 << 20, 9), Int32(20)), (SIMD4(1, 2, 3, 4), 8)] {
      func outputs(of kernel: ResampleRowsToBytes) -> [UInt8] {
        let count = 4 * width + 16
        var outputs = [UInt8](repeating: 7, count: 2 * count)
        outputs.withUnsafeMutableBufferPointer { outputs in
          rows.withUnsafeBufferPointer { rows in
            guard let output = outputs.baseAddress, let row = rows.baseAddress else { return }
            kernel(
              (row, row + inputRow), starts, weights, pairs, start, shift, width, (output, output + count))
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
      let expected = (0..<2).flatMap { row in
        (0..<width).flatMap { x in
          (0..<3).map { channel -> UInt8 in
            var sum = Int(start[channel])
            for tap in 0..<2 * pairs {
              let value = rows[row * inputRow + 3 * (Int(starts[x]) + tap) + channel]
              sum += Int(weights[x * pairs + tap / 2][2 * channel + tap % 2]) * Int(value)
            }
            return UInt8(max(0, min(255, sum >> Int(shift))))
          }
        }
      }
      #expect(made == expected)
      #if canImport(PixelKernelsAVX2)
        if Self.hasAVX2 { #expect(outputs(of: PixelKernelsAVX2.resampleRowsToBytes) == made) }
      #endif
    }
  }

  private typealias SumRowsToShorts = (
    UnsafePointer<UInt8>, Int, UnsafePointer<UInt16>, Int, UnsafeMutablePointer<Int16>
  ) -> Void

  private typealias ColumnFeatures = (
    UnsafePointer<Float>, Int, Int, UnsafePointer<SIMD8<Float>>, UnsafePointer<SIMD8<Float>>,
    UnsafeMutablePointer<SIMD8<Float>>
  ) -> Void

  private typealias ResampleRowsToBytes = (
    (UnsafePointer<Int16>, UnsafePointer<Int16>), UnsafePointer<Int32>, UnsafePointer<SIMD8<Int16>>, Int, SIMD4<Int32>,
    Int32, Int, (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>)
  ) -> Void

  private typealias ResampleRows = (
    (UnsafePointer<Float>, UnsafePointer<Float>), UnsafePointer<Int32>, UnsafePointer<SIMD4<Float>>, Int, SIMD4<Float>,
    Int, (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>), Int
  ) -> Void
}
