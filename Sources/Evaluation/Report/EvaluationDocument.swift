/// The figures as a JSON document.
///
/// All measures are percent. With one method they stand at the top; with several, in `methods` under its name each, and
/// `differences` gives how much larger each is than that of the first method.
public enum EvaluationDocument {
  public static func text(_ evaluations: [MethodEvaluation], on dataSet: DataSet, notes: [String]) -> String {
    var members: [(String, JSONDocument)] = [
      ("dataset", .text(dataSet.name)), ("layout", .text(dataSet.layout.rawValue)),
      ("notes", .list(notes.map(JSONDocument.text))),
    ]
    if let only = evaluations.first, evaluations.count == 1 {
      members += figures(only, dataSet)
    } else {
      members.append(("images", .integer(dataSet.images.count)))
      members.append(("methods", .object(evaluations.map { ($0.name, .object(figures($0, dataSet))) })))
      if let first = evaluations.first {
        members.append(("baseline", .text(first.name)))
        members.append(
          (
            "differences",
            .object(
              evaluations.dropFirst().map { ($0.name, .object(estimates($0.difference(from: first)))) })
          ))
      }
    }
    return JSONDocument.object(members).rendered() + "\n"
  }

  private static func figures(_ evaluation: MethodEvaluation, _ dataSet: DataSet) -> [(String, JSONDocument)] {
    let points = evaluation.curve.points
    return [
      ("name", .text(evaluation.name)),
      ("F_H", .percent(evaluation.fH.value)),
      ("AP_H", .percent(evaluation.apH.value)),
      ("F_H_image_average", .percent(evaluation.fHImageAverage)),
      ("threshold", .number(evaluation.best.threshold)),
      ("precision", .percent(evaluation.best.precision)),
      ("recall", .percent(evaluation.best.recall)),
      ("sAP5", .percent(evaluation.sAP[0].value)),
      ("sAP10", .percent(evaluation.sAP[1].value)),
      ("sAP15", .percent(evaluation.sAP[2].value)),
      ("msAP", .percent(evaluation.msAP.value)),
      ("images", .integer(dataSet.images.count)),
      ("segments_per_image", .number(evaluation.segmentsPerImage)),
      ("calibration_error", evaluation.calibrationError.map(JSONDocument.percent) ?? .number(.nan)),
      ("matching_ms_per_image", .number(evaluation.milliseconds.reduce(0, +) / Double(dataSet.images.count))),
      ("intervals_95", .object(estimates(evaluation.estimates))),
      (
        "per_image",
        .object(
          zip(dataSet.images, evaluation.images).map { image, counts in
            let point = counts.counts(above: evaluation.best.threshold)
            return (
              image.name,
              .object([
                ("F", .percent(point.f)), ("precision", .percent(point.precision)), ("recall", .percent(point.recall)),
              ])
            )
          })
      ),
      (
        "curve",
        .object([
          ("threshold", .list(points.map { .number($0.threshold) })),
          ("precision", .list(points.map { .percent($0.precision) })),
          ("recall", .list(points.map { .percent($0.recall) })),
          ("tp", .list(points.map { .integer($0.truePositives) })),
          ("fp", .list(points.map { .integer($0.falsePositives) })),
          ("fn", .list(points.map { .integer($0.falseNegatives) })),
        ])
      ),
    ]
  }

  private static func estimates(_ estimates: [Estimate]) -> [(String, JSONDocument)] {
    zip(MethodEvaluation.measures, estimates).map { name, estimate in
      (
        name,
        .object([
          ("value", .percent(estimate.value)), ("low", .percent(estimate.low)), ("high", .percent(estimate.high)),
        ])
      )
    }
  }
}
