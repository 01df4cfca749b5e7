import KernelInterface
import Testing

/// Maximum pooling and the two upsamplings: operators of one map whose output has another size.
@Suite struct ResamplingTests {
  typealias Operator = @Sendable (FeatureMap, FeatureMap, Range<Int>) -> Void

  func check(
    _ table: KernelTable, _ operation: KeyPath<KernelTable, Operator> & Sendable, tolerance: Float,
    outputSize: (Int, Int) -> (Int, Int)
  ) {
    for (height, width) in [(1, 1), (1, 2), (2, 1), (2, 3), (7, 21), (8, 4)] {
      for channels in [1, 2, 3, 4, 7, 8, 16, 19, 32, 37] {
        for spare in [0, 5] {
          let input = TestMap(height, width, channels, spare: spare, seed: 3)
          let (outputHeight, outputWidth) = outputSize(height, width)
          let output = TestMap(outputHeight, outputWidth, channels, spare: spare)
          let expected = TestMap(outputHeight, outputWidth, channels)
          // Row by row: bands must not matter.
          for y in 0..<outputHeight { table[keyPath: operation](input.view, output.view, y..<y + 1) }
          reference[keyPath: operation](input.view, expected.view, 0..<outputHeight)
          let name = "\(table.name) \(height)x\(width)x\(channels) spare \(spare)"
          #expect(largestDifference(output.values, expected.values) <= tolerance, "\(name)")
          #expect(output.surroundingsAreUntouched, "\(name)")
        }
      }
    }
  }

  @Test(arguments: tables)
  func maxPool(table: KernelTable) {
    check(table, \.maxPool, tolerance: 0) { ($0 / 2, $1 / 2) }
  }

  @Test(arguments: tables)
  func upsampleNearest(table: KernelTable) {
    check(table, \.upsampleNearest, tolerance: 0) { (2 * $0, 2 * $1) }
  }

  @Test(arguments: tables)
  func upsampleBilinear(table: KernelTable) {
    check(table, \.upsampleBilinear, tolerance: 2e-7) { (2 * $0, 2 * $1) }
  }

  @Test(arguments: tables + [reference])
  func sumsWithUpsampled(table: KernelTable) {
    for (height, width) in [(1, 1), (1, 2), (3, 7), (8, 4)] {
      for channels in [1, 3, 4, 7, 8, 16, 19, 32, 37] {
        for (spare, activation) in [(0, Activation.none), (5, .relu), (3, .sigmoid)] {
          let a = TestMap(2 * height, 2 * width, channels, spare: spare, seed: 3)
          let b = TestMap(height, width, channels, spare: spare, seed: 4)
          let twice = TestMap(2 * height, 2 * width, channels)
          let output = TestMap(2 * height, 2 * width, channels, spare: spare)
          let expected = TestMap(2 * height, 2 * width, channels)
          for y in 0..<2 * height { table.addUpsampled(a.view, b.view, output.view, activation, y..<y + 1) }
          reference.upsampleNearest(b.view, twice.view, 0..<2 * height)
          reference.add(a.view, twice.view, expected.view, activation, 0..<2 * height)
          let name = "\(table.name) \(height)x\(width)x\(channels) spare \(spare) \(activation)"
          #expect(largestDifference(output.values, expected.values) <= 4e-7, "\(name)")
          #expect(output.surroundingsAreUntouched, "\(name)")
        }
      }
    }
  }

  /// Half-pixel centres: 0 and 4 side by side become 0, 1, 3, 4.
  @Test(arguments: tables + [reference])
  func bilinearWeights(table: KernelTable) {
    let input = TestMap(1, 2, 1, seed: 0)
    input.view.pixel(0, 0)[0] = 0
    input.view.pixel(0, 1)[0] = 4
    let output = TestMap(2, 4, 1)
    table.upsampleBilinear(input.view, output.view, 0..<2)
    #expect(output.values == [0, 1, 3, 4, 0, 1, 3, 4])
  }
}
