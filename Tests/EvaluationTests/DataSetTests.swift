import Evaluation
import Files
import Images
import Lines
import Testing

@Suite struct DataSetTests {
  @Test func yorkUrban() throws {
    let dataSet = try DataSet(Fixture.path("york"))
    #expect(dataSet.layout == .yorkUrban && dataSet.name == "york")
    #expect(dataSet.images.map(\.name) == ["P1.jpg", "P2.jpg"])
    for image in dataSet.images {
      #expect(image.width == 120 && image.height == 80)
      #expect(
        image.lines == [
          Segment(10.5, 20.25, 100, 20), Segment(-0.5, 3, 119.75, 79), Segment(60, 0, 60, 80.5),
        ])
    }
  }

  @Test func hawp() throws {
    let dataSet = try DataSet(Fixture.path("hawp.json"))
    #expect(dataSet.layout == .hawp)
    #expect(dataSet.images.map(\.stem) == ["a", "b"])
    #expect(dataSet.images[0].lines == [Segment(0, 0, 99, 0), Segment(10, 10, 10, 50)])
    #expect(dataSet.images[1].width == 60 && dataSet.images[1].height == 100 && dataSet.images[1].path == nil)
  }

  @Test func lcnnWithItsOriginals() throws {
    let dataSet = try DataSet(Fixture.path("lcnn/labels"), images: Fixture.path("lcnn/originals"))
    #expect(dataSet.layout == .lcnn && dataSet.notes.isEmpty)
    #expect(dataSet.images[0].name == "room.png" && dataSet.images[0].width == 240)
    // (y, x) at 128 x 128: y 16 of 160 is 20, x 8 of 240 is 15.
    #expect(dataSet.images[0].lines[0] == Segment(15, 20, 225, 20))
    #expect(dataSet.images[0].lines[1] == Segment(120, 0, 120, 159.375))
  }

  @Test func lcnnAlone() throws {
    let dataSet = try DataSet(Fixture.path("lcnn/labels"))
    #expect(dataSet.images[0].width == 512 && dataSet.images[0].height == 512)
    #expect(dataSet.notes.count == 1 && dataSet.notes[0].contains("--images"))
    #expect(try DataSet(Fixture.path("lcnn/labels/room_0_label.npz")).images.count == 1)
  }

  @Test func lsdnet() throws {
    let dataSet = try DataSet(Fixture.path("lsdnet"))
    #expect(dataSet.layout == .lsdnet)
    #expect(dataSet.images[0].name == "7.jpg" && dataSet.images[0].width == 100 && dataSet.images[0].height == 60)
    #expect(dataSet.images[0].lines == [Segment(0, 0, 99.5, 0), Segment(10, 10, 10, 50)])
  }

  @Test func folderOfATestFile() throws {
    let scratch = try Scratch()
    try scratch.file("test.json", Fixture.bytes("hawp.json"))
    try scratch.file("train.json", "[]")
    try scratch.file("images/a.png", RGBImage(width: 100, height: 60).pngBytes())
    let dataSet = try DataSet(scratch.folder)
    #expect(dataSet.images.count == 2)
    #expect(dataSet.images[0].path == scratch.path("images/a.png"))
  }

  @Test func folderOfListsOfImages() throws {
    let scratch = try Scratch()
    try scratch.file("original.json", Fixture.bytes("hawp.json"))
    #expect(try DataSet(scratch.folder).layout == .hawp)
    try scratch.file("refined.json", Fixture.bytes("hawp.json"))
    #expect(failure { try DataSet(scratch.folder) }?.reason == "several lists of images: original.json, refined.json")
  }

  // MARK: Bad input

  private func hawp(_ entry: String) throws -> EvaluationError? {
    let scratch = try Scratch()
    let path = try scratch.file("t.json", "[\n\(entry)\n]")
    return failure { try DataSet(path) }
  }

  @Test func badAnnotationsNameTheirLine() throws {
    let cases = [
      ("{\"filename\": \"a.png\", \"width\": 10, \"height\": 10,\n \"lines\": [[0, 0, NaN, 5]]}", 3, "not finite"),
      ("{\"filename\": \"a.png\", \"width\": 10, \"height\": 10,\n \"lines\": [[0, 0, 5]]}", 3, "not [x1, y1, x2, y2]"),
      ("{\"filename\": \"a.png\", \"width\": 10, \"height\": 10,\n \"lines\": [[0, 0, 5, 40]]}", 3, "out of its image"),
      ("{\"filename\": \"a.png\", \"width\": 10, \"height\": 10}", 2, "no 'lines'"),
      ("{\"filename\": \"a.png\", \"width\": 10, \"lines\": []}", 2, "'height'"),
      ("{\"filename\": \"a.png\", \"width\": 1.5, \"height\": 9, \"lines\": []}", 2, "'width'"),
      ("3", 2, "'filename'"),
    ]
    for (entry, line, reason) in cases {
      let error = try #require(try hawp(entry), "\(entry)")
      #expect(error.line == line && error.reason.contains(reason), "\(error)")
    }
  }

  @Test func aDataSetWithoutLinesOrWithAnImageTwice() throws {
    #expect(
      try hawp("{\"filename\": \"a.png\", \"width\": 10, \"height\": 10, \"lines\": []}")?.reason
        == "holds no true line")
    let entry = "{\"filename\": \"a.png\", \"width\": 10, \"height\": 10, \"lines\": [[0, 0, 5, 5]]}"
    #expect(try hawp("\(entry), \(entry)")?.reason.contains("twice") == true)
  }

  @Test(arguments: [(4_000_000_000_000, 4_000_000_000_000), (1 << 28, 2), (1, 1 << 29), (9_000_000_000_000_000, 1)])
  func sizesThatCannotBeDrawn(width: Int, height: Int) throws {
    let error = try hawp(
      "{\"filename\": \"a.png\", \"width\": \(width), \"height\": \(height), \"lines\": [[0, 0, 5, 0]]}")
    #expect(error?.reason.contains("is said to be \(width) x \(height)") == true)
  }

  @Test func sizeThatDisagreesWithTheImage() throws {
    let scratch = try Scratch()
    let path = try scratch.file("test.json", Fixture.bytes("hawp.json"))
    try scratch.file("a.png", RGBImage(width: 60, height: 100).pngBytes())
    let error = try #require(failure { try DataSet(path) })
    #expect(error.path == path && error.reason.contains("100 x 60") && error.reason.contains("60 x 100"))
    #expect(error.line == 2)
  }

  @Test func yorkPhotographOfAnotherSize() throws {
    let scratch = try Scratch()
    try scratch.file("P1/P1LinesAndVP.mat", Fixture.bytes("york/P1/P1LinesAndVP.mat"))
    try scratch.file("P1/P1.png", RGBImage(width: 60, height: 40).pngBytes())
    #expect(failure { try DataSet(scratch.folder) }?.reason.contains("out of its image of 60 x 40") == true)
  }

  @Test func yorkWithMissingOrWrongParts() throws {
    let scratch = try Scratch()
    try scratch.file("P1/P1LinesAndVP.mat", Fixture.bytes("york/P1/P1LinesAndVP.mat"))
    #expect(failure { try DataSet(scratch.folder) }?.reason.contains("no photograph") == true)
    try scratch.file("P1/P1.jpg", Fixture.bytes("york/P1/P1.jpg"))
    #expect(try DataSet(scratch.folder).images.count == 1)
    try scratch.file("P3/P3.jpg", Fixture.bytes("york/P1/P1.jpg"))
    #expect(failure { try DataSet(scratch.folder) }?.path.hasSuffix("P3/P3LinesAndVP.mat") == true)
    try scratch.file("P3/P3LinesAndVP.mat", Fixture.bytes("three_columns.mat"))
    #expect(failure { try DataSet(scratch.folder) }?.reason.contains("4 x 3") == true)
    try scratch.file("P3/P3LinesAndVP.mat", [])
    #expect(failure { try DataSet(scratch.folder) }?.path.hasSuffix("P3/P3LinesAndVP.mat") == true)
  }

  @Test func whatIsNoDataSet() throws {
    let scratch = try Scratch()
    #expect(failure { try DataSet(scratch.folder) }?.reason == "no data set that is known")
    #expect(failure { try DataSet(try scratch.file("x.txt", "1 2 3 4")) }?.reason == "no data set that is known")
    #expect(throws: FileError.self) { try DataSet(scratch.path("absent")) }
    let predictions = try scratch.file("p.json", Fixture.bytes("hawp_predictions.json"))
    #expect(failure { try DataSet(predictions) }?.nextStep.contains("holds predictions") == true)
    #expect(failure { try DataSet(try scratch.file("o.json", "{}")) }?.reason == "not a list of images")
  }

  @Test func imagesThatAreNotThere() throws {
    let scratch = try Scratch()
    let error = failure { try DataSet(Fixture.path("hawp.json"), images: scratch.folder) }
    #expect(error?.path == scratch.folder && error?.reason.contains("'a.png'") == true)
    #expect(throws: FileError.self) { try DataSet(Fixture.path("hawp.json"), images: scratch.path("absent")) }
  }

  @Test func badMarkup() throws {
    let scratch = try Scratch()
    for (text, reason) in [
      ("{\"objects\": []}", "'size'"), ("{\"size\": [5, 5]}", "'objects'"),
      ("{\"size\": [50, 50], \"objects\": [\n{\"data\": [[1, 2]]}]}", "object 0"),
      ("{\"size\": [50, 50], \"objects\": [\n{\"data\": [[1, 2], [3, 99]]}]}", "out of its image"),
    ] {
      try scratch.file("a.jpg.json", text)
      let error = try #require(failure { try DataSet(scratch.folder) })
      #expect(error.reason.contains(reason), "\(error)")
    }
  }
}
