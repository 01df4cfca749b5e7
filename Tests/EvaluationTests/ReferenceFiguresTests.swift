import Evaluation
import Files
import Foundation
import Testing

/// Figures of an independent evaluator for three public detectors, on data that lie beside the repository.
@Suite struct ReferenceFiguresTests {
  struct Expected: Decodable, Sendable, CustomTestStringConvertible {
    struct Threshold: Decodable, Sendable {
      /// Segments with a score above this; all if there is none.
      var score_above: Double?
      var tp: Int
      var fp: Int
      var fn: Int
    }
    var predictions: String
    var truth: String
    var images: Int
    var F_H: Double
    var F_H_image_average: Double
    var sAP5: Double
    var sAP10: Double
    var sAP15: Double
    var at_threshold: [Threshold]

    var testDescription: String { "\(predictions) on \(truth)" }
  }

  static let shared = Path.join(Path.parent(Path.parent(Path.parent(Path.parent(#filePath)))), "shared")
  static let expected: [Expected] = {
    guard let bytes = try? File.read(Path.join(shared, "reference/evaluator/expected.json")),
      let document = try? JSONDecoder().decode([String: Expected].self, from: Data(bytes))
    else { return [] }
    return document.keys.sorted().compactMap { document[$0] }
  }()

  @Test(
    .enabled(
      if: !expected.isEmpty, "../shared/reference/evaluator is not there: the figures of reference are not compared"),
    arguments: expected)
  func figuresAreReproduced(expected: Expected) throws {
    let dataSet = try DataSet(Path.join(Self.shared, expected.truth))
    let predictions = try Predictions(
      name: "reference", reading: Path.join(Self.shared, "reference/evaluator/" + expected.predictions), for: dataSet)
    let found = try #require(try evaluate([predictions], on: dataSet, threads: 2, resamples: 0).first)
    #expect(dataSet.images.count == expected.images)
    for threshold in expected.at_threshold {
      let point = try #require(found.curve.point(above: threshold.score_above ?? -.infinity))
      #expect(point.truePositives == threshold.tp)
      #expect(point.falsePositives == threshold.fp)
      #expect(point.falseNegatives == threshold.fn)
    }
    // All thresholds are tried here, some there.
    let rounding = 0.0006
    #expect((-rounding...0.3).contains(100 * found.fH.value - expected.F_H))
    #expect((-rounding...0.3).contains(100 * found.fHImageAverage - expected.F_H_image_average))
    for (sAP, wanted) in zip(found.sAP, [expected.sAP5, expected.sAP10, expected.sAP15]) {
      #expect(abs(100 * sAP.value - wanted) < 0.05)
    }
  }
}
