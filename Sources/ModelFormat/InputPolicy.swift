/// How an image becomes a network's input: its size, how it is resampled, and what its values are.
public struct InputPolicy: Equatable, Sendable {
  /// Which size the image is brought to.
  public enum Size: Equatable, Sendable, CustomStringConvertible {
    /// Always this width and height; the aspect ratio is not kept.
    case squash(width: Int, height: Int)
    /// The longest side becomes `longestSide`, the aspect ratio is kept up to rounding each side to the nearest multiple
    /// of `multiple`.
    case longestSide(Int, multiple: Int)
    /// Both sides times `factor`, then rounded likewise.
    case scale(factor: Double, multiple: Int)
    /// About as many pixels as a square of this side, the aspect ratio kept likewise up to 3:1: what the network costs
    /// depends little on the shape of the image. Longer images are squashed to 3:1: networks know no lines as long as
    /// theirs would be. A side that would be shorter than `multiple` becomes that.
    case area(side: Int, multiple: Int)

    public var description: String {
      switch self {
      case .squash(let width, let height): "\(width)x\(height)"
      case .longestSide(let side, let multiple): "longest side \(side), multiples of \(multiple)"
      case .scale(let factor, let multiple): "scale \(factor), multiples of \(multiple)"
      case .area(let side, let multiple): "the area of \(side)x\(side), multiples of \(multiple)"
      }
    }
  }

  public enum Resampling: UInt8, Sendable, CaseIterable {
    /// The mean over the area that an input pixel covers where the picture shrinks, linear where it grows.
    case area = 0
    /// Two by two pixels with half-pixel centres, whatever the scale.
    case bilinear = 1
  }

  public var size: Size
  public var resampling: Resampling
  /// What the 8-bit value is multiplied by, before the mean is taken off: 1/255 for values in [0, 1].
  public var scale: Float
  /// For red, green and blue; the input is `(value * scale - mean) / deviation`.
  public var mean: [Float]
  public var deviation: [Float]

  public init(
    size: Size, resampling: Resampling = .area, scale: Float = 1 / 255, mean: [Float] = [0, 0, 0],
    deviation: [Float] = [1, 1, 1]
  ) {
    self.size = size
    self.resampling = resampling
    self.scale = scale
    self.mean = mean
    self.deviation = deviation
  }

  /// No side of a network's input is longer.
  public static let maximumSide = 1 << 16
  /// No network's input is larger than its image by more than this factor.
  public static let maximumFactor = 64.0

  /// The aspect ratio that `Size.area` keeps at most.
  static let longestAspect = 3.0

  /// The size of the network's input for an image of the given size; no side is 0 or over `maximumSide`.
  public func inputSize(imageWidth: Int, imageHeight: Int) -> (width: Int, height: Int) {
    func rounded(_ side: Double, to multiple: Int) -> Int {
      let units = (side / Double(multiple)).rounded()
      let most = InputPolicy.maximumSide / multiple
      return multiple * max(1, min(most, units.isFinite ? Int(min(units, Double(most))) : most))
    }
    switch size {
    case .squash(let width, let height): return (width, height)
    case .longestSide(let longest, let multiple):
      let factor = Double(longest) / Double(max(imageWidth, imageHeight, 1))
      return (rounded(Double(imageWidth) * factor, to: multiple), rounded(Double(imageHeight) * factor, to: multiple))
    case .scale(let factor, let multiple):
      return (rounded(Double(imageWidth) * factor, to: multiple), rounded(Double(imageHeight) * factor, to: multiple))
    case .area(let side, let multiple):
      let aspect = Double(max(imageWidth, 1)) / Double(max(imageHeight, 1))
      let stretch = min(max(aspect, 1 / Self.longestAspect), Self.longestAspect).squareRoot()
      return (rounded(Double(side) * stretch, to: multiple), rounded(Double(side) / stretch, to: multiple))
    }
  }

  /// What the input's values span.
  public var valueRange: ActivationRange {
    let ends = (0..<3).flatMap { channel in
      [0, 255].map { ($0 * scale - mean[channel]) / deviation[channel] }
    }
    return ActivationRange(lower: ends.reduce(0, min), upper: ends.reduce(0, max))
  }

  /// What is wrong with the policy, if anything.
  public var problem: String? {
    let sides = 1...InputPolicy.maximumSide
    switch size {
    case .squash(let width, let height):
      if !sides.contains(width) || !sides.contains(height) { return "an input size of \(width)x\(height)" }
    case .longestSide(let side, let multiple):
      if !sides.contains(side) || !sides.contains(multiple) { return "an input side of \(side) by \(multiple)" }
    case .scale(let factor, let multiple):
      if !(factor > 0 && factor <= InputPolicy.maximumFactor) || !sides.contains(multiple) {
        return "an input scale of \(factor)"
      }
    case .area(let side, let multiple):
      if !sides.contains(side) || !sides.contains(multiple) {
        return "an input of as many pixels as a square of \(side) by \(multiple)"
      }
    }
    if mean.count != 3 || deviation.count != 3 { return "a normalisation that is not for three channels" }
    if !(scale.isFinite && mean.allSatisfy(\.isFinite) && deviation.allSatisfy { $0.isFinite && $0 != 0 }) {
      return "a normalisation that is not finite"
    }
    return nil
  }
}
