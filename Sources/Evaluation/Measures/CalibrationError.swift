/// The expected calibration error of scores that mean a probability to be right at sAP10: over ten bins of the score, the
/// mean distance of the mean score from the share of right ones, weighted by the segments in a bin (Naeini, Cooper,
/// Hauskrecht, AAAI 2015).
///
/// - Returns: nil if there is no segment, or a score is no probability.
func calibrationError(_ judgements: [[StructuralAP.Judgement]], bins: Int = 10) -> Double? {
  guard let limit = StructuralAP.limits.firstIndex(of: 10) else { return nil }
  var excess = [Double](repeating: 0, count: bins)
  var count = 0
  for judgement in judgements.joined() {
    guard (0...1).contains(judgement.score) else { return nil }
    excess[min(Int(judgement.score * Double(bins)), bins - 1)] += judgement.score - (judgement.isRight[limit] ? 1 : 0)
    count += 1
  }
  return count > 0 ? excess.reduce(0) { $0 + abs($1) } / Double(count) : nil
}
