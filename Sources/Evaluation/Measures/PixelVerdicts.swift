import Images
import Lines

/// Which pixels of one image are hits, misses and false alarms, to be looked at.
///
/// Their numbers are exact; where a pixel could be matched in several ways, one of them is shown.
struct PixelVerdicts {
  var hits: [Int] = []
  var misses: [Int] = []
  var falseAlarms: [Int] = []

  init(width: Int, height: Int, truth: [Segment], segments: [Segment]) {
    let rasterizer = Rasterizer(width: width, height: height)
    let truth = rasterizer.pixels(of: truth)
    let predicted = rasterizer.pixels(of: segments)
    var matcher = PixelMatcher(width: width, height: height, truth: truth)
    for pixel in predicted { matcher.add(pixel) }
    for pixel in predicted {
      if matcher.isMatched(prediction: pixel) { hits.append(pixel) } else { falseAlarms.append(pixel) }
    }
    misses = truth.filter { !matcher.isMatched(truth: $0) }
  }

  /// A mask of the pixels, three pixels thick so that they are seen when the image is shown smaller.
  static func mask(_ pixels: [Int], width: Int, height: Int) -> GreyImage {
    var mask = GreyImage(width: width, height: height)
    for pixel in pixels {
      mask.pixels[pixel] = 255
      if pixel % width > 0 { mask.pixels[pixel - 1] = 255 }
      if pixel % width < width - 1 { mask.pixels[pixel + 1] = 255 }
      if pixel >= width { mask.pixels[pixel - width] = 255 }
      if pixel < width * (height - 1) { mask.pixels[pixel + width] = 255 }
    }
    return mask
  }
}
