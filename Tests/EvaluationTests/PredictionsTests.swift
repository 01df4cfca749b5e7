import Evaluation
import Files
import Lines
import Testing

@Suite struct PredictionsTests {
  let dataSet = DataSet.made(
    width: 200, height: 100,
    [
      [Segment(10, 10, 190, 10), Segment(20, 20, 20, 90)], [Segment(150, 5, 150, 95)],
    ])
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func read(_ path: String? = nil) throws -> Predictions {
    try Predictions(name: "m", reading: path ?? scratch.folder, for: dataSet)
  }

  @Test func textFiles() throws {
    try scratch.file("0.txt", "# a comment\n\n10 10.5 190 1e1 0.75 # and another\r\n20,20,20,90,0.5\n")
    try scratch.file("1.png.txt", "")
    let found = try read()
    #expect(found.segments == [[Segment(10, 10.5, 190, 10, 0.75), Segment(20, 20, 20, 90, 0.5)], []])
    #expect(found.notes.isEmpty)
  }

  @Test func otherNumbersOfColumns() throws {
    try scratch.file("0.txt", "10 10 190 10\n")
    try scratch.file("1.txt", "150 5 150 95 2.5 0.125 37.5\n")
    #expect(try read().segments == [[Segment(10, 10, 190, 10, 1)], [Segment(150, 5, 150, 95, 37.5)]])
  }

  @Test func hawpFile() throws {
    let hawp = try DataSet(Fixture.path("hawp.json"))
    let found = try Predictions(name: "m", reading: Fixture.path("hawp_predictions.json"), for: hawp)
    #expect(found.segments[0] == [Segment(0, 1, 99, 1, 0.9), Segment(10, 30, 10, 50, 0.5)])
    #expect(found.segments[1] == [Segment(5, 90, 5, 5, 0.75)])
  }

