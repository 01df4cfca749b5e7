import Files
import Foundation
import Images
import Testing

private func numbers(_ line: Substring) -> [Double] { line.split(separator: " ").compactMap { Double($0) } }

@Suite struct DetectTests {
  let scratch: Scratch
  /// A rectangle with edges at x = 19.5 and 69.5, y = 14.5 and 59.5.
  let image: String

  init() throws {
    scratch = try Scratch()
    image = try scratch.file("rectangle.png", .rectangle())
  }

  @Test(arguments: ["network", "gradient"])
  func printsSegmentsBestFirst(method: String) throws {
    let outcome = try Tool.run(["detect", image, "--method", method])
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    let segments = outcome.lines.map(numbers)
    try #require(segments.count >= 4)
    #expect(segments.allSatisfy { $0.count == 5 && (0...1).contains($0[4]) })
    #expect(segments.map { $0[4] } == segments.map { $0[4] }.sorted(by: >))
    // Each side is found: some segment lies along it and covers most of it.
    for (axis, place, range) in [(0, 19.5, 15...59), (0, 69.5, 15...59), (1, 14.5, 20...69), (1, 59.5, 20...69)] {
      #expect(
        segments.contains {
          abs($0[axis] - place) < 2 && abs($0[axis + 2] - place) < 2
            && abs($0[1 - axis] - $0[3 - axis]) > 0.7 * Double(range.count)
        }, "side at \(axis == 0 ? "x" : "y") = \(place)")
    }
  }

  @Test func readsTheStandardInput() throws {
    let fromFile = try Tool.run(["detect", image, "--method", "gradient"])
    let fromPipe = try Tool.run(["detect", "-", "--method", "gradient"], input: File.read(image))
    #expect(fromPipe.status == 0)
    #expect(fromPipe.text == fromFile.text)
    #expect(!fromPipe.text.isEmpty)
  }

  @Test(arguments: ["network", "gradient"])
  func threadsDoNotMatter(method: String) throws {
    let one = try Tool.run(["detect", image, "--method", method, "--threads", "1"])
    let three = try Tool.run(["detect", image, "--method", method, "--threads", "3"])
    #expect(one.status == 0)
    #expect(one.text == three.text)
    #expect(one.text == (try Tool.run(["detect", image, "--method", method])).text)
  }

  @Test func filters() throws {
    func segments(_ options: [String]) throws -> [[Double]] {
      let outcome = try Tool.run(["detect", image, "--method", "gradient"] + options)
      #expect(outcome.status == 0)
      return outcome.lines.map(numbers)
    }
    func length(_ s: [Double]) -> Double { hypot(s[2] - s[0], s[3] - s[1]) }
    let all = try segments([])
    #expect(try segments(["--max-segments", "2"]) == Array(all.prefix(2)))
    #expect(try segments(["--max-segments", "1000000"]) == all)
    #expect(try segments(["--min-score", "1"]) == all.filter { $0[4] >= 1 })
    let long = try segments(["--min-length", "46"])
    #expect(!long.isEmpty && long == all.filter { length($0) >= 46 })
    #expect(try segments(["--min-length", "1000"]).isEmpty)
  }

  @Test func halfPixelMovesEverySegmentByAHalf() throws {
    let plain = try Tool.run(["detect", image, "--method", "gradient"]).lines.map(numbers)
    let moved = try Tool.run(["detect", image, "--method", "gradient", "--half-pixel"]).lines.map(numbers)
    #expect(plain.count == moved.count && !plain.isEmpty)
    for (a, b) in zip(plain, moved) {
      #expect(zip(a, b).enumerated().allSatisfy { abs($1.1 - $1.0 - ($0 < 4 ? 0.5 : 0)) < 1.5e-6 })
    }
  }

  // MARK: Formats

  private func write(_ name: String, _ options: [String] = []) throws -> [UInt8] {
    let path = scratch.path(name)
    let outcome = try Tool.run(["detect", image, "--method", "gradient", "-o", path] + options)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.isEmpty && outcome.errors.isEmpty)
    return try File.read(path)
  }

  private func object(_ bytes: [UInt8]) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }

  @Test func formatFollowsTheExtension() throws {
    let text = String(decoding: try write("out.txt"), as: UTF8.self)
    let count = text.split(separator: "\n").count
    #expect(text == (try Tool.run(["detect", image, "--method", "gradient"])).text)

    let csv = String(decoding: try write("out.CSV"), as: UTF8.self).split(separator: "\n")
    try #require(csv.count == count + 1 && count >= 4)
    #expect(csv[0] == "x1,y1,x2,y2,score,width,meaningfulness,image")
    #expect(csv[1].hasSuffix(",rectangle.png"))

    let json = try object(write("out.json"))
    #expect(json["schema"] as? String == "lsdnet.segments" && json["version"] as? Int == 1)
    #expect(json["image"] as? String == "rectangle.png")
    #expect(json["width"] as? Int == 96 && json["height"] as? Int == 80)
    let segments = try #require(json["segments"] as? [[String: Any]])
    try #require(segments.count == count)
    #expect(Set(segments[0].keys) == ["x1", "y1", "x2", "y2", "score", "width", "meaningfulness"])
    #expect(
      Set((json["timings_ms"] as? [String: Any] ?? [:]).keys) == ["decode", "resize", "gradient", "extract", "total"])
    let detector = try #require(json["detector"] as? [String: Any])
    #expect(detector["method"] as? String == "gradient" && detector["weights"] is NSNull)

    #expect(try object(write("out.ndjson"))["image"] as? String == "rectangle.png")
    let svg = String(decoding: try write("out.svg"), as: UTF8.self)
    #expect(svg.contains(#"viewBox="0 0 96 80""#) && svg.contains(#"href="rectangle.png""#))
    #expect(svg.components(separatedBy: "<line ").count == count + 1)
    #expect(try write("embedded.svg", ["--embed-image"]).count > svg.utf8.count)

    let hawp = try write("hawp.json", ["--format", "hawp"])
    let list = try #require(JSONSerialization.jsonObject(with: Data(hawp)) as? [[String: Any]])
    #expect((list.first?["lines_pred"] as? [[Double]])?.count == count)
    #expect(String(decoding: try write("out.limap", ["--format", "limap"]), as: UTF8.self) == "\(count)\n" + text)
  }

  @Test(arguments: [[], ["--model", "fast"], ["--model", "accurate"]])
  func networkNamesItsWeights(_ model: [String]) throws {
    let outcome = try Tool.run(["detect", image, "--format", "json"] + model)
    let detector = try #require(try object(outcome.output)["detector"] as? [String: Any])
    let hash = try #require(detector["weights"] as? String)
    let version = try Tool.run(["--version"])
    #expect(version.status == 0 && version.text.contains("\(model.last ?? "fast") \(hash)"))
    #expect(version.text.contains(try #require(detector["isa"] as? String)))
    #expect(detector["precision"] as? String == "int8")
    #expect(version.text.contains(try #require(detector["version"] as? String)))
  }

  @Test func overlayShowsTheImageAndTheSegments() throws {
    let picture = try ImageDecoder.decode(write("overlay.png"), name: "overlay")
    #expect(picture.width == 96 && picture.height == 80)
    let coloured = stride(from: 0, to: picture.pixels.count, by: 3).count {
      Int(picture.pixels[$0]) > 40 + Int(picture.pixels[$0 + 2])
    }
    #expect(coloured > 100)
    // Inside the rectangle and outside of it, away from the lines, the image is still there.
    #expect(picture.pixels[3 * (40 * 96 + 45)] > picture.pixels[3 * (5 * 96 + 90)])
  }

  @Test func maskIsWhiteOnBlack() throws {
    let picture = try ImageDecoder.decode(write("mask.png", ["--mask"]), name: "mask")
    #expect(picture.width == 96 && picture.height == 80)
    func value(_ x: Int, _ y: Int) -> UInt8 { picture.pixels[3 * (y * 96 + x)] }
    #expect(value(2, 2) == 0 && value(45, 40) == 0)
    #expect(max(value(45, 14), value(45, 15)) > 120 && max(value(19, 40), value(20, 40)) > 120)
  }

  // MARK: Several inputs

  @Test func severalImagesOnTheStandardOutputAreHeaded() throws {
    let black = try scratch.file("black.ppm", RGBImage(width: 20, height: 10))
    let outcome = try Tool.run(["detect", black, image, "--method", "gradient"])
    #expect(outcome.status == 0)
    #expect(outcome.text.hasPrefix("# 20x10 black.ppm\n# 96x80 rectangle.png\n"))
    let ndjson = try Tool.run(["detect", black, image, image, "--method", "gradient", "--format", "ndjson"])
    #expect(try ndjson.lines.map { try object(Array($0.utf8))["image"] as? String } == ["black.ppm", "rectangle.png"])
  }

  @Test func foldersPatternsAndOutputFolders() throws {
    try scratch.file("in/b.png", .rectangle())
    try scratch.file("in/a.ppm", RGBImage(width: 20, height: 10))
    try scratch.file("in/notes.md", Array("no image".utf8))
    try scratch.file("in/deep/c.png", .rectangle())
    let input = scratch.path("in")
    let flat = try Tool.run(["detect", input, "-o", scratch.path("out"), "--method", "gradient", "--format", "csv"])
    #expect(flat.status == 0 && flat.errors == "" && flat.output.isEmpty)
    let deep = try Tool.run(["detect", "-r", input, "-o", scratch.path("deep/er/"), "--method", "gradient"])
    #expect(deep.status == 0)
    let glob = try Tool.run(
      ["detect", scratch.path("in/*.p[np][gm]"), "-o", scratch.path("all.ndjson"), "--method", "gradient"])
    #expect(glob.status == 0)
    #expect(
      try scratch.files() == [
        "all.ndjson", "deep/er/a.txt", "deep/er/b.txt", "deep/er/deep/c.txt", "in/a.ppm", "in/b.png", "in/deep/c.png",
        "in/notes.md", "out/a.csv", "out/b.csv", "rectangle.png",
      ])
    #expect(try File.read(scratch.path("deep/er/a.txt")).isEmpty)
    #expect(try !File.read(scratch.path("deep/er/deep/c.txt")).isEmpty)
    #expect(try File.read(scratch.path("all.ndjson")).count { $0 == 10 } == 2)
  }

  @Test func imagesOfOneNameAreToldApart() throws {
    try scratch.file("in/a/1.png", .rectangle())
    try scratch.file("in/b/1.png", RGBImage(width: 20, height: 10))
    let outcome = try Tool.run(["detect", "-r", scratch.path("in"), "--method", "gradient", "--format", "ndjson"])
    #expect(try outcome.lines.map { try object(Array($0.utf8))["image"] as? String } == ["a/1.png", "b/1.png"])
  }

  @Test func linkedFoldersAreSearchedOnce() throws {
    try scratch.file("in/deep/a.ppm", RGBImage(width: 20, height: 10))
    try FileManager.default.createSymbolicLink(atPath: scratch.path("in/deep/up"), withDestinationPath: "..")
    let outcome = try Tool.run(["detect", "-r", scratch.path("in"), "--method", "gradient", "--format", "ndjson"])
    #expect(outcome.status == 0 && outcome.lines.count == 1)
  }

  @Test func equalStemsGetTheirExtensions() throws {
    let other = try scratch.file("rectangle.ppm", RGBImage(width: 20, height: 10))
    let outcome = try Tool.run(["detect", image, other, "-o", scratch.path("out"), "--method", "gradient"])
    #expect(outcome.status == 0)
    #expect(try scratch.files().filter { $0.hasPrefix("out") } == ["out/rectangle.png.txt", "out/rectangle.ppm.txt"])
  }

  @Test func equalNamesAreRefused() throws {
    let other = try scratch.file("other/rectangle.png", .rectangle())
    let outcome = try Tool.run(["detect", image, other, "-o", scratch.path("out"), "--method", "gradient"])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains(image) && outcome.errors.contains(other))
    #expect(!File.exists(scratch.path("out")))
  }

  @Test func inputsAreNeverReplaced() throws {
    let before = try File.read(image)
    for options in [["-o", image], ["-o", scratch.folder, "--format", "png"], ["-o", image, "--mask"]] {
      let outcome = try Tool.run(["detect", image, "--method", "gradient"] + options)
      #expect(outcome.status == 64)
      #expect(outcome.errors.contains(image))
    }
    #expect(try File.read(image) == before)
  }
}
