import ArgumentParser

/// `384x288`, width first.
struct PixelSize: ExpressibleByArgument, CustomStringConvertible {
  var width: Int
  var height: Int

  var description: String { "\(width)x\(height)" }

  init?(argument: String) {
    let sides = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard sides.count == 2, let width = sides[0], let height = sides[1] else { return nil }
    self.width = width
    self.height = height
  }
}
