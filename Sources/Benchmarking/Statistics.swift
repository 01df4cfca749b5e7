/// What is reported of a series of times, in milliseconds.
public struct Statistics: Equatable, Sendable, Codable {
  public var min: Double
  public var median: Double
  /// 95 % of the values are at most this (nearest rank).
  public var p95: Double
  public var mean: Double

  /// All zero for no values. O(n log n).
  public init(_ values: [Double]) {
    guard !values.isEmpty else {
      (min, median, p95, mean) = (0, 0, 0, 0)
      return
    }
    let sorted = values.sorted()
    let count = sorted.count
    min = sorted[0]
    median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    p95 = sorted[(95 * count + 99) / 100 - 1]
    mean = sorted.reduce(0, +) / Double(count)
  }
}
