import KernelInterface
import Testing

/// The other operators on bytes: equal to the reference to the bit.
@Suite struct QuantizedOperatorTests {
  typealias Resampling = @Sendable (QuantizedMap, QuantizedMap, Range<Int>) -> Void

  static let sizes = [(1, 1), (1, 2), (2, 1), (2, 3), (7, 21), (8, 4), (2, 37)]
  static let channels = [1, 2, 3, 4, 7, 8, 16, 19, 32, 37, 64, 70]

  func check(
    _ table: KernelTable, _ operation: KeyPath<QuantizedKernels, Resampling> & Sendable,
    outputSize: (Int, Int) -> (Int, Int)
  ) {
    for (height, width) in Self.sizes {
      for channels in Self.channels {
        for spare in [0, 6] {
          let input = TestByteMap(height, width, channels, spare: spare, seed: 3)
          let (outputHeight, outputWidth) = outputSize(height, width)
          let output = TestByteMap(outputHeight, outputWidth, channels, spare: spare)
          let expected = TestByteMap(outputHeight, outputWidth, channels)
          for y in 0..<outputHeight { table.quantized[keyPath: operation](input.view, output.view, y..<y + 1) }
          reference.quantized[keyPath: operation](input.view, expected.view, 0..<outputHeight)
          let name = "\(table.name) \(height)x\(width)x\(channels) spare \(spare)"
          #expect(output.bytes == expected.bytes, "\(name)")
          #expect(output.surroundingsAreUntouched, "\(name)")
        }
      }
    }
  }

  @Test(arguments: tables)
  func maxPool(table: KernelTable) { check(table, \.maxPool) { ($0 / 2, $1 / 2) } }

  @Test(arguments: tables)
  func upsampleNearest(table: KernelTable) { check(table, \.upsampleNearest) { (2 * $0, 2 * $1) } }

  @Test(arguments: tables)
  func upsampleBilinear(table: KernelTable) { check(table, \.upsampleBilinear) { (2 * $0, 2 * $1) } }

  @Test(arguments: tables)
  func elementwise(table: KernelTable) {
    for (height, width) in Self.sizes {
      for channels in Self.channels {
        for (spare, activation, zero) in [(0, Activation.none, UInt8(0)), (2, .relu, 90), (0, .none, 200)] {
          let a = TestByteMap(height, width, channels, spare: spare, scale: 0.013, zeroPoint: zero, seed: 1)
          let b = TestByteMap(height, width, channels, scale: 0.029, zeroPoint: 17, seed: 2)
          let floats = TestMap(height, width, channels, spare: spare, seed: 4)
          func run(_ kernels: QuantizedKernels) -> (
            added: TestByteMap, mapped: TestByteMap, quantized: TestByteMap, floats: TestMap
          ) {
            func output() -> TestByteMap {
              TestByteMap(
                height, width, channels, spare: spare, scale: 0.021, zeroPoint: zero / 2,
                largest: height % 2 == 0 ? 140 : 255)
            }
            let result = (output(), output(), output(), TestMap(height, width, channels, spare: spare))
            for y in 0..<height {
              kernels.add(a.view, b.view, result.0.view, activation, y..<y + 1)
              kernels.map(a.view, result.1.view, activation, y..<y + 1)
              kernels.quantize(floats.view, result.2.view, y..<y + 1)
              kernels.dequantize(a.view, result.3.view, y..<y + 1)
            }
            return result
          }
          let (result, expected) = (run(table.quantized), run(reference.quantized))
          let name = "\(table.name) \(height)x\(width)x\(channels) spare \(spare) \(activation)"
          #expect(result.added.bytes == expected.added.bytes, "\(name)")
          #expect(result.mapped.bytes == expected.mapped.bytes, "\(name)")
          #expect(result.quantized.bytes == expected.quantized.bytes, "\(name)")
          #expect(result.floats.bits == expected.floats.bits, "\(name)")
          #expect(
            result.added.surroundingsAreUntouched && result.mapped.surroundingsAreUntouched
              && result.quantized.surroundingsAreUntouched && result.floats.surroundingsAreUntouched, "\(name)")
        }
      }
    }
  }

  @Test(arguments: tables)
  func sumsWithUpsampled(table: KernelTable) {
    for (height, width) in Self.sizes {
      for channels in Self.channels {
        for (spare, activation, zero) in [(0, Activation.none, UInt8(0)), (2, .relu, 90)] {
          let a = TestByteMap(2 * height, 2 * width, channels, spare: spare, scale: 0.013, zeroPoint: zero, seed: 1)
          let b = TestByteMap(height, width, channels, scale: 0.029, zeroPoint: 17, seed: 2)
          let twice = TestByteMap(2 * height, 2 * width, channels, scale: 0.029, zeroPoint: 17)
          func output() -> TestByteMap {
            TestByteMap(
              2 * height, 2 * width, channels, spare: spare, scale: 0.021, zeroPoint: zero / 2,
              largest: height % 2 == 0 ? 140 : 255)
          }
          let (result, plain, expected) = (output(), output(), output())
          for y in 0..<2 * height { table.quantized.addUpsampled(a.view, b.view, result.view, activation, y..<y + 1) }
          reference.quantized.addUpsampled(a.view, b.view, plain.view, activation, 0..<2 * height)
          reference.quantized.upsampleNearest(b.view, twice.view, 0..<2 * height)
          reference.quantized.add(a.view, twice.view, expected.view, activation, 0..<2 * height)
          let name = "\(table.name) \(height)x\(width)x\(channels) spare \(spare) \(activation)"
          #expect(result.bytes == expected.bytes && plain.bytes == expected.bytes, "\(name)")
          #expect(result.surroundingsAreUntouched, "\(name)")
        }
      }
    }
  }

  /// Halves go to the even neighbour, values outside the range to its ends.
  @Test(arguments: tables + [reference])
  func rounding(table: KernelTable) {
    let values: [Float] = [0.5, 1.5, 2.5, -0.5, -3, 254.5, 255.4, 300, 1e9, -1e9]
    let input = TestMap(1, values.count, 1, seed: 0)
    for (x, value) in values.enumerated() { input.view.pixel(0, x)[0] = value }
    let output = TestByteMap(1, values.count, 1)
    table.quantized.quantize(input.view, output.view, 0..<1)
    #expect(output.bytes == [0, 2, 2, 0, 0, 254, 255, 255, 255, 0])
    let limited = TestByteMap(1, values.count, 1, zeroPoint: 1, largest: 200)
    table.quantized.quantize(input.view, limited.view, 0..<1)
    #expect(limited.bytes == [2, 2, 4, 0, 0, 200, 200, 200, 200, 0])
  }

  @Test(arguments: tables)
  func peakLoopCounts(table: KernelTable) {
    var sums: [Int32] = [1, 2]
    let few = table.quantized.peakLoop(10, &sums)
    #expect(few > 0 && table.quantized.peakLoop(20, &sums) == 2 * few)
  }
}
