import ArgumentParser
import LSDNet
import ModelFormat

/// `512` for as many pixels as a square of 512, the aspect ratio kept; `512x384` for just that size.
struct InputSize: ExpressibleByArgument, CustomStringConvertible {
  var size: Detector.InputSize
  private var argument: String

  var description: String { argument }

  /// What the sides are rounded to: what networks of five halvings can take.
  private static let multiple = 32

  init?(argument: String) {
    let sides = 1...InputPolicy.maximumSide
    if let side = Int(argument) {
      guard sides.contains(side) else { return nil }
      size = .area(side: side, multiple: Self.multiple)
    } else if let size = PixelSize(argument: argument) {
      guard sides.contains(size.width), sides.contains(size.height) else { return nil }
      self.size = .squash(width: size.width, height: size.height)
    } else {
      return nil
    }
    self.argument = argument
  }
}
