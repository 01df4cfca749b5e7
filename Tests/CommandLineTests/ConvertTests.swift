import Files
import Testing

@Suite struct ConvertTests {
  private static let networks = Path.join(Path.parent(#filePath), "../../Fixtures/networks")

  private func network(_ name: String) -> String { Path.join(ConvertTests.networks, name) }

  /// The input that the fixtures' outputs were made of.
  private func image(height: Int, width: Int) -> [Float] {
    (0..<3 * height * width).map { Float($0 * 7919 % 1009) / 1009 }
  }

  @Test func convertedNetworksRunAsOnnxruntimeRunsThem() throws {
    let scratch = try Scratch()
    let (model, input, output) = (scratch.path("m.lsdnet"), scratch.path("in.npy"), scratch.path("out.npy"))
    let expected = try NumPyArray(File.read(network("residual.npy")), path: "residual.npy")
    let outcome = try Tool.run(["convert", network("residual.onnx"), model, "--longest-side", "64"])
    #expect(outcome.status == 0 && outcome.errors == "" && outcome.output.isEmpty)
    // Two images at once, both the same.
    let one = image(height: 27, width: 45)
    try File.write(NumPyArray(shape: [2, 27, 45, 3], values: one + one).encoded, to: input)
    for threads in ["1", "2"] {
      #expect(try Tool.run(["run", model, input, "-o", output, "--threads", threads]).status == 0)
      let maps = try NumPyArray(File.read(output), path: output)
      #expect(maps.shape == [2] + expected.shape)
      let differences = zip(maps.values, expected.values + expected.values).map { abs($0 - $1) }
      #expect(differences.allSatisfy { $0 <= 1e-5 })
    }
  }

  @Test func conversionIsDeterministic() throws {
    let scratch = try Scratch()
    let (a, b) = (scratch.path("a.lsdnet"), scratch.path("b.lsdnet"))
    for path in [a, b] {
      let arguments = ["convert", network("transposed.onnx"), path, "--note", "b=2", "--note", "a=1"]
      #expect(try Tool.run(arguments).status == 0)
    }
    #expect(try File.read(a) == File.read(b))
  }

  @Test func refusalsNameTheFileAndTheNextStep() throws {
    let scratch = try Scratch()
    let model = scratch.path("m.lsdnet")
    let text = try scratch.file("text.onnx", Array("no network".utf8))
    for (arguments, words) in [
      ([text, model], [text, "not an ONNX model", "export"]),
      ([network("residual.onnx"), model], ["residual.onnx", "any size", "--size"]),
      ([network("transposed.onnx"), model, "--encoding", "doubled-angle"], ["transposed.onnx", "2 channels"]),
      (["absent.onnx", model], ["absent.onnx", "check the path"]),
    ] {
      let outcome = try Tool.run(["convert"] + arguments)
      #expect(outcome.status == 1)
      #expect(words.allSatisfy { outcome.errors.contains($0) }, "\(outcome.errors)")
      #expect(!File.exists(model))
    }
  }

  @Test func optionsThatCannotBeMeantAreRefusedByTheirNames() throws {
    let scratch = try Scratch()
    let model = scratch.path("m.lsdnet")
    for arguments in [
      ["--size", "12"], ["--size", "0x0"], ["--size", "-1x5"], ["--size", "8x8", "--scale", "1"],
      ["--area", "0"], ["--area", "8", "--scale", "1"],
      ["--longest-side", "0"], ["--longest-side", "-5"], ["--longest-side", "99999999999"], ["--scale", "0"],
      ["--scale", "nan"], ["--scale", "1e300"], ["--multiple", "0", "--scale", "1"], ["--input-scale", "0"],
      ["--mean", "1,2"], ["--mean", "nan,0,0"], ["--std", "0,1,1"], ["--resample", "best"], ["--encoding", "x"],
      ["--note", "x"], ["--multiple", "64"], ["--multiple", "64", "--size", "128x96"],
    ] {
      let outcome = try Tool.run(["convert", network("residual.onnx"), model] + arguments)
      #expect(outcome.status == 64 && outcome.errors.contains(arguments[0]), "\(outcome.errors)")
      #expect(!File.exists(model))
    }
    let names = try Tool.run(["convert", network("residual.onnx"), model, "--encoding", "x"]).errors
    #expect(names.contains("'angle' and 'doubled-angle'"), "\(names)")
  }

  @Test func aModelWithEndsAndAnAreaCanBeRead() throws {
    let scratch = try Scratch()
    let (model, image) = (scratch.path("m.lsdnet"), try scratch.file("image.png", .rectangle()))
    #expect(try Tool.run(["convert", network("shuffle.onnx"), model, "--area", "96"]).status == 0)
    let outcome = try Tool.run(["fields", image, "-o", scratch.path("out"), "--weights", model])
    #expect(outcome.status == 0 && File.exists(scratch.path("out/ends.npy")), "\(outcome.errors)")
  }

  @Test func theNetworkIsNotReplacedByTheModel() throws {
    let scratch = try Scratch()
    let bytes = try File.read(network("transposed.onnx"))
    let path = try scratch.file("network.onnx", bytes)
    let outcome = try Tool.run(["convert", path, path])
    #expect(outcome.status == 64 && outcome.errors.contains("would replace"))
    #expect(try File.read(path) == bytes)
  }

  @Test func arraysOfOtherShapesAreRefused() throws {
    let scratch = try Scratch()
    let (model, output) = (scratch.path("m.lsdnet"), scratch.path("out.npy"))
    #expect(try Tool.run(["convert", network("transposed.onnx"), model]).status == 0)
    for shape in [[10, 18], [10, 18, 4], [0, 18, 3]] {
      let array = NumPyArray(shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
      let input = try scratch.file("in.npy", array.encoded)
      let outcome = try Tool.run(["run", model, input, "-o", output])
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains(input) && outcome.errors.contains("make it"))
    }
    #expect(try Tool.run(["run", model, model, "-o", output, "--threads", "-1"]).errors.contains("--threads is -1"))
    #expect(try Tool.run(["run", model, model, "-o", model]).errors.contains("would replace"))
    // A size that the pools do not divide.
    let input = try scratch.file("odd.npy", NumPyArray(shape: [9, 18, 3], values: image(height: 9, width: 18)).encoded)
    let outcome = try Tool.run(["run", model, input, "-o", output])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("multiples"))
    #expect(!File.exists(output))
  }
}
