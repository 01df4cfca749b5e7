/// Makes output rows two at a time, from the weighted sums of the input rows that belong to either; an odd last row is its own
/// neighbour.
///
/// - Parameters:
///   - scratch: takes the sums, `2 * sumsCount` values.
///   - sum: puts the sums of row `y` where it is told.
///   - resample: makes the rows `y` and `next` of their sums.
@inline(__always)
func makeRowPairs<Value>(
  _ rows: Range<Int>, scratch: UnsafeMutablePointer<Value>, sumsCount: Int,
  sum: (_ y: Int, _ sums: UnsafeMutablePointer<Value>) -> Void,
  resample: (_ sums: (UnsafePointer<Value>, UnsafePointer<Value>), _ y: Int, _ next: Int) -> Void
) {
  for y in stride(from: rows.lowerBound, to: rows.upperBound, by: 2) {
    let next = min(y + 1, rows.upperBound - 1)
    let sums = (scratch, next == y ? scratch : scratch + sumsCount)
    sum(y, sums.0)
    if next != y { sum(next, sums.1) }
    resample((UnsafePointer(sums.0), UnsafePointer(sums.1)), y, next)
  }
}
