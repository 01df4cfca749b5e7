import Images
import Lines
import SegmentFormats
import Testing

@Suite struct PictureTests {
  let found = ImageSegments(
    name: "a", width: 40, height: 30,
    segments: [
      Segment(x1: 5, y1: 10, x2: 30, y2: 10, score: 1), Segment(x1: 20, y1: 2, x2: 20, y2: 28, score: 0),
      Segment(x1: -100, y1: -50, x2: 500, y2: 1000), Segment(x1: .nan, y1: 0, x2: .infinity, y2: 3),
    ])

  @Test func maskIsOnePixelWideAndWhiteOnBlack() {
    var found = found
    found.segments.removeLast(2)
    let mask = found.mask()
    #expect(mask.width == 40 && mask.height == 30)
    for y in 0..<30 {
      for x in 0..<40 {
        let isLine = y == 10 && (5...30).contains(x) || x == 20 && (2...28).contains(y)
        #expect(mask.pixels[y * 40 + x] == (isLine ? 255 : 0), "(\(x), \(y))")
      }
    }
  }

  @Test func overlayKeepsTheImageAndPutsTheBestOnTop() {
    let image = RGBImage(width: 40, height: 30, red: 100, green: 100, blue: 100)
    let picture = found.overlay(on: image)
    func pixel(_ x: Int, _ y: Int) -> [UInt8] { Array(picture.pixels[3 * (y * 40 + x)..<3 * (y * 40 + x) + 3]) }
    #expect(pixel(35, 5) == [55, 55, 55])
    let best = ColorMap.score.color(at: 1)
    #expect(pixel(12, 10) == [best.red, best.green, best.blue])
    #expect(pixel(20, 10) == pixel(12, 10), "the better segment lies above the worse one")
    #expect(pixel(20, 20) != pixel(12, 10) && pixel(20, 20) != [55, 55, 55])
  }

  @Test func weakSegmentsAreFaint() {
    let image = RGBImage(width: 40, height: 30, red: 100, green: 100, blue: 100)
    let weak = Segment(x1: 5, y1: 10, x2: 30, y2: 10, score: 0.05)
    let picture = ImageSegments(name: "w", width: 40, height: 30, segments: [weak]).overlay(on: image)
    let color = ColorMap.score.color(at: 0.05)
    // A fifth of the colour over four fifths of the dimmed grey.
    let expected = [color.red, color.green, color.blue].map { 0.2 * Double($0) + 0.8 * 55 }
    for channel in 0..<3 {
      let value = Double(picture.pixels[3 * 412 + channel])
      #expect(abs(value - expected[channel]) < 1.5)
    }
  }

  @Test func nothingFoundIsTheDarkenedImage() {
    let image = RGBImage(width: 3, height: 2, red: 10, green: 20, blue: 30)
    let empty = ImageSegments(name: "e", width: 3, height: 2, segments: [])
    #expect(empty.overlay(on: image) == image.darkened(to: 0.55))
    #expect(empty.mask() == GreyImage(width: 3, height: 2))
  }
}