  @Test func lcnnFiles() throws {
    let lcnn = try DataSet(Fixture.path("lcnn/labels"), images: Fixture.path("lcnn/originals"))
    let found = try Predictions(name: "m", reading: Fixture.path("lcnn/predictions"), for: lcnn)
    // The list starts again after three lines.
    #expect(
      found.segments == [
        [Segment(15, 20, 225, 20, 0.9), Segment(120, 1.25, 120, 158.75, 0.8), Segment(75, 50, 168.75, 75, 0.7)]
      ])
    // Numbered files go by the order of the images.
    let numbered = try scratch.file("000000.npz", Fixture.bytes("lcnn/predictions/room.npz"))
    let byOrder = try Predictions(name: "m", reading: Path.parent(numbered), for: lcnn)
    #expect(byOrder.segments == found.segments && byOrder.notes.contains { $0.contains("numbered") })
  }

  /// Names of digits, as Wireframe's, are no places in the data set.
  @Test func lcnnFilesOfOtherImages() throws {
    let lcnn = try DataSet(Fixture.path("lcnn/labels"), images: Fixture.path("lcnn/originals"))
    let other = try scratch.file("00031810.npz", Fixture.bytes("lcnn/predictions/room.npz"))
    let error = failure { try Predictions(name: "m", reading: Path.parent(other), for: lcnn) }
    #expect(error?.reason.contains("none of the 1 images has predictions") == true)
  }

  /// Labels whose image is not there are named after the label.
  @Test func lcnnFilesForLabelsWithoutImages() throws {
    try scratch.file("labels/00031810_0_label.npz", Fixture.bytes("lcnn/labels/room_0_label.npz"))
    let file = try scratch.file("found/00031810.npz", Fixture.bytes("lcnn/predictions/room.npz"))
    let lcnn = try DataSet(scratch.path("labels"))
    let found = try Predictions(name: "m", reading: Path.parent(file), for: lcnn)
    #expect(found.segments[0].count == 3 && found.notes.isEmpty)
  }

  @Test func missingPredictionsCountAsEmptyAndAreNamed() throws {
    try scratch.file("0.txt", "10 10 190 10 0.5\n")
    try scratch.file("stranger.txt", "1 2 3 4 5\n")
    let found = try read()
    #expect(found.segments == [[Segment(10, 10, 190, 10, 0.5)], []])
    #expect(found.notes.contains { $0.contains("1 of 2 images have no predictions") && $0.contains("1.png") })
    #expect(found.notes.contains { $0.contains("stranger.txt") })
  }

  @Test func overhangIsAllowedAndSaid() throws {
    try scratch.file("0.txt", "-30 10 190 10 0.5\n20 20 20 90 0.4\n")
    try scratch.file("1.txt", "")
    #expect(try read().notes.contains { $0.contains("1 segments reach out") && $0.contains("30 pixels") })
  }

  @Test func noSegmentAnywhereIsSaid() throws {
    try scratch.file("0.txt", "")
    try scratch.file("1.txt", "# nothing\n")
    #expect(try read().notes.contains { $0.contains("no segment in any") })
  }

  // MARK: Bad input

  @Test(arguments: [
    ("10 10 190 10 0.5\n10 nan 190 10 0.5\n", 2, "not finite"),
    ("10 10 inf 10 0.5\n", 1, "not finite"),
    ("10 10 190 10 -inf\n", 1, "not finite"),
    ("# x\n10 10 190\n", 2, "3 columns"),
    ("10 10 190 10 0.5\n10 10 190 10\n", 2, "4 columns, and 5 before"),
    ("10 10 190 1O 0.5\n", 1, "'1O' is not a number"),
    ("10 10 190 10 0.5\n20 20 20 90 0.4\n700 20 800 90 0.3\n", 3, "lies outside"),
    ("10 10 190 10 0.5\n20 20 20 90 0.4\n-40 20 -30 90 0.3\n", 3, "lies outside"),
    ("10 10 190 10 0.5\n20 20 20 90 0.4\n20 20 5000 90 0.3\n", 3, "far outside"),
  ])
  func badTextNamesFileAndLine(text: String, line: Int, reason: String) throws {
    let path = try scratch.file("0.txt", text)
    try scratch.file("1.txt", "150 5 150 95 0.5\n150 4 150 94 0.5\n")
    let error = try #require(failure { try read() })
    #expect(error.path == path && error.line == line && error.reason.contains(reason), "\(error)")
    #expect(error.description.hasPrefix("\(path):\(line): "))
  }

  @Test func swappedColumnsLeaveTheFrame() throws {
    let path = try scratch.file("0.txt", "10 10 10 190 0.5\n20 20 90 20 0.4\n")
    try scratch.file("1.txt", "5 150 95 150 0.9\n")
    let error = try #require(failure { try read() })
    #expect(error.reason.contains("`y1 x1 y2 x2 score`"), "\(error)")
    #expect(error.path == path && error.line == 1)
  }

  /// (x, y) in the place of L-CNN's (y, x): scaled to an image that is not square, all lines stay inside.
  @Test func swappedColumnsOnASquareGrid() throws {
    try scratch.file("0.txt", "20 5 20 95 0.9\n40 10 180 10 0.8\n")
    try scratch.file("1.txt", "10 75 190 75 0.7\n")
    let error = try #require(failure { try read() })
    #expect(error.reason.contains("(x, y) where (y, x) is wanted"), "\(error)")
    #expect(error.path.hasSuffix("0.txt") && error.line == 1)
  }

  @Test func swappedColumnsInSquareImages() throws {
    let square = DataSet.made(
      width: 100, height: 100,
      [
        [Segment(10, 10, 90, 10), Segment(20, 20, 20, 90), Segment(30, 60, 80, 70), Segment(5, 50, 40, 95)]
      ])
    func read(_ text: String) throws -> Predictions {
      try scratch.file("0.txt", text)
      return try Predictions(name: "m", reading: scratch.folder, for: square)
    }
    #expect(throws: Never.self) { try read("10 10 90 10 0.9\n20 20 20 90 0.8\n30 60 80 70 0.7\n5 50 40 95 0.6\n") }
    let swapped = failure { try read("10 10 10 90 0.9\n20 20 90 20 0.8\n60 30 70 80 0.7\n50 5 95 40 0.6\n") }
    #expect(swapped?.reason.contains("`y1 x1 y2 x2 score`") == true)
    let apart = failure { try read("10 90 10 10 0.9\n30 80 60 70 0.7\n5 40 50 95 0.6\n") }
    #expect(apart?.reason.contains("`x1 x2 y1 y2 score`") == true)
    let scoreFirst = failure { try read("0.9 10 10 90 10\n0.8 20 20 20 90\n0.7 30 60 80 70\n0.6 5 50 40 95\n") }
    #expect(scoreFirst?.reason.contains("`score x1 y1 x2 y2`") == true)
  }

  @Test func relativeCoordinates() throws {
    try scratch.file("0.txt", "0.05 0.1 0.95 0.1 0.5\n0.1 0.2 0.1 0.9 0.4\n")
    try scratch.file("1.txt", "0.75 0.05 0.75 0.95 0.5\n")
    #expect(failure { try read() }?.reason.contains("[0, 1]") == true)
  }

  @Test func nothingThatFits() throws {
    #expect(failure { try read() }?.reason == "no predictions that are known")
    try scratch.file("photo.txt", "10 10 190 10 0.5\n")
    #expect(failure { try read() }?.reason.contains("none of the 2 images") == true)
    try scratch.file("0.txt", "")
    try scratch.file("0.png.txt", "")
    #expect(failure { try read() }?.reason.contains("'0.png.txt' is there too") == true)
    try scratch.file("0.npz", Fixture.bytes("lcnn/predictions/room.npz"))
    #expect(failure { try read() }?.reason.contains("both text files and npz") == true)
  }

  @Test func badHAWPFiles() throws {
    let hawp = try DataSet(Fixture.path("hawp.json"))
    func reason(_ text: String) throws -> String {
      let path = try scratch.file("p.json", text)
      return failure { try Predictions(name: "m", reading: path, for: hawp) }?.description ?? ""
    }
    let head = "[{\"filename\": \"a.png\", \"width\": 100, \"height\": 60,\n"
    #expect(try reason(head + "\"lines_pred\": [[0, 0, 9, 9]]}]").contains("lines_score"))
    #expect(try reason(head + "\"lines_pred\": [[0, 0, 9, 9]], \"lines_score\": []}]").contains("1 lines and 0 scores"))
    #expect(
      try reason(head + "\"lines_pred\": [[0, 0, 9, NaN]], \"lines_score\": [1]}]").contains(
        "p.json:2: a number is not finite"))
    #expect(try reason(head + "\"lines_pred\": [[0, 0, \"x\", 9]], \"lines_score\": [1]}]").contains("p.json:2: "))
    #expect(
      try reason(
        "[{\"filename\": \"a.png\", \"width\": 512, \"height\": 512, \"lines_pred\": [], \"lines_score\": []}]"
      )
      .contains("512 x 512 here"))
    #expect(try reason("[{").contains("ends early"))
  }

  @Test func damagedArchives() throws {
    let lcnn = try DataSet(Fixture.path("lcnn/labels"), images: Fixture.path("lcnn/originals"))
    let bytes = try Fixture.bytes("lcnn/predictions/room.npz")
    let path = try scratch.file("room.npz", Array(bytes.dropLast(30)))
    #expect(failure { try Predictions(name: "m", reading: scratch.folder, for: lcnn) }?.path == path)
    try scratch.file("room.npz", Fixture.bytes("types.npz"))
    #expect(
      failure { try Predictions(name: "m", reading: scratch.folder, for: lcnn) }?.reason.contains("'lines'") == true)
  }
}
