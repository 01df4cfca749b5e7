/// Repeatability of several detectors on the same views.
public enum RepeatabilityTable {
  /// A Markdown table, one row a method, with 95 % intervals.
  public static func text(_ results: [Repeatability]) -> String {
    func pixels(_ estimate: Estimate) -> String {
      "\(fixed(estimate.value, decimals: 2)) [\(fixed(estimate.low, decimals: 2)), \(fixed(estimate.high, decimals: 2))]"
    }
    let header = [
      "method", "repeatability, structural", "error, px", "repeatability, orthogonal", "error, px", "segments/image",
    ]
    return EvaluationTable.markdown(
      [header]
        + results.map { result in
          [
            result.name, EvaluationTable.interval(result.structural.repeatability),
            pixels(result.structural.localisationError), EvaluationTable.interval(result.orthogonal.repeatability),
            pixels(result.orthogonal.localisationError), fixed(result.segmentsPerImage),
          ]
        })
  }

  /// A JSON document with one object a method; repeatability in percent, errors in pixels.
  public static func json(_ results: [Repeatability]) -> String {
    func estimate(_ estimate: Estimate, scale: Double) -> JSONDocument {
      .object([
        ("value", .number(scale * estimate.value)), ("low", .number(scale * estimate.low)),
        ("high", .number(scale * estimate.high)),
      ])
    }
    func figures(_ figures: Repeatability.Figures) -> JSONDocument {
      .object([
        ("repeatability", estimate(figures.repeatability, scale: 100)),
        ("localisation_error", estimate(figures.localisationError, scale: 1)),
      ])
    }
    let methods = results.map { result in
      (
        result.name,
        JSONDocument.object([
          ("images", .integer(result.images)), ("segments_per_image", .number(result.segmentsPerImage)),
          ("structural", figures(result.structural)), ("orthogonal", figures(result.orthogonal)),
        ])
      )
    }
    return JSONDocument.object([("methods", .object(methods))]).rendered() + "\n"
  }
}
