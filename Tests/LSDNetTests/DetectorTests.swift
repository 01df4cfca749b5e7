import Files
import LSDNet
import ModelFormat
import Testing

/// The rendered room of `Fixtures`, its exact lines beside it.
private func room() throws -> RGBImage {
  let path = Path.join(fixtures, "room.png")
  return try ImageDecoder.decode(try File.read(path), name: path)
}

private let fixtures = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/Fixtures"

private func exactLines() throws -> [Segment] {
  let text = String(decoding: try File.read(Path.join(fixtures, "room.txt")), as: UTF8.self)
  return text.split(separator: "\n").compactMap { line in
    let numbers = line.split(separator: " ").compactMap { Double($0) }
    guard numbers.count >= 4 else { return nil }
    return Segment(x1: numbers[0], y1: numbers[1], x2: numbers[2], y2: numbers[3])
  }
}

/// Larger distance of the two ends of `segment` from the infinite line through `line`.
private func distance(of segment: Segment, from line: Segment) -> Double {
  let nx = -(line.y2 - line.y1) / line.length
  let ny = (line.x2 - line.x1) / line.length
  func distance(_ x: Double, _ y: Double) -> Double { abs(nx * (x - line.x1) + ny * (y - line.y1)) }
  return max(distance(segment.x1, segment.y1), distance(segment.x2, segment.y2))
}

@Suite struct DetectorTests {
  @Test(arguments: Detector.Method.allCases)
  func theLongEdgesOfARoomAreFound(method: Detector.Method) throws {
    var options = Detector.Options()
    options.method = method
    let found = try Detector(options: options).detect(in: try room()).segments
    let long = try exactLines().filter { $0.length > 80 }
    #expect(long.count >= 10)
    let hit = long.filter { line in
      found.contains { $0.length > 30 && distance(of: $0, from: line) < 2 }
    }
    #expect(Double(hit.count) >= 0.6 * Double(long.count))
  }

  @Test func bothPrecisionsFindTheSame() throws {
    func detect(_ precision: Detector.Precision?) throws -> (found: [Segment], precision: Detector.Precision?) {
      var options = Detector.Options()
      options.precision = precision
      // What the network says: which of two edges of the image is fitted to may hang on a hundredth of a pixel.
      options.fitsEdges = false
      let detector = try Detector(options: options)
      return (try detector.detect(in: try room()).segments, detector.precision)
    }
    let floats = try detect(.fp32)
    let bytes = try detect(.int8)
    #expect(floats.precision == .fp32 && bytes.precision == .int8)
    #expect(floats.found != bytes.found)
    // The built-in weights have been calibrated.
    let usual = try detect(nil)
    #expect(usual.precision == .int8 && usual.found == bytes.found)
    let long = floats.found.filter { $0.length > 60 && $0.score > 0.6 }
    let hit = long.filter { line in bytes.found.contains { $0.length > 30 && distance(of: $0, from: line) < 0.8 } }
    #expect(long.count >= 10 && hit.count == long.count)

    var options = Detector.Options()
    options.method = .gradient
    #expect(try Detector(options: options).precision == nil)
  }

  @Test func theAccurateNetworkSeesAFinerGridAndFindsMostOfTheLines() throws {
    var options = Detector.Options()
    options.model = .accurate
    let image = try room()
    let accurate = try Detector(options: options)
    let fast = try Detector()
    #expect(accurate.weightsHash != fast.weightsHash && accurate.precision == .int8)
    let cells = try accurate.field(of: image).field
    #expect(cells.width == 288 && cells.height == 224)
    let found = try accurate.detect(in: image).segments
    let long = try fast.detect(in: image).segments.filter { $0.length > 60 && $0.score > 0.5 }
    let hit = long.filter { line in found.contains { $0.length > 30 && distance(of: $0, from: line) < 1.5 } }
    // What a stripe of the wallpaper is, the two may see in two ways.
    #expect(long.count >= 10 && 10 * hit.count >= 9 * long.count, "\(hit.count) of \(long.count)")
  }

