import Images
import Testing

private func noise(_ width: Int, _ height: Int, seed: UInt64 = 1) -> RGBImage {
  var generator = SplitMix(seed: seed)
  return RGBImage(
    width: width, height: height,
    pixels: (0..<3 * width * height).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
}

/// A destination with gaps between pixels and rows, which must stay as they are.
private struct Canvas {
  let width: Int
  let height: Int
  let pixelStride: Int
  let rowStride: Int
  var values: [Float]
  static let untouched: Float = -1000

  init(_ width: Int, _ height: Int, pixelStride: Int, margin: Int) {
    self.width = width
    self.height = height
    self.pixelStride = pixelStride
    rowStride = width * pixelStride + margin
    values = [Float](repeating: Self.untouched, count: rowStride * height)
  }

  mutating func resample(
    _ image: RGBImage, _ plan: ResamplingPlan, rows: Range<Int>
  ) {
    var scratch = [Float](repeating: .nan, count: plan.scratchCount)
    plan.resample(
      image.pixels, to: &values, pixelStride: pixelStride, rowStride: rowStride,
      rows: rows, scratch: &scratch)
  }

  /// Interleaved RGB, and whether everything between is untouched.
  func contents() -> (pixels: [Float], gapsAreUntouched: Bool) {
    var pixels: [Float] = []
    var untouched = true
    for y in 0..<height {
      for offset in 0..<rowStride {
        let value = values[y * rowStride + offset]
        if offset < width * pixelStride, offset % pixelStride < 3 {
          pixels.append(value)
        } else if value != Self.untouched {
          untouched = false
        }
      }
    }
    return (pixels, untouched)
  }
}

private func largestDifference(_ a: [Float], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  // A NaN is no smaller than anything: it must not get lost in a maximum.
  return zip(a, b).map { abs(Double($0) - $1) }.reduce(0) { $1 <= $0 ? $0 : $1 }
}

@Suite struct ResamplingTests {
  struct Sizes: CustomTestStringConvertible {
    var input: (Int, Int)
    var output: (Int, Int)
    var testDescription: String { "\(input.0)x\(input.1) to \(output.0)x\(output.1)" }

    init(_ inputWidth: Int, _ inputHeight: Int, _ outputWidth: Int, _ outputHeight: Int) {
      input = (inputWidth, inputHeight)
      output = (outputWidth, outputHeight)
    }
  }

  static let sizes = [
    Sizes(1, 1, 1, 1), Sizes(1, 1, 5, 7), Sizes(5, 7, 1, 1), Sizes(1, 9, 4, 4), Sizes(9, 1, 4, 4), Sizes(2, 2, 3, 3),
    Sizes(7, 21, 7, 21), Sizes(7, 21, 21, 7), Sizes(40, 30, 24, 24), Sizes(41, 31, 17, 13), Sizes(13, 17, 41, 31),
    Sizes(64, 48, 8, 8), Sizes(3, 400, 5, 3), Sizes(400, 3, 3, 5), Sizes(300, 2, 299, 3), Sizes(16, 16, 48, 48),
    Sizes(2, 5000, 2, 3), Sizes(5000, 2, 3, 2), Sizes(33, 10, 11, 20),
  ]

  /// Within 1/512 of the whole range, as the network's input is to be.
  @Test(arguments: ResamplingFilter.allCases, sizes)
  func agreesWithTheReference(filter: ResamplingFilter, sizes: Sizes) {
    let image = noise(sizes.input.0, sizes.input.1)
    let (width, height) = sizes.output
    let plan = ResamplingPlan(
      inputWidth: image.width, inputHeight: image.height, outputWidth: width, outputHeight: height, filter: filter,
      normalization: .none)
    var canvas = Canvas(width, height, pixelStride: 3, margin: 0)
    canvas.resample(image, plan, rows: 0..<height)
    let expected = filter.reference(image, width: width, height: height)
    #expect(largestDifference(canvas.contents().pixels, expected) < 255.0 / 512)
  }

  @Test(arguments: [3, 4, 16], [0, 5])
  func stridesLeaveTheGapsAlone(pixelStride: Int, margin: Int) {
    let image = noise(23, 19)
    let plan = ResamplingPlan(
      inputWidth: 23, inputHeight: 19, outputWidth: 10, outputHeight: 11, filter: .area, normalization: .none)
    var canvas = Canvas(10, 11, pixelStride: pixelStride, margin: margin)
    canvas.resample(image, plan, rows: 0..<11)
    var packed = Canvas(10, 11, pixelStride: 3, margin: 0)
    packed.resample(image, plan, rows: 0..<11)
    #expect(canvas.contents().gapsAreUntouched)
    #expect(canvas.contents().pixels == packed.contents().pixels)
  }

  @Test func bandsOfRowsMakeTheSameBits() {
    let image = noise(31, 47)
    let plan = ResamplingPlan(
      inputWidth: 31, inputHeight: 47, outputWidth: 20, outputHeight: 22, filter: .bilinear, normalization: .none)
    var whole = Canvas(20, 22, pixelStride: 3, margin: 1)
    whole.resample(image, plan, rows: 0..<22)
    var bands = Canvas(20, 22, pixelStride: 3, margin: 1)
    for rows in [15..<22, 0..<1, 1..<15, 3..<3] { bands.resample(image, plan, rows: rows) }
    #expect(whole.values == bands.values)
  }

  @Test func normalizationFollowsTheFormula() {
    let image = RGBImage(width: 2, height: 1, pixels: [255, 51, 0, 0, 102, 255])
    let plan = ResamplingPlan(
      inputWidth: 2, inputHeight: 1, outputWidth: 2, outputHeight: 1, filter: .bilinear,
      normalization: Normalization(scale: 1 / 255, mean: (0.5, 0.25, 0.1), deviation: (0.5, 0.25, 2)))
    var canvas = Canvas(2, 1, pixelStride: 3, margin: 0)
    canvas.resample(image, plan, rows: 0..<1)
    #expect(largestDifference(canvas.values, [1, -0.2, -0.05, -1, 0.6, 0.45]) < 1e-6)
  }

  @Test(arguments: ResamplingFilter.allCases, [0, 1, 127, 255] as [UInt8])
  func aPlainPictureStaysPlain(filter: ResamplingFilter, value: UInt8) {
    let image = RGBImage(width: 37, height: 29, red: value, green: value, blue: value)
    for (width, height) in [(37, 29), (12, 10), (50, 64), (1, 1)] {
      #expect(
        image.resized(width: width, height: height, filter: filter)
          == RGBImage(width: width, height: height, red: value, green: value, blue: value))
    }
  }

  @Test(arguments: ResamplingFilter.allCases)
  func theSameSizeIsTheSamePicture(filter: ResamplingFilter) {
    let image = noise(19, 23)
    #expect(image.resized(width: 19, height: 23, filter: filter) == image)
  }

  /// Along each axis apart: a mean where it shrinks, interpolation where it grows.
  @Test func areasAreInterpolatedWhereTheyGrow() {
    let image = RGBImage(width: 2, height: 2, pixels: [0, 0, 0, 80, 80, 80, 40, 40, 40, 120, 120, 120])
    #expect(image.resized(width: 4, height: 1, filter: .area).pixels == [20, 40, 80, 100].flatMap { [$0, $0, $0] })
  }

  @Test func lumaWeighsTheChannels() {
    let image = RGBImage(width: 4, height: 1, pixels: [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255])
    #expect(largestDifference(image.luma(), [76.245, 149.685, 29.07, 255]) < 1e-4)
    var plane = [Float](repeating: 9, count: 10)
    image.luma(into: &plane)
    #expect(plane == image.luma())
  }
}
