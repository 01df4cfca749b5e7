import Files
import Foundation
import Images
import Testing

@Suite struct BadInputTests {
  let scratch: Scratch
  let good: String

  init() throws {
    scratch = try Scratch()
    good = try scratch.file("good.png", .rectangle())
  }

  static let unreadable: [Named<[UInt8]>] = {
    let png = try! RGBImage.rectangle().pngBytes()
    return [
      ("empty.png", []),
      ("truncated.png", Array(png.prefix(png.count / 2))),
      ("header-only.png", Array(png.prefix(33))),
      ("mislabelled.png", Array("this is a text\n".utf8)),
      ("mislabelled.jpg", Array("\0\u{1}\u{2}".utf8)),
      ("truncated.jpg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 0x4A, 0x46, 0x49, 0x46]),
      ("truncated.ppm", Array("P6\n20 20\n255\nabc".utf8)),
      ("huge.ppm", Array("P6\n999999999 999999999\n255\n".utf8)),
      ("no-pixels.ppm", Array("P6\n0 10\n255\n".utf8)),
      ("web.png", Array("RIFF\0\0\0\0WEBPVP8 ".utf8)),
    ].map(Named.init)
  }()

  @Test(arguments: unreadable)
  func unreadableImage(file: Named<[UInt8]>) throws {
    let bad = try scratch.file(file.name, file.value)
    let alone = try Tool.run(["detect", bad, "-o", scratch.path("out.txt"), "--method", "gradient"])
    #expect(alone.status == 1)
    #expect(alone.errors.hasPrefix("Error: \(bad): ") && alone.errors.hasSuffix("\n"))
    #expect(alone.errors.split(separator: "\n").count == 1)
    #expect(alone.errors.contains("; "), "the next step is missing")
    #expect(!File.exists(scratch.path("out.txt")))

    let among = try Tool.run(["detect", bad, good, "--method", "gradient"])
    #expect(among.status == 1)
    #expect(among.errors == alone.errors)
    #expect(among.lines.first == "# 96x80 good.png" && among.lines.count > 4)
    #expect(try Tool.run(["fields", bad, "-o", scratch.path("fields"), "--method", "gradient"]).status == 1)
    #expect(try scratch.files() == ["good.png", file.name].sorted(), "nothing half-written is left")
  }

  @Test func missingInputs() throws {
    let outcome = try Tool.run(
      [
        "detect", scratch.path("absent.png"), scratch.path("*.gif"), good, scratch.path("no/such.png"), "--method",
        "gradient",
      ])
    #expect(outcome.status == 1)
    for name in ["absent.png", "*.gif", "no/such.png"] {
      #expect(outcome.errors.contains("Error: \(scratch.path(name)): "))
    }
    #expect(outcome.lines.count > 4)
  }

  @Test func folderWithoutImages() throws {
    try scratch.file("folder/readme.txt", Array("nothing to see".utf8))
    try scratch.file("folder/inner/a.png", .rectangle())
    let outcome = try Tool.run(["detect", scratch.path("folder"), good, "--method", "gradient"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains(scratch.path("folder") + ": no ") && outcome.errors.contains("--recursive"))
    #expect(outcome.lines.count >= 4)
    let alone = try Tool.run(["detect", scratch.path("folder")])
    #expect(alone.status == 1 && alone.output.isEmpty)
  }

  static let odd = [
    ("1x1", RGBImage(width: 1, height: 1, red: 9)),
    ("1x40", .make(1, 40) { _, y in y < 20 ? 0 : 255 }),
    ("40x1", .make(40, 1) { x, _ in x < 20 ? 0 : 255 }),
    ("2x3", .noise(width: 2, height: 3)),
    ("7x21", .noise(width: 7, height: 21)),
    ("black", RGBImage(width: 64, height: 48)),
    ("white", RGBImage(width: 64, height: 48, red: 255, green: 255, blue: 255)),
    ("noise", .noise(width: 64, height: 48)),
    ("wide", .make(20_000, 5) { x, _ in x / 1000 % 2 == 0 ? 40 : 200 }),
    ("tall", .make(5, 20_000) { _, y in y / 1000 % 2 == 0 ? 40 : 200 }),
  ].map(Named.init)

  @Test(arguments: odd, ["network", "gradient"])
  func oddImage(image: Named<RGBImage>, method: String) throws {
    let size = [image.value.width, image.value.height]
    let path = try scratch.file(image.name + ".png", image.value)
    let outcome = try Tool.run(["detect", path, "--method", method])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors == "")
    if ["1x1", "2x3", "black", "white"].contains(image.name) { #expect(outcome.text == "") }
    for line in outcome.lines {
      let values = line.split(separator: " ").compactMap { Double($0) }
      #expect(values.count == 5 && values.allSatisfy(\.isFinite))
      #expect(zip(values, size + size).allSatisfy { $0 >= -2 && $0 <= Double($1) + 1 })
    }
    for format in ["png", "svg", "json"] {
      let output = scratch.path("out.\(format)")
      let outcome = try Tool.run(["detect", path, "--method", method, "-o", output])
      #expect(outcome.status == 0 && File.exists(output), "\(format): \(outcome.errors)")
    }
    let fields = try Tool.run(["fields", path, "-o", scratch.path("fields"), "--method", method])
    #expect(fields.status == 0, "\(fields.errors)")
  }

  @Test(arguments: [
    ["detect"], ["detect", "good.png", "--threads", "0"], ["detect", "good.png", "--threads", "-2"],
    ["detect", "good.png", "--threads", "many"], ["detect", "good.png", "--threads", "99999999999999999999"],
    ["detect", "good.png", "--min-score", "nan"], ["detect", "good.png", "--min-score", "-0.1"],
    ["detect", "good.png", "--min-score", "1.5"], ["evaluate", ".", "--min-score", "0.5"],
    ["evaluate", "--repeatability", ".", "--min-score", "2"], ["detect", "good.png", "--min-length", "-1"],
    ["detect", "good.png", "--min-length", "inf"], ["detect", "good.png", "--min-length", "nan"],
    ["detect", "good.png", "--max-segments", "0"], ["detect", "good.png", "--max-segments", "-1"],
    ["detect", "good.png", "--max-segments", "1.5"], ["detect", "good.png", "--method", "magic"],
    ["detect", "good.png", "--format", "doc"], ["detect", "good.png", "-o", "out.doc"],
    ["detect", "good.png", "-o", ""], ["detect", "good.png", "--mask", "--format", "txt"],
    ["detect", "good.png", "--mask", "-o", "out.txt"], ["detect", "good.png", "good2.png", "-o", "out.svg"],
    ["detect", "good.png", "good2.png", "--format", "json"],
    ["detect", "good.png", "--method", "gradient", "--weights", "x"], ["detect", "good.png", "--frobnicate"],
    ["detect", "good.png", "--method", "gradient", "--no-fit-edges"],
    ["detect", "good.png", "--method", "gradient", "--no-fit-ends"],
    ["detect", "good.png", "--no-fit-edges", "--fit-ends"], ["fields", "good.png", "-o", "out", "--no-fit-ends"],
    ["detect", ""], ["detect", "good.png", "--weights"],
    ["detect", "good.png", "--embed-image"], ["detect", "good.png", "--embed-image", "-o", "out.png"],
    ["fields", "good.png", "-o", "out", "--no-fit-edges"],
    ["evidence", "good.png", "-o", "out.ndjson", "--method", "gradient"], ["evidence", "good.png", "-o", "-"],
    ["detect", "good.png", "--input-size", "-5"], ["detect", "good.png", "--input-size", "65537"],
    ["fields", "good.png"], ["fields", "good.png", "-o", "out", "--threads", "0"], ["frobnicate"],
  ])
  func wrongUsage(arguments: [String]) throws {
    try scratch.file("good2.png", .rectangle())
    let outcome = try Tool.run(arguments, in: scratch.folder)
    #expect(outcome.status == 64)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("Error: "))
    #expect(try scratch.files() == ["good.png", "good2.png"])
  }

  @Test func badInputSizesAndModels() throws {
    for (arguments, status, message) in [
      (["--input-size", "384x"], 64, "--input-size"), (["--input-size", "0"], 64, "--input-size"),
      (["--input-size", "0x384"], 64, "--input-size"),
      (["--input-size", "100x384"], 1, "multiples of 32"),
      (["--input-size", "65536"], 1, "good.png: an input of"),
      (["--input-size", "384x384", "--method", "gradient"], 64, "--input-size"),
      (["--model", "accurate", "--method", "gradient"], 64, "--model"),
      (["--model", "accurate", "--weights", "x"], 64, "--model"), (["--model", "huge"], 64, "accurate"),
    ] as [([String], Int32, String)] {
      let outcome = try Tool.run(["detect", good] + arguments)
      #expect(outcome.status == status && outcome.errors.contains(message), "\(outcome.errors)")
    }
  }

  @Test func badWeights() throws {
    let weights = try #require(try? File.read(shippedWeights))
    for (name, bytes) in [
      ("empty.lsdnet", []), ("garbage.lsdnet", Array("garbage".utf8)),
      ("random.lsdnet", RGBImage.noise(width: 50, height: 50).pixels),
      ("truncated.lsdnet", Array(weights.prefix(weights.count / 2))),
      // The last tensor's last number.
      ("nan.lsdnet", weights.dropLast(4) + [0, 0, 0xC0, 0x7F]),
    ] as [(String, [UInt8])] {
      let path = try scratch.file(name, bytes)
      let outcome = try Tool.run(["detect", good, "--weights", path, "-o", scratch.path("out.txt")])
      #expect(outcome.status == 1, "\(name)")
      #expect(outcome.errors.contains(path) && outcome.errors.contains("; "), "\(outcome.errors)")
      #expect(!File.exists(scratch.path("out.txt")))
      #expect(try Tool.run(["fields", good, "--weights", path, "-o", scratch.path("out")]).status == 1)
      #expect(!File.exists(scratch.path("out")))
    }
    let absent = try Tool.run(["detect", good, "--weights", scratch.path("absent.lsdnet")])
    #expect(absent.status == 1 && absent.errors.contains("absent.lsdnet"))
    let copy = try scratch.file("copy.lsdnet", weights)
    #expect(try Tool.run(["detect", good, "--weights", copy]).text == Tool.run(["detect", good]).text)
  }

  private var shippedWeights: String { shipped("lsdnet.lsdnet") }

  private func shipped(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Weights/\(name)").path
  }

  @Test func endWeights() throws {
    let text = String(decoding: try File.read(shipped("end-weights.txt")), as: UTF8.self)
    let usual = try Tool.run(["detect", good])
    #expect(usual.lines.count == 4)
    let same = try scratch.file("same.txt", Array(text.replacing("\n", with: " \r\n\n").utf8))
    #expect(
      try Tool.run(["detect", good, "--end-weights", same]).text == usual.text,
      "what is built in is what is in the file")
    // Nothing is a line where the bias says so.
    let doubt = text.split(separator: "\n").map { $0.hasPrefix("line") ? "line 0 0 0 -50" : $0 }.joined(separator: "\n")
    let none = try scratch.file("none.txt", Array(doubt.utf8))
    #expect(try Tool.run(["detect", good, "--end-weights", none]).lines.isEmpty)

    let bad = try scratch.file("bad.txt", Array("share 0.2".utf8))
    let images = Path.parent(good)
    for arguments in [["detect", good], ["bench", good, "--frames", "1"], ["evaluate", "--repeatability", images]] {
      let outcome = try Tool.run(arguments + ["--end-weights", bad])
      #expect(outcome.status == 1 && outcome.output.isEmpty)
      #expect(outcome.errors.contains("\(bad): 'end' is missing; "), "\(outcome.errors)")
      let absent = try Tool.run(arguments + ["--end-weights", scratch.path("absent.txt")])
      #expect(absent.status == 1 && absent.errors.contains("absent.txt: "), "\(absent.errors)")
      let idle = try Tool.run(arguments + ["--method", "gradient", "--end-weights", same])
      #expect(idle.status == 64 && idle.errors.contains("--end-weights"), "\(idle.errors)")
    }
    let model = scratch.path("endless.lsdnet")
    #expect(try Tool.run(["convert", shipped("../Fixtures/networks/transposed.onnx"), model]).status == 0)
    let endless = try Tool.run(["detect", good, "--weights", model, "--end-weights", same])
    #expect(endless.status == 1 && endless.errors.contains("\(model): has no map of ends"), "\(endless.errors)")
    let replacing = try Tool.run(["detect", good, "--end-weights", same, "-o", same])
    #expect(replacing.status == 64 && replacing.errors.contains("would replace"))
  }

  @Test(arguments: [
    ("cost 0.005\n", "", "bad.txt: 'cost' is missing"),
    ("cost 0.005", "cost", "bad.txt:6: 'cost' takes 1 finite number;"),
    ("cost 0.005", "cost 0.005 1", "bad.txt:6: 'cost' takes 1 finite number;"),
    ("cost 0.005", "cost 1e39", "bad.txt:6: 'cost' takes 1 finite number;"),
    ("cost 0.005", "\n\tprice 1", "bad.txt:7: 'price' is none of end, pass, "),
    ("cost 0.005", "share 1", "bad.txt:7: 'share' is there twice"),
    ("line 5.428", "line four", "bad.txt:3: 'line' takes 4 finite numbers;"),
    ("line 5.428", "line nan", "bad.txt:3: 'line' takes 4 finite numbers;"),
  ])
  func mistakesInEndWeights(_ old: String, _ new: String, message: String) throws {
    let text = String(decoding: try File.read(shipped("end-weights.txt")), as: UTF8.self)
    try #require(text.contains(old))
    let bad = try scratch.file("bad.txt", Array(text.replacing(old, with: new).utf8))
    let outcome = try Tool.run(["detect", good, "--end-weights", bad])
    #expect(
      outcome.status == 1 && outcome.errors.contains(message) && outcome.errors.contains("; "), "\(outcome.errors)")
  }

