/// Fields of numbers as pictures. Planes are row-major with `width * height` values.
extension RGBImage {
  /// Each value of a plane in its colour; values outside the range are clamped.
  ///
  /// - Precondition: `plane.count == width * height`.
  public init(
    plane: [Float], width: Int, height: Int, range: ClosedRange<Float> = 0...1, colors: ColorMap = .heat
  ) {
    precondition(plane.count == width * height)
    let scale = range.upperBound > range.lowerBound ? 1 / (range.upperBound - range.lowerBound) : 1
    self.init(width: width, height: height)
    for (index, value) in plane.enumerated() {
      set(index, colors.color(at: (value - range.lowerBound) * scale))
    }
  }

  /// Tangent angles as hues, as bright as the heat is high: red is horizontal, and opposite hues are perpendicular.
  ///
  /// - Parameters:
  ///   - angle: tangent angles in radians; t and t + pi have the same colour.
  ///   - heat: 0 to 1.
  /// - Precondition: both planes have `width * height` values.
  public init(angle: [Float], heat: [Float], width: Int, height: Int) {
    precondition(angle.count == width * height && heat.count == width * height)
    self.init(width: width, height: height)
    for index in angle.indices {
      set(index, ColorMap.angle.color(at: angle[index] / .pi).darkened(to: heat[index]))
    }
  }

  private mutating func set(_ index: Int, _ color: Color) {
    pixels[3 * index] = color.red
    pixels[3 * index + 1] = color.green
    pixels[3 * index + 2] = color.blue
  }
}

extension GreyImage {
  /// Values 0 to 1 as black to white; values outside are clamped.
  ///
  /// - Precondition: `plane.count == width * height`.
  public init(plane: [Float], width: Int, height: Int) {
    self.init(width: width, height: height, pixels: plane.map(byte))
  }
}
