#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The a-contrario validation of a line (Desolneux, Moisan and Morel; Grompone von Gioi et al., PAMI 2010).
public enum FalseAlarms {
  /// log10 of NFA = N_tests * B(n, k, p): how many rectangles with at least `aligned` of `cells` cells aligned an
  /// image of independent, uniformly distributed tangents holds on average.
  ///
  /// B is the exact binomial tail, summed in the logarithmic domain from its largest term outwards.
  ///
  /// - Parameters:
  ///   - cells: n, the cells of the rectangle; nothing is known of an empty one, which gives `logTests`.
  ///   - aligned: k, those whose tangent agrees with the rectangle's; at most n.
  ///   - probability: p in (0, 1) that one agrees by chance.
  ///   - logTests: log10 of the number of rectangles tried.
  /// - Complexity: O(n) at worst, near-constant where k is far from n p.
  public static func log10NFA(cells n: Int, aligned k: Int, probability p: Double, logTests: Double) -> Double {
    logTests + min(0, lnBinomialTail(n, k, p) / ln10)
  }

  /// log10 of the number of rectangles in a grid: its (width * height)^(5/2) line segments with their widths, times
  /// the number of precisions p tried on each.
  public static func logTests(width: Int, height: Int, precisions: Int) -> Double {
    guard width > 0, height > 0, precisions > 0 else { return 0 }
    return 2.5 * (log10(Double(width)) + log10(Double(height))) + log10(Double(precisions))
  }

  /// ln P[X >= k] for X binomial(n, p).
  static func lnBinomialTail(_ n: Int, _ k: Int, _ p: Double) -> Double {
    guard k > 0, n > 0 else { return 0 }
    guard k <= n else { return -.infinity }
    let odds = p / (1 - p)
    // The tail's largest term is at k, or at the mode if that lies further right.
    let start = min(n, max(k, Int(Double(n + 1) * p)))
    let lnStart =
      lnFactorial(n) - lnFactorial(start) - lnFactorial(n - start) + Double(start) * log(p)
      + Double(n - start) * log1p(-p)
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

  /// ln n!, by Stirling's series from 10 on (error under 1e-11).
  static func lnFactorial(_ n: Int) -> Double {
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

  private static let ln10 = 2.302585092994046
}