  @Test func unwritableOutputs() throws {
    for output in ["good.png/out.txt", "absent/out.txt", "good.png/out/"] {
      let path = scratch.path(output)
      let outcome = try Tool.run(["detect", good, "-o", path, "--method", "gradient"])
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains(scratch.path("good.png")) || outcome.errors.contains(path))
    }
    #expect(try Tool.run(["fields", good, "-o", scratch.path("good.png/x"), "--method", "gradient"]).status == 1)
    #expect(try scratch.files() == ["good.png"])
  }

  @Test func placesWhereNothingCanBeWrittenAreFoundBeforeTheWork() throws {
    let output = scratch.path("absent/out")
    for arguments in [
      ["evidence", good, "-o", output], ["quantize", shippedWeights, "-o", output, "--images", good],
      ["evaluate", scratch.folder, "--json", output], ["evaluate", scratch.folder, "--report", good],
      ["convert", good, output], ["run", shippedWeights, good, "-o", output],
    ] {
      let outcome = try Tool.run(arguments)
      #expect(outcome.status == 1 && outcome.errors.contains("folder"), "\(arguments[0]): \(outcome.errors)")
    }
    #expect(try scratch.files() == ["good.png"])
  }

  @Test func modelsAreNeverReplaced() throws {
    let weights = try scratch.file("m.lsdnet", File.read(shippedWeights))
    let before = try File.read(weights)
    for arguments in [
      ["detect", good, "--weights", weights, "-f", "txt", "-o", weights],
      ["evidence", good, "--weights", weights, "-o", weights],
      ["evaluate", scratch.folder, "--weights", weights, "--json", weights],
    ] {
      let outcome = try Tool.run(arguments)
      #expect(outcome.status == 64 && outcome.errors.contains("would replace"), "\(outcome.errors)")
      #expect(try File.read(weights) == before)
    }
  }

  @Test func aFailureLeavesTheOldOutput() throws {
    let old = try scratch.file("old.txt", Array("old".utf8))
    let bad = try scratch.file("bad.png", Array("bad".utf8))
    #expect(try Tool.run(["detect", bad, "-o", old, "--method", "gradient"]).status == 1)
    #expect(try File.read(old) == Array("old".utf8))
    #expect(try Tool.run(["detect", good, "-o", old, "--method", "gradient"]).status == 0)
    #expect(try File.read(old) != Array("old".utf8))
  }

  @Test func badStandardInput() throws {
    for (input, word) in [([], "empty"), (Array("text".utf8), "picture")] as [([UInt8], String)] {
      let outcome = try Tool.run(["detect", "-"], input: input)
      #expect(outcome.status == 1)
      #expect(outcome.errors.hasPrefix("Error: standard input: ") && outcome.errors.contains(word))
    }
  }
}
