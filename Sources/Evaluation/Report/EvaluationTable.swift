/// The figures as tables in Markdown, aligned so that they read as well in a terminal.
public enum EvaluationTable {
  /// One row a method; percent, with 95 % intervals in brackets where they are known.
  public static func text(_ evaluations: [MethodEvaluation]) -> String {
    let header = [
      "method", "F^H [95 %]", "AP^H [95 %]", "F^H image average", "score >", "P", "R", "sAP5", "sAP10 [95 %]", "sAP15",
      "msAP", "segments/image", "calibration error",
    ]
    return markdown(
      [header]
        + evaluations.map { evaluation in
          [
            evaluation.name, interval(evaluation.fH), interval(evaluation.apH), percent(evaluation.fHImageAverage),
            scoreText(evaluation.best.threshold), percent(evaluation.best.precision), percent(evaluation.best.recall),
            percent(evaluation.sAP[0].value), interval(evaluation.sAP[1]), percent(evaluation.sAP[2].value),
            percent(evaluation.msAP.value), fixed(evaluation.segmentsPerImage),
            evaluation.calibrationError.map { percent($0) } ?? "-",
          ]
        })
  }

  /// How much better each further method is than the first; empty for one method.
  public static func differences(_ evaluations: [MethodEvaluation]) -> String {
    guard let first = evaluations.first, evaluations.count > 1 else { return "" }
    let header = ["against \(first.name)", "F^H", "AP^H", "sAP5", "sAP10", "sAP15", "msAP"]
    return markdown(
      [header]
        + evaluations.dropFirst().map { evaluation in
          [evaluation.name] + evaluation.difference(from: first).map { interval($0, signed: true) }
        })
  }

  /// `65.5 [62.9, 68.6]`
  static func interval(_ estimate: Estimate, signed: Bool = false) -> String {
    func text(_ value: Double) -> String {
      let text = percent(value)
      return signed && value > 0 && text != "0.0" ? "+" + text : text
    }
    return "\(text(estimate.value)) [\(text(estimate.low)), \(text(estimate.high))]"
  }

  /// Rows of cells, the first being the header; the first column is text, the others numbers.
  static func markdown(_ rows: [[String]]) -> String {
    guard let header = rows.first else { return "" }
    let widths = header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      let padded = zip(cells, widths).enumerated().map { column, cell in
        let blanks = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 0 ? cell.0 + blanks : blanks + cell.0
      }
      return "| " + padded.joined(separator: " | ") + " |\n"
    }
    let rule = widths.enumerated().map { column, width in
      column == 0 ? String(repeating: "-", count: width) : String(repeating: "-", count: width - 1) + ":"
    }
    return line(header) + line(rule) + rows.dropFirst().map(line).joined()
  }
}
