import Files
import Foundation
import Images
import Testing

/// What one command writes, another reads.
@Suite struct PipelineTests {
  private let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures").path

  /// F^H, in percent.
  private func score(_ arguments: [String]) throws -> Double {
    let scratch = try Scratch()
    let outcome = try Tool.run(
      ["evaluate", Path.join(fixtures, "rendered.json"), "--json", scratch.path("figures.json")] + arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let document = try JSONSerialization.jsonObject(with: Data(File.read(scratch.path("figures.json"))))
    return try #require((document as? [String: Any])?["F_H"] as? Double)
  }

  @Test func whatIsDetectedCanBeEvaluated() throws {
    let scratch = try Scratch()
    for name in try Directory.list(fixtures) where ["png", "jpg"].contains(Path.fileExtension(name)) {
      try scratch.file("in/\(Path.stem(name))/\(name)", File.read(Path.join(fixtures, name)))
    }
    let detected = try score([])
    #expect(detected > 65)
    for options in [["-o", "nested"], ["-o", "hawp.json", "-f", "hawp"]] {
      let output = scratch.path(options[1])
      // `evaluate` leaves out no score.
      let arguments = ["detect", "-r", scratch.path("in"), "-o", output, "--min-score", "0"] + options.dropFirst(2)
      let outcome = try Tool.run(arguments)
      #expect(outcome.status == 0 && outcome.errors == "")
      #expect(abs(try score(["--predictions", output]) - detected) < 0.1)
    }
  }
}
