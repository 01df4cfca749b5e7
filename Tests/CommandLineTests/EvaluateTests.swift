import Files
import Foundation
import Images
import Testing

@Suite struct EvaluateTests {
  let scratch: Scratch
  let dataSet: String

  init() throws {
    scratch = try Scratch()
    try scratch.file("images/a.png", .rectangle())
    try scratch.file("images/b.png", .rectangle(x: 30..<80))
    func entry(_ name: String, _ left: Int, _ right: Int) -> String {
      """
      {"filename": "\(name)", "width": 96, "height": 80, "lines": [[\(left), 15, \(right), 15], [\(right), 15, \(right), 60],
       [\(right), 60, \(left), 60], [\(left), 60, \(left), 15]]}
      """
    }
    dataSet = try scratch.file("test.json", Array("[\(entry("a.png", 20, 70)),\n\(entry("b.png", 30, 80))]".utf8))
    try scratch.file("good/a.txt", Array("20 15 70 15 0.9\n70 15 70 60 0.8\n".utf8))
    try scratch.file("good/b.txt", Array("30 15 80 15 0.9\n30 15 30 60 0.7\n".utf8))
  }

  private func json(_ name: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(File.read(scratch.path(name)))) as? [String: Any])
  }

  @Test func predictionsAreScored() throws {
    let result = try Tool.run([
      "evaluate", dataSet, "--predictions", scratch.path("good"), "--json", scratch.path("f.json"),
    ])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.lines[0] == "test.json (HAWP JSON): 2 images, 8 true lines")
    #expect(result.lines.contains { $0.hasPrefix("| good ") })
    let figures = try json("f.json")
    #expect(figures["precision"] as? Double == 100)
    #expect(figures["images"] as? Int == 2)
    #expect(figures["segments_per_image"] as? Double == 2)
    #expect(figures["sAP10"] as? Double == 50)
  }

  @Test func theDetectorIsScored() throws {
    let result = try Tool.run(["evaluate", dataSet, "--method", "gradient", "--json", scratch.path("f.json")])
    #expect(result.status == 0, "\(result.errors)")
    #expect(try #require(try json("f.json")["F_H"] as? Double) > 60)
  }

  @Test func inputSizesSideBySide() throws {
    let result = try Tool.run([
      "evaluate", dataSet, "--input-size", "128", "256x192", "--json", scratch.path("f.json"),
    ])
    #expect(result.status == 0, "\(result.errors)")
    let figures = try json("f.json")
    #expect((figures["methods"] as? [String: Any])?.keys.sorted() == ["network-128", "network-256x192"])
  }

  @Test func builtInModelsSideBySide() throws {
    let result = try Tool.run([
      "evaluate", dataSet, "--model", "fast", "accurate", "--method", "network", "gradient", "--json",
      scratch.path("f.json"),
    ])
    #expect(result.status == 0, "\(result.errors)")
    let methods = try json("f.json")["methods"] as? [String: [String: Any]]
    #expect(methods?.keys.sorted() == ["accurate", "fast", "gradient"])
    let errors = try ["accurate", "fast"].map { try #require(methods?[$0]?["calibration_error"] as? Double) }
    #expect(errors[0] != errors[1])
    #expect(methods?["accurate"]?["sAP10"] as? Double == 100)
  }

  @Test func methodsSideBySide() throws {
    let result = try Tool.run([
      "evaluate", dataSet, "--predictions", "a=\(scratch.path("good"))", "b=\(scratch.path("good"))", "--method",
      "gradient",
      "--report", scratch.path("report"), "--json", scratch.path("f.json"), "--threads", "2",
    ])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.lines.count { $0.hasPrefix("| b ") } == 2)
    let figures = try json("f.json")
    #expect((figures["methods"] as? [String: Any])?.keys.sorted() == ["a", "b", "gradient"])
    #expect((figures["differences"] as? [String: Any])?.keys.sorted() == ["b", "gradient"])
    #expect(try File.read(scratch.path("report/index.html")).count > 10_000)
  }

  @Test func theDataSetIsNotReplacedByTheFigures() throws {
    let before = try File.read(dataSet)
    let result = try Tool.run(["evaluate", dataSet, "--predictions", scratch.path("good"), "--json", dataSet])
    #expect(result.status == 64 && result.errors.contains("would replace"), "\(result.errors)")
    #expect(try File.read(dataSet) == before)
  }

  @Test func nothingThatIsReadIsReplacedByTheFigures() throws {
    for (arguments, file) in [
      (["evaluate", dataSet, "--predictions", scratch.path("good")], "good/a.txt"),
      (["evaluate", dataSet, "--images", scratch.path("images"), "--method", "gradient"], "images/a.png"),
      (
        ["evaluate", try scratch.file("images/labels.json", File.read(dataSet)), "--method", "gradient"], "images/a.png"
      ),
      (["evaluate", "--repeatability", scratch.path("images"), "--method", "gradient"], "images/b.png"),
    ] {
      let before = try File.read(scratch.path(file))
      let result = try Tool.run(arguments + ["--json", scratch.path(file)])
      #expect(result.status == 64 && result.errors.contains("would replace"), "\(result.errors)")
      #expect(try File.read(scratch.path(file)) == before)
    }
  }

  @Test func missingPredictionsAreSaid() throws {
    try scratch.file("some/a.txt", Array("20 15 70 15 0.9\n".utf8))
    let result = try Tool.run(["evaluate", dataSet, "--predictions", scratch.path("some")])
    #expect(result.status == 0)
    #expect(result.errors.contains("1 of 2 images have no predictions and count as empty: b.png"))
  }

  @Test func repeatability() throws {
    let result = try Tool.run([
      "evaluate", "--repeatability", scratch.path("images"), "--method", "gradient", "--json", scratch.path("r.json"),
    ])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.lines.contains { $0.hasPrefix("| gradient ") })
    #expect((try json("r.json")["methods"] as? [String: Any])?["gradient"] != nil)
  }

  static let bad: [Named<String>] = [
    ("nan", "20 15 nan 15 0.9\n"), ("infinite", "20 15 inf 15 0.9\n"),
    ("outside", "20 15 70 15 0.9\n500 300 600 310 0.5\n"),
    ("words", "twenty 15 70 15 0.9\n"), ("columns", "20 15 70\n"), ("swapped", "15 20 15 95 0.9\n15 95 60 95 0.8\n"),
  ].map(Named.init)

  @Test(arguments: bad)
  func badPredictions(file: Named<String>) throws {
    let path = try scratch.file("bad/a.txt", Array(file.value.utf8))
    let result = try Tool.run([
      "evaluate", dataSet, "--predictions", scratch.path("bad"), "--json", scratch.path("f.json"), "--report",
      scratch.path("report"),
    ])
    #expect(result.status == 1)
    #expect(result.errors.contains("\(path):") && result.errors.contains("; "), "\(result.errors)")
    #expect(result.output.isEmpty)
    #expect(!File.exists(scratch.path("f.json")) && !File.exists(scratch.path("report")))
  }

  @Test func aLineThatLeavesAllBounds() throws {
    let huge = try scratch.file(
      "huge.json",
      Array("[{\"filename\": \"a.png\", \"width\": 96, \"height\": 80, \"lines\": [[1, 1, 1e30, 20]]}]".utf8))
    let result = try Tool.run(["evaluate", huge, "--images", scratch.path("images"), "--method", "gradient"])
    #expect(result.status == 1 && result.errors.contains("1e+30 pixels out of its image"), "\(result.errors)")
  }

  @Test func badDataSets() throws {
    let cut = try scratch.file("cut.json", Array(try File.read(dataSet).dropLast(20)))
    for path in [cut, scratch.path("absent"), scratch.folder + "/good"] {
      let result = try Tool.run(["evaluate", path, "--predictions", scratch.path("good")])
      #expect(result.status == 1)
      #expect(result.errors.hasPrefix("Error: \(path)"), "\(result.errors)")
    }
    try scratch.file("images/a.png", RGBImage(width: 40, height: 20))
    let result = try Tool.run(["evaluate", dataSet, "--predictions", scratch.path("good")])
    #expect(result.status == 1 && result.errors.contains("annotated as 96 x 80"))
  }

  @Test(arguments: [
    ["evaluate"], ["evaluate", "--predictions", "a=x", "y"], ["evaluate", "x", "--threads", "0"],
    ["evaluate", "x", "--repeatability", "y"], ["evaluate", "x", "--predictions", "a=y", "a=z"],
    ["evaluate", "x", "--method", "magic"], ["evaluate", "x", "--method", "gradient", "--model", "accurate"],
    ["evaluate", "x", "--method", "gradient", "--input-size", "512"],
    ["evaluate", "x", "--predictions", "a=y", "--precision", "int8"],
    ["evaluate", "x", "--weights", "y", "--method", "gradient", "--model", "accurate"],
    ["evaluate", "x", "--json", "-"],
  ])
  func wrongCommandLines(arguments: [String]) throws {
    let result = try Tool.run(arguments)
    #expect(result.status == 64)
    #expect(result.output.isEmpty && result.errors.contains("Error: "))
  }
}
