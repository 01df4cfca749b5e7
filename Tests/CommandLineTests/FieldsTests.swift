import Files
import Foundation
import Images
import Testing

@Suite struct FieldsTests {
  private func array(_ path: String) throws -> (height: Int, width: Int, values: [Float]) {
    let array = try NumPyArray(File.read(path), path: path)
    try #require(array.shape.count == 2)
    return (array.shape[0], array.shape[1], array.values)
  }

  @Test(arguments: ["network", "gradient"])
  func writesPicturesAndArrays(method: String) throws {
    let scratch = try Scratch()
    let image = try scratch.file("image.png", .rectangle(width: 160, height: 80, x: 40..<120, y: 20..<60))
    let outcome = try Tool.run(["fields", image, "-o", scratch.path("a/b"), "--method", method])
    #expect(outcome.status == 0 && outcome.errors == "" && outcome.output.isEmpty, "\(outcome.errors)")
    let ends = method == "network" ? ["a/b/ends.npy", "a/b/ends.png"] : []
    let stops = ends.isEmpty ? [] : ["a/b/stops.npy"]
    #expect(
      try scratch.files() == ends + ["a/b/heat.npy", "a/b/heat.png"] + stops
        + ["a/b/tangent.npy", "a/b/tangent.png", "image.png"])

    let heat = try array(scratch.path("a/b/heat.npy"))
    let tangent = try array(scratch.path("a/b/tangent.npy"))
    #expect(heat.height == tangent.height && heat.width == tangent.width)
    #expect(heat.values.count == heat.height * heat.width && tangent.values.count == heat.values.count)
    #expect(heat.values.allSatisfy { (0...1).contains($0) })
    #expect(tangent.values.allSatisfy { $0 >= 0 && Double($0) < Double.pi })

    // At the hottest cell around the middle of each side the tangent is the side's direction in the image.
    func hottest(nearX x: Double, y: Double) -> Float {
      let column = Int(x / 160 * Double(heat.width))
      let row = Int(y / 80 * Double(heat.height))
      let cells = (row - 3...row + 3).flatMap { r in (column - 3...column + 3).map { r * heat.width + $0 } }
      return tangent.values[cells.max { heat.values[$0] < heat.values[$1] }!]
    }
    for (x, y) in [(80.0, 20.0), (80, 60)] {
      let angle = hottest(nearX: x, y: y)
      #expect(min(angle, .pi - angle) < 0.15)
    }
    for (x, y) in [(40.0, 40.0), (120, 40)] { #expect(abs(hottest(nearX: x, y: y) - .pi / 2) < 0.15) }

    if !ends.isEmpty {
      // Lines end at the corners of the rectangle, not amid its sides.
      let ends = try array(scratch.path("a/b/ends.npy"))
      #expect(ends.height == heat.height && ends.width == heat.width)
      func strongest(nearX x: Double, y: Double) -> Float {
        let column = Int(x / 160 * Double(ends.width))
        let row = Int(y / 80 * Double(ends.height))
        return (row - 4...row + 4).flatMap { r in (column - 4...column + 4).map { ends.values[r * ends.width + $0] } }
          .max() ?? 0
      }
      for x in [40.0, 120] {
        for y in [20.0, 60] { #expect(strongest(nearX: x, y: y) > 0.5) }
      }
      for (x, y) in [(80.0, 20.0), (80, 60), (40, 40), (120, 40)] { #expect(strongest(nearX: x, y: y) < 0.2) }
    }

    if !stops.isEmpty {
      // The upper side ends soon to the right near its right corner, and to the left near its left one.
      let stops = try NumPyArray(File.read(scratch.path("a/b/stops.npy")), path: "stops.npy")
      #expect(stops.shape == [4, heat.height, heat.width])
      func mean(_ side: Int, nearX x: Double) -> Float {
        let (column, row) = (Int(x / 160 * Double(heat.width)), Int(20.0 / 80 * Double(heat.height)))
        let cells = (row - 1...row + 1).flatMap { r in (column - 2...column + 2).map { r * heat.width + $0 } }
        return cells.reduce(0) { $0 + stops.values[side * heat.values.count + $1] } / Float(cells.count)
      }
      // Stops fall with the distance in cells: four of them inside of the corners at 40 and 120.
      let inside = 4 * 160 / Double(heat.width)
      let (nearLeft, nearRight) = (40 + inside, 120 - inside)
      #expect(mean(0, nearX: nearRight) > 0.3 && mean(0, nearX: nearLeft) < 0.2)
      #expect(mean(1, nearX: nearLeft) > 0.3 && mean(1, nearX: nearRight) < 0.2)
    }

    for name in ends.isEmpty ? ["heat", "tangent"] : ["heat", "tangent", "ends"] {
      let picture = try ImageDecoder.decode(File.read(scratch.path("a/b/\(name).png")), name: name)
      #expect(picture.width == 160 && picture.height == 80)
      #expect(Set(picture.pixels).count > 10)
    }
  }

  @Test func anotherNetworksFilesDoNotStay() throws {
    let scratch = try Scratch()
    let image = try scratch.file("image.png", .rectangle())
    func files(_ options: [String]) throws -> [String] {
      let outcome = try Tool.run(["fields", image, "-o", scratch.path("out")] + options)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try scratch.files().filter { $0.hasPrefix("out/") }.map { Path.stem($0) }
    }
    #expect(try Set(files([])) == ["heat", "tangent", "ends", "stops"])
    #expect(try Set(files(["--method", "gradient"])) == ["heat", "tangent"])
  }

  @Test func refusesToReplaceItsInput() throws {
    let scratch = try Scratch()
    let image = try scratch.file("heat.png", .rectangle())
    let before = try File.read(image)
    let outcome = try Tool.run(["fields", image, "-o", scratch.folder, "--method", "gradient"])
    #expect(outcome.status == 64 && outcome.errors.contains(image))
    #expect(try File.read(image) == before)
  }
}
