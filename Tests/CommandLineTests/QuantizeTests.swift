import Files
import Images
import Testing

@Suite struct QuantizeTests {
  private static let room = Path.join(Path.parent(#filePath), "../../Fixtures/room.png")
  private static let network = Path.join(Path.parent(#filePath), "../../Fixtures/networks/residual.onnx")

  /// A small network of random weights.
  private func convert(in scratch: Scratch) throws -> String {
    let model = scratch.path("model.lsdnet")
    let outcome = try Tool.run(["convert", QuantizeTests.network, model, "--size", "96x72"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return model
  }

  @Test func aCalibratedModelRunsInBothPrecisions() throws {
    let scratch = try Scratch()
    let model = try convert(in: scratch)
    let output = scratch.path("calibrated.lsdnet")
    try scratch.file("photos/noise.png", .noise(width: 50, height: 40))
    let outcome = try Tool.run([
      "quantize", model, "-o", output, "--images", scratch.path("photos"), QuantizeTests.room, "--frames", "5",
    ])
    #expect(outcome.status == 0 && outcome.errors == "" && outcome.output.isEmpty, "\(outcome.errors)")
    func heat(_ arguments: [String]) throws -> [UInt8] {
      let folder = scratch.path("fields\(arguments.joined())")
      let outcome = try Tool.run(["fields", QuantizeTests.room, "-o", folder, "--weights"] + arguments)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try File.read(Path.join(folder, "heat.npy"))
    }
    let before = try heat([model])
    #expect(try File.read(output).count < File.read(model).count / 2)
    // Not the same: the weights are rounded.
    let rounded = try heat([output, "--precision", "fp32"])
    #expect(rounded != before && rounded.count == before.count)
    let bytes = try heat([output, "--precision", "int8", "--threads", "1"])
    #expect(bytes != rounded)
    // The default, as the file has been calibrated.
    #expect(try heat([output]) == bytes)
  }

  @Test func int8NeedsCalibration() throws {
    let scratch = try Scratch()
    let model = try convert(in: scratch)
    let outcome = try Tool.run(["detect", QuantizeTests.room, "--weights", model, "--precision", "int8"])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains("model.lsdnet: has no activation ranges") && outcome.errors.contains("lsdnet quantize"))
  }

  @Test func neitherModelNorPhotographsAreReplaced() throws {
    let scratch = try Scratch()
    let model = try convert(in: scratch)
    try scratch.file("photos/noise.png", .noise(width: 50, height: 40))
    let photo = scratch.path("photos/noise.png")
    for output in [model, photo] {
      let before = try File.read(output)
      let outcome = try Tool.run(["quantize", model, "-o", output, "--images", scratch.path("photos")])
      #expect(outcome.status == 64 && outcome.errors.contains("would replace"), "\(outcome.errors)")
      #expect(try File.read(output) == before)
    }
  }

  @Test func badArguments() throws {
    let scratch = try Scratch()
    let model = try convert(in: scratch)
    let output = scratch.path("out.lsdnet")
    for (arguments, status, message) in [
      (["--images", scratch.path("missing")], 1, "missing"),
      (["--images", QuantizeTests.room, "--frames", "0"], 64, "--frames"),
      ([], 64, "--images"),
    ] as [([String], Int32, String)] {
      let outcome = try Tool.run(["quantize", model, "-o", output] + arguments)
      #expect(outcome.status == status && outcome.errors.contains(message), "\(outcome.errors)")
    }
    #expect(try scratch.files() == ["model.lsdnet"])
    let outcome = try Tool.run(["detect", QuantizeTests.room, "--precision", "int4"])
    #expect(outcome.status == 64)
    let gradient = try Tool.run(["detect", QuantizeTests.room, "--precision", "int8", "--method", "gradient"])
    #expect(gradient.status == 64 && gradient.errors.contains("--precision"))
  }
}
