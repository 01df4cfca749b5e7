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
    logTests + min(0, BinomialTail(probability: p).ln(n, k) / ln10)
  }

  /// The same, with what follows from the probability alone worked out beforehand.
  static func log10NFA(cells n: Int, aligned k: Int, _ tail: BinomialTail, logTests: Double) -> Double {
    logTests + min(0, tail.ln(n, k) / ln10)
  }

  /// log10 of the number of rectangles in a grid: its (width * height)^(5/2) line segments with their widths, times
  /// the number of precisions p tried on each.
  public static func logTests(width: Int, height: Int, precisions: Int) -> Double {
    guard width > 0, height > 0, precisions > 0 else { return 0 }
    return 2.5 * (log10(Double(width)) + log10(Double(height))) + log10(Double(precisions))
  }

  private static let ln10 = 2.302585092994046
}
