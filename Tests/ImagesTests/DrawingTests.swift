import Images
import Testing

private func red(_ image: RGBImage, _ x: Int, _ y: Int) -> Int { Int(image.pixels[3 * (y * image.width + x)]) }

@Suite struct LineDrawingTests {
  @Test func aLineOnPixelCentresFillsThem() {
    var image = RGBImage(width: 8, height: 5)
    // From the left border of pixel 2 to the right border of pixel 5.
    image.drawLine(x1: 1.5, y1: 2, x2: 5.5, y2: 2, color: .white)
    for y in 0..<5 {
      for x in 0..<8 {
        #expect(red(image, x, y) == (y == 2 && 2...5 ~= x ? 255 : 0), "\(x) \(y)")
      }
    }
  }

  @Test func fractionsOfPixelsAreShared() {
    var image = RGBImage(width: 8, height: 8)
    image.drawLine(x1: 3.25, y1: 0.5, x2: 3.25, y2: 6, color: Color(200, 200, 200), lineWidth: 1)
    #expect([2, 3, 4, 5].map { red(image, $0, 3) } == [0, 150, 50, 0])
    // The upper end is on a border, the lower one in the middle of a pixel.
    #expect([0, 1, 5, 6, 7].map { red(image, 3, $0) } == [0, 150, 150, 75, 0])
    var thin = RGBImage(width: 5, height: 5)
    thin.drawLine(x1: 2, y1: -9, x2: 2, y2: 9, color: Color(200, 200, 200), lineWidth: 0.5, opacity: 0.5)
    #expect((0..<5).map { red(thin, $0, 2) } == [0, 0, 50, 0, 0])
  }

  /// Ink is length times width wherever the line lies.
  @Test func inkDoesNotDependOnTheDirection() {
    for step in 0..<12 {
      var image = RGBImage(width: 100, height: 100)
      let (dx, dy) = (Double(step) * 3, 33 - Double(step) * 2.5)
      image.drawLine(x1: 50.3 - dx, y1: 49.8 - dy, x2: 50.3 + dx, y2: 49.8 + dy, color: .white, lineWidth: 2.5)
      let ink = image.pixels.reduce(0.0) { $0 + Double($1) } / 3 / 255
      let area = 2.5 * 2 * (dx * dx + dy * dy).squareRoot()
      #expect(abs(ink - area) < 0.01 * area, "\(dx) \(dy): \(ink) of \(area)")
    }
  }

  @Test func linesAreCutAtTheBorderAndNothingElseChanges() {
    // What a small picture shows of a line is what a larger one shows there.
    var large = RGBImage(width: 60, height: 50)
    var small = RGBImage(width: 20, height: 10)
    large.drawLine(x1: 3, y1: 1, x2: 57, y2: 48.5, color: .white, lineWidth: 3)
    small.drawLine(x1: 3 - 20, y1: 1 - 20, x2: 57 - 20, y2: 48.5 - 20, color: .white, lineWidth: 3)
    var touched = 0
    for y in 0..<10 {
      for x in 0..<20 {
        #expect(red(small, x, y) == red(large, x + 20, y + 20))
        touched += red(small, x, y) > 0 ? 1 : 0
      }
    }
    #expect(touched > 20)
  }

  @Test(
    arguments: [
      (Double.nan, 0, 1, 1), (0, .infinity, 1, 1), (1e300, 0, -1e300, 5), (2, 2, 2, 2), (-50, -50, -40, -60),
      (1e18, 1e18, 1.5e18, 2e18), (0, 1e-300, 1e-300, 0),
    ])
  func strangeCoordinatesAreHarmless(x1: Double, y1: Double, x2: Double, y2: Double) {
    for size in [0, 1, 5] {
      var image = RGBImage(width: size, height: size)
      image.drawLine(x1: x1, y1: y1, x2: x2, y2: y2, color: .white, lineWidth: 2)
      image.drawThinLine(x1: x1, y1: y1, x2: x2, y2: y2, color: .white)
      image.drawDot(x: x1, y: y1, radius: x2, color: .white)
      #expect(image.pixels.count == 3 * size * size)
    }
  }

