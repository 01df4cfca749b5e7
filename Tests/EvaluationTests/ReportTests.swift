import Files
import Foundation
import Images
import Lines
import Testing

@testable import Evaluation

@Suite struct ReportTests {
  private func evaluated(_ names: [String]) throws -> (DataSet, [Predictions], [MethodEvaluation]) {
    let lines = [[Segment(5, 5, 90, 5)], [Segment(5, 5, 5, 70), Segment(20, 30, 60, 30)]]
    let dataSet = DataSet.made(lines)
    let predictions = names.enumerated().map { index, name in
      Predictions(name: name, segments: [[Segment(5, 5 + Double(index), 90, 5, 0.5)], [Segment(7, 5, 5, 70, 0.25)]])
    }
    return (dataSet, predictions, try evaluate(predictions, on: dataSet, resamples: 10))
  }

  @Test func documentOfOneMethod() throws {
    let (dataSet, _, evaluations) = try evaluated(["a"])
    let text = EvaluationDocument.text(evaluations, on: dataSet, notes: ["quoted \"note\"\n"])
    let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    for key in [
      "F_H", "AP_H", "F_H_image_average", "threshold", "precision", "recall", "sAP5", "sAP10", "sAP15", "msAP",
      "images", "segments_per_image",
    ] { #expect(document[key] is Double || document[key] is Int, "\(key)") }
    #expect(document["notes"] as? [String] == ["quoted \"note\"\n"])
    #expect(document["F_H"] as? Double == 100 * evaluations[0].fH.value)
    #expect(document["images"] as? Int == 2)
    let curve = try #require(document["curve"] as? [String: [Double]])
    #expect(curve["threshold"] == [0.25, 0])
    #expect(curve["tp"] == evaluations[0].curve.points.map { Double($0.truePositives) })
    #expect(curve["recall"]?.count == 2)
  }

  @Test func documentOfSeveralMethods() throws {
    let (dataSet, _, evaluations) = try evaluated(["a", "b"])
    let text = EvaluationDocument.text(evaluations, on: dataSet, notes: [])
    let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let methods = try #require(document["methods"] as? [String: [String: Any]])
    #expect(methods["b"]?["F_H"] as? Double == 100 * evaluations[1].fH.value)
    let differences = try #require(document["differences"] as? [String: [String: [String: Double]]])
    #expect(differences["b"]?["sAP5"]?["value"] == 100 * evaluations[1].difference(from: evaluations[0])[2].value)
  }

  @Test func tables() throws {
    let (_, _, evaluations) = try evaluated(["first", "b"])
    let rows = EvaluationTable.text(evaluations).split(separator: "\n")
    #expect(rows.count == 4)
    #expect(Set(rows.map(\.count)).count == 1, "columns do not line up")
    #expect(rows[2].hasPrefix("| first "))
    #expect(EvaluationTable.differences(evaluations).split(separator: "\n").count == 3)
    #expect(EvaluationTable.differences([evaluations[0]]).isEmpty)
  }

  @Test func pageNeedsNothingButItself() throws {
    let scratch = try Scratch()
    var (dataSet, predictions, evaluations) = try evaluated(["<a>", "b"])
    dataSet.images[0].path = try scratch.file("0.png", RGBImage(width: 100, height: 80).pngBytes())
    dataSet.images[1].name = "x\" onload=\"y.png"
    let page = HTMLReport(dataSet: dataSet, evaluations: evaluations, predictions: predictions, notes: ["<note>"])
    let html = try page.html(threads: 2)
    #expect(html.hasPrefix("<!doctype html>"))
    #expect(!html.contains("<a>") && html.contains("&lt;a&gt;") && html.contains("&lt;note&gt;"))
    #expect(!html.contains("onload=\"y"))
    #expect(!html.contains("http") && !html.contains("src=\"/"))
    #expect(html.components(separatedBy: "<figure>").count - 1 == 4)
    // Both images have three layers for each method.
    #expect(html.components(separatedBy: "data:image/png;base64,").count - 1 == 1 + 2 * 2 * 3)
    for tag in ["div", "table", "figure", "svg", "details", "p", "style", "dl"] {
      let opened = html.components(separatedBy: "<\(tag)>").count + html.components(separatedBy: "<\(tag) ").count - 2
      #expect(opened == html.components(separatedBy: "</\(tag)>").count - 1, "\(tag)")
    }
    #expect(try page.html(threads: 1) == html)
  }

  @Test func verdicts() {
    let verdicts = PixelVerdicts(
      width: 100, height: 80, truth: [Segment(10, 10, 19.5, 10)],
      segments: [Segment(10, 11, 14.5, 11), Segment(60, 60, 62.5, 60)])
    #expect(verdicts.hits.count == 5 && verdicts.misses.count == 5 && verdicts.falseAlarms.count == 3)
    let mask = PixelVerdicts.mask([0], width: 100, height: 80)
    #expect(mask.pixels.count { $0 > 0 } == 3)
  }

  @Test func numbers() {
    #expect(percent(0.65514) == "65.5" && percent(1) == "100.0" && percent(-0.00001) == "0.0")
    #expect(fixed(-2.345, decimals: 2) == "-2.35" && fixed(0.05, decimals: 2) == "0.05" && fixed(7, decimals: 0) == "7")
    #expect(scoreText(20) == "20" && scoreText(0.7575) == "0.7575" && scoreText(0.5) == "0.5" && scoreText(0) == "0")
    #expect(JSONDocument.number(.nan).rendered() == "null")
  }
}
