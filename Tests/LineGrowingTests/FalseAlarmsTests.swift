import Testing

@testable import LineGrowing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct FalseAlarmsTests {
  @Test func knownValue() {
    let value = FalseAlarms.log10NFA(cells: 100, aligned: 80, probability: 0.1, logTests: 10)
    #expect(abs(value - -50.17394) < 1e-5)
  }

  /// The sum of all terms, by products of factors.
  private func tail(_ n: Int, _ k: Int, _ p: Double) -> Double {
    var sum = 0.0
    for i in k...n {
      var term = 1.0
      for j in 0..<i { term *= Double(n - j) / Double(i - j) * p }
      for _ in 0..<n - i { term *= 1 - p }
      sum += term
    }
    return sum
  }

  @Test(arguments: [0.01, 0.125, 0.3, 0.5, 0.9])
  func tailEqualsTheSum(p: Double) {
    for n in 1...40 {
      for k in 0...n {
        let expected = log(tail(n, k, p))
        #expect(abs(BinomialTail(probability: p).ln(n, k) - expected) < 1e-9, "n \(n) k \(k)")
      }
    }
  }

  @Test func limits() {
    #expect(BinomialTail(probability: 0.1).ln(0, 0) == 0)
    #expect(BinomialTail(probability: 0.1).ln(10, 0) == 0)
    #expect(BinomialTail(probability: 0.1).ln(10, 11) == -.infinity)
    #expect(abs(BinomialTail(probability: 0.125).ln(50_000, 50_000) - 50_000 * log(0.125)) < 1e-6)
    // Never rises with k, for any n.
    for n in [7, 150, 4000] {
      var last = 0.0
      for k in stride(from: 0, through: n, by: max(1, n / 50)) {
        let value = BinomialTail(probability: 0.25).ln(n, k)
        #expect(value <= last)
        last = value
      }
    }
  }

  @Test func factorials() {
    var sum = 0.0
    for n in 1...1300 {
      sum += log(Double(n))
      #expect(abs(BinomialTail.lnFactorial(n) - sum) < 1e-9 * max(1, sum))
    }
  }

  @Test func numberOfTests() {
    #expect(abs(FalseAlarms.logTests(width: 100, height: 100, precisions: 10) - 11) < 1e-12)
    #expect(FalseAlarms.logTests(width: 0, height: 100, precisions: 1) == 0)
  }
}