  @Test func theInputSizeCanBeChosen() throws {
    let image = try room()
    var options = Detector.Options()
    options.inputSize = .squash(width: 256, height: 192)
    let field = try Detector(options: options).field(of: image).field
    #expect(field.width == 128 && field.height == 96)
    // 4:3, as the image, and as many pixels as a square of 320.
    options.inputSize = .area(side: 320, multiple: 32)
    let wide = try Detector(options: options).field(of: image).field
    #expect(wide.width == 192 && wide.height == 144)

    // The embedded model's own size, said aloud, changes nothing.
    let usual = try Detector().field(of: image).field
    options.inputSize = .squash(width: 2 * usual.width, height: 2 * usual.height)
    #expect(try Detector(options: options).detect(in: image).segments == Detector().detect(in: image).segments)

    options.inputSize = .squash(width: 100, height: 192)
    #expect {
      try Detector(options: options)
    } throws: { error in
      let error = error as? ModelError
      return error?.reason.contains("100x192") == true && error?.nextStep.contains("multiples of 32") == true
    }
  }

  @Test func segmentsLieInTheImageSortedByScore() throws {
    let image = try room()
    let segments = try Detector().detect(in: image).segments
    #expect(segments.count > 20)
    for segment in segments {
      #expect((0...1).contains(segment.score))
      for x in [segment.x1, segment.x2] { #expect((-0.5...Double(image.width) - 0.5).contains(x)) }
      for y in [segment.y1, segment.y2] { #expect((-0.5...Double(image.height) - 0.5).contains(y)) }
    }
    #expect(zip(segments, segments.dropFirst()).allSatisfy { $0.score >= $1.score })
  }

  @Test func theResultDoesNotDependOnThreadsOrOnEarlierImages() throws {
    let image = try room()
    let one = try Detector()
    let first = try one.detect(in: image).segments
    _ = try one.detect(in: RGBImage(width: 33, height: 5))
    #expect(try one.detect(in: image).segments == first)
    for threads in [2, 3] {
      var options = Detector.Options()
      options.threads = threads
      #expect(try Detector(options: options).detect(in: image).segments == first)
    }
  }

  @Test func optionsCutTheListAndChangeNothingElse() throws {
    let image = try room()
    let all = try Detector().detect(in: image).segments
    var options = Detector.Options()
    options.minScore = 0
    let everything = try Detector(options: options).detect(in: image).segments
    #expect(
      everything.filter { $0.score >= Detector.Method.network.usualMinScore } == all && everything.count > all.count)
    // Under 0.05 are the other readings of lines.
    options.minScore = 0.05
    let once = try Detector(options: options).detect(in: image).segments
    #expect(everything.filter { $0.score >= 0.05 } == once && everything.count > 2 * once.count)
    options.minScore = 0.5
    #expect(try Detector(options: options).detect(in: image).segments == all.filter { $0.score >= 0.5 })
    options = Detector.Options()
    options.minLength = 50
    #expect(try Detector(options: options).detect(in: image).segments == all.filter { $0.length >= 50 })
    options = Detector.Options()
    options.maxSegments = 7
    #expect(try Detector(options: options).detect(in: image).segments == Array(all.prefix(7)))
  }

  @Test func aPhotographIsDecodedAtTwiceTheSizeOfTheInput() throws {
    let path = Path.join(fixtures, "study.jpg")
    let bytes = try File.read(path)
    func factor(_ method: Detector.Method, _ size: Detector.InputSize) throws -> Int {
      var options = Detector.Options()
      options.method = method
      options.inputSize = size
      let picture = try Detector(options: options).decode(bytes, name: path)
      #expect(picture.width == 320 && picture.height == 240)
      #expect(picture.image.width == 320 / picture.factor && picture.image.height == 240 / picture.factor)
      return picture.factor
    }
    #expect(try factor(.network, .squash(width: 544, height: 416)) == 1)
    #expect(try factor(.network, .squash(width: 64, height: 32)) == 2)
    #expect(try factor(.network, .squash(width: 32, height: 32)) == 2)
    #expect(try factor(.network, .area(side: 32, multiple: 32)) == 2)
    // A share of the picture's size would be another one of a shrunk picture.
    #expect(try factor(.network, .scale(factor: 0.1, multiple: 32)) == 1)
    #expect(try factor(.gradient, .squash(width: 32, height: 32)) == 1)
  }

  @Test func segmentsOfAShrunkPictureAreThoseOfTheWhole() throws {
    let path = Path.join(fixtures, "study.jpg")
    let bytes = try File.read(path)
    let detector = try Detector()
    let whole = try detector.detect(in: ImageDecoder.decode(bytes, name: path)).segments
    let half = try ImageDecoder.decodeShrunk(bytes, name: path, options: DecodingOptions(minimumSize: (160, 120)))
    #expect(half.factor == 2)
    let shrunk = try detector.detect(in: half).segments
    let long = whole.filter { $0.length > 60 && $0.score > 0.5 }
    #expect(long.count >= 5)
    let found = long.filter { line in shrunk.contains { $0.length > 40 && distance(of: $0, from: line) < 2 } }
    #expect(Double(found.count) >= 0.8 * Double(long.count))
    var options = Detector.Options()
    options.minLength = 50
    // Pixels of the whole picture.
    #expect(try Detector(options: options).detect(in: half).segments == shrunk.filter { $0.length >= 50 })
  }

  @Test(arguments: [(1, 1), (1, 40), (40, 1), (7, 21), (64, 64)])
  func aPlainImageOfAnySizeHasNoLines(width: Int, height: Int) throws {
    for method in Detector.Method.allCases {
      var options = Detector.Options()
      options.method = method
      let detector = try Detector(options: options)
      for grey in [0, 255] as [UInt8] {
        let image = RGBImage(width: width, height: height, red: grey, green: grey, blue: grey)
        #expect(try detector.detect(in: image).segments.isEmpty)
      }
    }
  }

  @Test func anEmptyImageIsAnErrorForTheNetwork() throws {
    let detector = try Detector()
    #expect(throws: (any Error).self) { try detector.detect(in: RGBImage(width: 0, height: 0)) }
  }

  @Test func aMissingModelFileIsNamed() {
    let error = #expect(throws: (any Error).self) { try Detector(weights: "no-such.lsdnet") }
    #expect(error.map { "\($0)".contains("no-such.lsdnet") } == true)
  }
}
