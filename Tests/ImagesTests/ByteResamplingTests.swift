import Images
import Testing

private func noise(_ width: Int, _ height: Int, seed: UInt64 = 1) -> RGBImage {
  var generator = SplitMix(seed: seed)
  return RGBImage(
    width: width, height: height,
    pixels: (0..<3 * width * height).map { _ in
      // Often at an end of the range.
      let value = Int(truncatingIfNeeded: generator.next() % 400) - 72
      return UInt8(max(0, min(255, value)))
    })
}

/// The bytes that a plan makes, three a pixel; bytes between rows are left alone.
private func bytes(_ image: RGBImage, _ plan: ByteResamplingPlan, bands: [Range<Int>]? = nil) -> [UInt8] {
  let stride = 4 * plan.outputWidth + 5
  var output = [UInt8](repeating: 99, count: stride * plan.outputHeight)
  var scratch = [Int16](repeating: -1, count: plan.scratchCount)
  for rows in bands ?? [0..<plan.outputHeight] {
    plan.resample(image.pixels, to: &output, rowStride: stride, rows: rows, scratch: &scratch)
  }
  for y in 0..<plan.outputHeight {
    #expect(output[y * stride + 4 * plan.outputWidth..<(y + 1) * stride].allSatisfy { $0 == 99 })
  }
  return (0..<plan.outputHeight).flatMap { y in
    (0..<plan.outputWidth).flatMap { x in (0..<3).map { output[y * stride + 4 * x + $0] } }
  }
}

private func plan(
  _ image: RGBImage, _ width: Int, _ height: Int, _ filter: ResamplingFilter, _ normalization: Normalization,
  factor: Float, zeroPoint: UInt8
) -> ByteResamplingPlan {
  ByteResamplingPlan(
    inputWidth: image.width, inputHeight: image.height, outputWidth: width, outputHeight: height, filter: filter,
    normalization: normalization, factor: factor, zeroPoint: zeroPoint)
}

@Suite struct ByteResamplingTests {
  private static let identity = Normalization()

  /// Half a step for the rounding, and a little before it.
  @Test(arguments: ResamplingFilter.allCases, ResamplingTests.sizes)
  func agreesWithTheReference(filter: ResamplingFilter, sizes: ResamplingTests.Sizes) {
    let image = noise(sizes.input.0, sizes.input.1)
    let (width, height) = sizes.output
    let made = bytes(
      image, plan(image, width, height, filter, Self.identity, factor: 255, zeroPoint: 0))
    let expected = filter.reference(image, width: width, height: height)
    // Of each row the product is rounded down, by up to a 256th, half of which is made up for.
    // Weights along the row are rounded to whole numbers, by a half of 16,384.
    let (rows, columns) = (sizes.input.1 / height, sizes.input.0 / width)
    let tolerance = 0.5 + 0.03 + Double(rows) / 512 + 255 * Double(columns).squareRoot() / 16_384
    #expect(made.count == expected.count)
    #expect(zip(made, expected).allSatisfy { abs(Double($0) - $1) < tolerance })
  }

  /// Means and deviations of their own, factors over and under 1, negative ones, zero points.
  @Test(arguments: [(Float(255), UInt8(0)), (191.7, 31), (20, 128), (700, 100), (-100, 200), (0.001, 77)])
  func normalizesAsTheFloats(factor: Float, zeroPoint: UInt8) {
    let image = noise(41, 33)
    let normalization = Normalization(scale: 1 / 255, mean: (0.5, 0.25, 0.1), deviation: (0.5, 0.25, 2))
    let made = bytes(image, plan(image, 30, 29, .area, normalization, factor: factor, zeroPoint: zeroPoint))
    let floats = ResamplingPlan(
      inputWidth: 41, inputHeight: 33, outputWidth: 30, outputHeight: 29, filter: .area, normalization: normalization)
    var values = [Float](repeating: 0, count: 3 * 30 * 29)
    var scratch = [Float](repeating: 0, count: floats.scratchCount)
    floats.resample(image.pixels, to: &values, pixelStride: 3, rowStride: 90, rows: 0..<29, scratch: &scratch)
    // What is off before the last rounding grows with the gain of a byte.
    let tolerance = 0.51 + 0.02 * max(1, abs(Double(factor)) / 255 / 0.25)
    for (made, value) in zip(made, values) {
      let expected = max(0, min(255, Double(value * factor) + Double(zeroPoint)))
      #expect(abs(Double(made) - expected) < tolerance)
    }
  }

  /// Every number of bits behind the point, and what fits just so.
  @Test(arguments: [0, 1, 2, 77, 128, 255] as [UInt8])
  func factorsOfEverySize(zeroPoint: UInt8) {
    let image = RGBImage(width: 256, height: 1, pixels: (0..<256).flatMap { [UInt8($0), 255, UInt8(255 - $0)] })
    for exponent in -30...16 {
      for sign in [Float(1), -1] {
        let gain = sign * Float(sign: .plus, exponent: exponent, significand: 1)
        let made = bytes(image, plan(image, 256, 1, .area, .none, factor: gain, zeroPoint: zeroPoint))
        for (made, value) in zip(made, image.pixels) {
          let expected = max(0, min(255, Double(gain) * Double(value) + Double(zeroPoint)))
          #expect(abs(Double(made) - expected) <= 0.5 + 0.01 * max(1, Double(abs(gain))))
        }
      }
    }
  }

  @Test func whatNoWholeNumbersHoldIsBlackOrWhite() {
    let image = RGBImage(width: 2, height: 1, pixels: [0, 0, 0, 255, 255, 255])
    for factor in [Float.greatestFiniteMagnitude, .infinity, 1e9] {
      let made = bytes(image, plan(image, 2, 1, .area, Self.identity, factor: factor, zeroPoint: 0))
      #expect(made == [0, 0, 0, 255, 255, 255])
      let shifted = Normalization(scale: 1 / 255, mean: (1, 1, 1))
      #expect(bytes(image, plan(image, 2, 1, .area, shifted, factor: factor, zeroPoint: 9)).prefix(3) == [0, 0, 0])
    }
  }

  @Test(arguments: ResamplingFilter.allCases, [0, 1, 127, 254, 255] as [UInt8])
  func aPlainPictureStaysPlain(filter: ResamplingFilter, value: UInt8) {
    let image = RGBImage(width: 37, height: 29, red: value, green: value, blue: value)
    for (width, height) in [(37, 29), (12, 10), (50, 64), (1, 1)] {
      let made = bytes(image, plan(image, width, height, filter, Self.identity, factor: 255, zeroPoint: 0))
      #expect(made == Array(repeating: value, count: 3 * width * height))
    }
  }

  @Test(arguments: ResamplingFilter.allCases)
  func theSameSizeIsTheSamePicture(filter: ResamplingFilter) {
    let image = noise(19, 23)
    #expect(bytes(image, plan(image, 19, 23, filter, Self.identity, factor: 255, zeroPoint: 0)) == image.pixels)
  }

  @Test func bandsOfRowsMakeTheSameBytes() {
    let image = noise(31, 47)
    let plan = plan(image, 20, 22, .area, Self.identity, factor: 255, zeroPoint: 0)
    #expect(bytes(image, plan, bands: [15..<22, 0..<1, 1..<15, 3..<3]) == bytes(image, plan))
  }
}