  @Test func aThinLineHasOnePixelAStep() {
    // The last but one leaves the picture after nine rows.
    for (x2, y2, count) in [(17.0, 3.0, 16), (17, 17, 16), (4, 17, 16), (-1, 12, 9), (2, 2, 1)] {
      var mask = GreyImage(width: 20, height: 20)
      mask.drawThinLine(x1: 2, y1: 2, x2: x2, y2: y2)
      #expect(mask.pixels.filter { $0 == 255 }.count == count)
      #expect(mask.pixels.allSatisfy { $0 == 0 || $0 == 255 })
      #expect(mask.pixels[2 * 20 + 2] == 255)
    }
    var picture = RGBImage(width: 4, height: 4)
    picture.drawThinLine(x1: 0.4, y1: 3.4, x2: 2.6, y2: 3.4, color: Color(1, 2, 3))
    #expect(picture.pixels.suffix(12) == [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3])
  }

  @Test func dotsAreRound() {
    var image = RGBImage(width: 21, height: 21)
    image.drawDot(x: 10, y: 10, radius: 6, color: .white)
    let ink = image.pixels.reduce(0.0) { $0 + Double($1) } / 3 / 255
    #expect(abs(ink - 36 * .pi) < 1.5)
    for y in 0..<21 {
      for x in 0..<21 {
        #expect(red(image, x, y) == red(image, 20 - x, y))
        #expect(red(image, x, y) == red(image, y, x))
      }
    }
    #expect(red(image, 10, 10) == 255 && red(image, 3, 10) == 0)
  }
}

@Suite struct ColorMapTests {
  @Test func mapsStartAndEndWhereTheySay() {
    #expect(ColorMap.grey.color(at: 0) == .black)
    #expect(ColorMap.grey.color(at: 1) == .white)
    #expect(ColorMap.heat.color(at: 0) == .black)
    for map in [ColorMap.heat, .score, .grey] {
      #expect(map.color(at: -3) == map.color(at: 0))
      #expect(map.color(at: .nan) == map.color(at: 0))
      #expect(map.color(at: 7) == map.color(at: 1))
      #expect(map.color(at: .infinity) == map.color(at: 1))
    }
  }

  @Test func brightnessGrowsAllTheWay() {
    for map in [ColorMap.heat, .score, .grey] {
      let luma = RGBImage(plane: (0...50).map { Float($0) / 50 }, width: 51, height: 1, colors: map).luma()
      for (low, high) in zip(luma, luma.dropFirst()) { #expect(high >= low - 1.5) }
      #expect(luma[50] > luma[0] + 100)
    }
  }

  @Test func theCycleIsClosedAndEven() {
    let map = ColorMap.angle
    #expect(map.color(at: 0.25) == map.color(at: 1.25))
    #expect(map.color(at: -0.75) == map.color(at: 0.25))
    #expect(map.color(at: .nan) == map.color(at: 0))
    func distance(_ a: Color, _ b: Color) -> Int {
      abs(Int(a.red) - Int(b.red)) + abs(Int(a.green) - Int(b.green)) + abs(Int(a.blue) - Int(b.blue))
    }
    for step in 0..<64 {
      let (here, next) = (map.color(at: Float(step) / 64), map.color(at: Float(step + 1) / 64))
      #expect(4...32 ~= distance(here, next), "step \(step)")
    }
    // Perpendicular directions are told apart.
    for step in 0..<8 {
      #expect(distance(map.color(at: Float(step) / 8), map.color(at: Float(step) / 8 + 0.5)) > 100)
    }
  }

  @Test func fieldsBecomePictures() {
    let picture = RGBImage(plane: [0, 5, 10, 20], width: 2, height: 2, range: 0...10, colors: .grey)
    #expect(picture.pixels[0] == 0 && picture.pixels[6] == 255 && picture.pixels[9] == 255)
    #expect(100...140 ~= picture.pixels[3])
    #expect(GreyImage(plane: [-1, 0.5, 2, .nan], width: 4, height: 1).pixels == [0, 128, 255, 0])
    let angles = RGBImage(angle: [0, .pi, 1, 1], heat: [1, 1, 0, 1], width: 4, height: 1)
    #expect(angles.pixels[0..<3] == angles.pixels[3..<6])
    #expect(angles.pixels[6..<9] == [0, 0, 0])
    #expect(angles.pixels[9] > 50)
    #expect(RGBImage(width: 1, height: 1, red: 200, green: 100, blue: 2).darkened(to: 0.5).pixels == [100, 50, 1])
    #expect(Color(255, 0, 10).hexadecimal == "#ff000a")
  }
}
