/// One sum: the rate of scalar code that waits for each result.
@Sendable
func peakLoop(_ iterations: Int, _ sums: UnsafeMutablePointer<Float>) -> Int {
  for _ in 0..<iterations { sums[0] += sums[0] * sums[1] }
  return iterations
}
