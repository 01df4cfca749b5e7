import ArgumentParser
import LSDNet

/// `512` for as many pixels as a square of 512, the aspect ratio kept; `512x384` for just that size.
struct InputSize: ExpressibleByArgument, CustomStringConvertible {
  var size: Detector.InputSize
  private var argument: String

  var description: String { argument }

  /// What the sides are rounded to: what networks of five halvings can take.
  private static let multiple = 32

  init?(argument: String) {
    if let side = Int(argument) {
      size = .area(side: side, multiple: Self.multiple)
    } else if let sides = PixelSize(argument: argument) {
      size = .squash(width: sides.width, height: sides.height)
    } else {
      return nil
    }
    self.argument = argument
  }
}
