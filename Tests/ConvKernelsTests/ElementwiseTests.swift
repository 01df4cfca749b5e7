import KernelInterface
import Testing

@Suite struct ElementwiseTests {
  @Test(arguments: tables)
  func agreesWithReference(table: KernelTable) {
    for (height, width) in [(1, 1), (1, 5), (7, 21)] {
      for channels in [1, 2, 3, 4, 9, 16, 35] {
        for spare in [0, 2] {
          for activation in [Activation.none, .relu, .sigmoid] {
            let a = TestMap(height, width, channels, spare: spare, seed: 1)
            let b = TestMap(height, width, channels, spare: 0, seed: 2)
            let name = "\(table.name) \(height)x\(width)x\(channels) spare \(spare) \(activation)"
            let sum = TestMap(height, width, channels, spare: spare)
            let expectedSum = TestMap(height, width, channels)
            let mapped = TestMap(height, width, channels, spare: spare)
            let expectedMapped = TestMap(height, width, channels)
            for y in 0..<height {
              table.add(a.view, b.view, sum.view, activation, y..<y + 1)
              table.map(a.view, mapped.view, activation, y..<y + 1)
            }
            reference.add(a.view, b.view, expectedSum.view, activation, 0..<height)
            reference.map(a.view, expectedMapped.view, activation, 0..<height)
            #expect(largestDifference(sum.values, expectedSum.values) < 2e-7, "\(name)")
            #expect(largestDifference(mapped.values, expectedMapped.values) < 2e-7, "\(name)")
            #expect(sum.surroundingsAreUntouched && mapped.surroundingsAreUntouched, "\(name)")
          }
        }
      }
    }
  }

  /// The whole range, where e^-x over- and underflows too.
  @Test(arguments: tables)
  func sigmoidOverTheWholeRange(table: KernelTable) {
    let count = 4001
    let input = TestMap(1, count, 1, seed: 0)
    for x in 0..<count { input.view.pixel(0, x)[0] = Float(x - 2000) / 10 }
    input.view.pixel(0, 0)[0] = -.infinity
    input.view.pixel(0, count - 1)[0] = .infinity
    let output = TestMap(1, count, 1)
    let expected = TestMap(1, count, 1)
    table.map(input.view, output.view, .sigmoid, 0..<1)
    reference.map(input.view, expected.view, .sigmoid, 0..<1)
    #expect(largestDifference(output.values, expected.values) < 2e-7)
  }

  /// The peak loop does the work that it says: more iterations, more multiply-accumulates.
  @Test(arguments: tables)
  func peakLoopCounts(table: KernelTable) {
    var sums: [Float] = [0.5, 0.25]
    let few = table.peakLoop(10, &sums)
    #expect(few > 0 && table.peakLoop(20, &sums) == 2 * few)
    #expect(sums[0].isFinite && sums[1].isFinite)
  }
}
