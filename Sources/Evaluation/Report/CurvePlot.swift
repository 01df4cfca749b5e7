/// Precision-recall curves as an inline SVG drawing; colours come from the page's style.
struct CurvePlot {
  private static let size = 460.0
  private static let left = 46.0
  private static let bottom = 40.0
  private static let margin = 12.0

  let evaluations: [MethodEvaluation]

  var svg: String {
    let size = CurvePlot.size
    var svg =
      "<svg class=\"plot\" viewBox=\"0 0 \(fixed(size)) \(fixed(size))\" role=\"img\" aria-label=\"Precision over recall\">\n"
    for tick in stride(from: 0.0, through: 1, by: 0.2) {
      let (x, y) = position(recall: tick, precision: tick)
      let (x0, y0) = position(recall: 0, precision: 0)
      let (x1, y1) = position(recall: 1, precision: 1)
      svg += line(x, y0, x, y1, "grid") + line(x0, y, x1, y, "grid")
      svg +=
        text(x, y0 + 18, "middle", percent(tick, decimals: 0)) + text(x0 - 8, y + 4, "end", percent(tick, decimals: 0))
    }
    svg += text((CurvePlot.left + size) / 2, size - 4, "middle", "recall %", "axis")
    svg +=
      "<g transform=\"rotate(-90)\">\(text(-(size - CurvePlot.bottom) / 2, 13, "middle", "precision %", "axis"))</g>\n"
    for f in [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] { svg += isoF(f) }
    for (index, evaluation) in evaluations.enumerated() { svg += curve(evaluation, index) }
    return svg + "</svg>\n"
  }

  /// Where precision and recall have the same F.
  private func isoF(_ f: Double) -> String {
    // P = F R / (2 R - F), from the top edge (P = 1) to the right one (R = 1).
    let first = f / (2 - f)
    let points = (0...40).map { step in
      let recall = first + (1 - first) * Double(step) / 40
      return (recall: recall, precision: min(1, f * recall / (2 * recall - f)))
    }
    let (x, y) = position(recall: 1, precision: f / (2 - f))
    return "<path class=\"iso\" d=\"\(path(points))\"/>"
      + text(x - 4, y - 5, "end", "F \(percent(f, decimals: 0))", "isolabel")
  }

  private func curve(_ evaluation: MethodEvaluation, _ index: Int) -> String {
    let points = evaluation.curve.points.map { (recall: $0.recall, precision: $0.precision) }
    let best = evaluation.best
    let (x, y) = position(recall: best.recall, precision: best.precision)
    let label =
      "\(evaluation.name): F \(percent(best.f)), precision \(percent(best.precision)), "
      + "recall \(percent(best.recall)), score > \(scoreText(best.threshold))"
    return """
      <path class="curve m\(index % ReportStyle.colours)" d="\(path(thinned(points)))"/>
      <circle class="best m\(index % ReportStyle.colours)" cx="\(fixed(x))" cy="\(fixed(y))" r="5">\
      <title>\(escapedForHTML(label))</title></circle>

      """
  }

  /// Leaves out points that cannot be told from the one before.
  private func thinned(_ points: [(recall: Double, precision: Double)]) -> [(recall: Double, precision: Double)] {
    var kept: [(recall: Double, precision: Double)] = []
    for (index, point) in points.enumerated() {
      if let last = kept.last, index < points.count - 1, abs(last.recall - point.recall) < 0.001,
        abs(last.precision - point.precision) < 0.001
      {
        continue
      }
      kept.append(point)
    }
    return kept
  }

  private func path(_ points: [(recall: Double, precision: Double)]) -> String {
    points.enumerated().map { index, point in
      let (x, y) = position(recall: point.recall, precision: point.precision)
      return (index == 0 ? "M" : "L") + fixed(x) + " " + fixed(y)
    }.joined()
  }

  private func position(recall: Double, precision: Double) -> (x: Double, y: Double) {
    let span = CurvePlot.size - CurvePlot.margin
    return (
      CurvePlot.left + recall * (span - CurvePlot.left),
      span - CurvePlot.bottom + CurvePlot.margin - precision * (span - CurvePlot.bottom)
    )
  }

  private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) -> String {
    "<path class=\"\(style)\" d=\"M\(fixed(x1)) \(fixed(y1))L\(fixed(x2)) \(fixed(y2))\"/>\n"
  }

  private func text(_ x: Double, _ y: Double, _ anchor: String, _ words: String, _ style: String = "tick") -> String {
    "<text class=\"\(style)\" x=\"\(fixed(x))\" y=\"\(fixed(y))\" text-anchor=\"\(anchor)\">\(words)</text>\n"
  }
}

/// The F of each image as a strip of dots for each method: how much a mean hides.
struct StripPlot {
  let evaluations: [MethodEvaluation]
  let dataSet: DataSet

  var svg: String {
    let row = 46.0
    let height = row * Double(evaluations.count) + 34
    var svg = "<svg class=\"plot\" viewBox=\"0 0 460 \(fixed(height))\" role=\"img\" aria-label=\"F of each image\">\n"
    for tick in stride(from: 0.0, through: 1, by: 0.2) {
      svg += "<path class=\"grid\" d=\"M\(fixed(position(tick))) 8V\(fixed(height - 30))\"/>"
      svg += "<text class=\"tick\" x=\"\(fixed(position(tick)))\" y=\"\(fixed(height - 12))\" text-anchor=\"middle\">"
      svg += percent(tick, decimals: 0) + "</text>\n"
    }
    for (index, evaluation) in evaluations.enumerated() {
      let y = row * (Double(index) + 0.5) + 8
      let style = "m\(index % ReportStyle.colours)"
      let interval = evaluation.fH
      for (image, counts) in zip(dataSet.images, evaluation.images) {
        let f = counts.counts(above: evaluation.best.threshold).f
        svg += "<circle class=\"dot \(style)\" cx=\"\(fixed(position(f)))\" cy=\"\(fixed(y))\" r=\"4\">"
        svg += "<title>\(escapedForHTML(image.name)): F \(percent(f))</title></circle>\n"
      }
      svg += "<path class=\"whisker \(style)\" d=\"M\(fixed(position(interval.low))) \(fixed(y + 13))"
      svg += "H\(fixed(position(interval.high)))\"/>"
      svg +=
        "<circle class=\"best \(style)\" cx=\"\(fixed(position(interval.value)))\" cy=\"\(fixed(y + 13))\" r=\"4.5\">"
      svg += "<title>F^H \(EvaluationTable.interval(interval))</title></circle>\n"
    }
    return svg + "</svg>\n"
  }

  private func position(_ f: Double) -> Double { 14 + 432 * f }
}
