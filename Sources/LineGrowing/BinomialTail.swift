#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// P[X >= k] for X binomial(n, p), for one p and many n and k.
struct BinomialTail {
  private let probability: Double
  /// p / (1 - p).
  private let odds: Double
  /// ln p.
  private let lnHit: Double
  /// ln (1 - p).
  private let lnMiss: Double

  /// For a probability in (0, 1).
  init(probability: Double) {
    self.probability = probability
    odds = probability / (1 - probability)
    lnHit = log(probability)
    lnMiss = log1p(-probability)
  }

  /// ln P[X >= k], summed from its largest term outwards.
  func ln(_ n: Int, _ k: Int) -> Double {
    guard k > 0, n > 0 else { return 0 }
    guard k <= n else { return -.infinity }
    // The tail's largest term is at k, or at the mode if that lies further right.
    let start = min(n, max(k, Int(Double(n + 1) * probability)))
    let lnStart =
      Self.lnFactorial(n) - Self.lnFactorial(start) - Self.lnFactorial(n - start) + Double(start) * lnHit
      + Double(n - start) * lnMiss
    var sum = 1.0
    var term = 1.0
    for i in start..<n {
      term *= Double(n - i) / Double(i + 1) * odds
      sum += term
      if term < sum * 1e-17 { break }
    }
    term = 1
    for i in stride(from: start, to: k, by: -1) {
      term *= Double(i) / (Double(n - i + 1) * odds)
      sum += term
      if term < sum * 1e-17 { break }
    }
    return min(0, lnStart + log(sum))
  }

  /// ln n!
  static func lnFactorial(_ n: Int) -> Double { n < table.count ? table[n] : series(n) }

  /// Those of the usual rectangles: a logarithm costs more than all the rest.
  private static let table = (0..<1024).map(series)

  /// ln n!, by Stirling's series from 10 on (error under 1e-11).
  private static func series(_ n: Int) -> Double {
    if n < 10 {
      var product = 1.0
      for i in stride(from: 2, through: n, by: 1) { product *= Double(i) }
      return log(product)
    }
    let x = Double(n)
    let r = 1 / (x * x)
    let series = (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r / 1680))) / x
    return (x + 0.5) * log(x) - x + 0.5 * log(2 * Double.pi) + series
  }
}
