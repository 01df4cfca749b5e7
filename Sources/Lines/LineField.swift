/// Line heat and line tangent on one grid: all that the LSD stage needs to know of an image.
///
/// Whoever fills it, the network or the image gradient, fills the same three planes, and a network that knows where lines
/// end one or two more. They are row-major, `width * height` values each, with x to the right and y down. The tangent is stored as a vector at twice its angle t, because
/// a line has no sign: t and t + pi are the same tangent and the same (cos 2t, sin 2t). The vector's norm is at most 1;
/// a norm under 1 says that the direction is uncertain.
public struct LineField: Sendable {
  public private(set) var width: Int
  public private(set) var height: Int
  /// How likely a line passes through each cell, in [0, 1].
  public var heat: [Float]
  /// cos 2t of the tangent angle t, in the grid's own frame.
  public var cos2: [Float]
  /// sin 2t of the tangent angle t, in the grid's own frame.
  public var sin2: [Float]
  /// How likely a line ends in each cell, in [0, 1]; empty if whoever filled the field does not know.
  public var ends: [Float] = []
  /// How soon the line through each cell ends to its right, to its left, down and up, beside the ends: the logits of
  /// exp(-d / 5), d the cells along the line to its end on that side; empty if whoever filled the field does not know. Of a
  /// line that runs across a side, that side's says nothing.
  public var stops: [SIMD4<Float>] = []

  /// An empty field: no heat anywhere.
  public init(width: Int = 0, height: Int = 0) {
    self.width = width
    self.height = height
    heat = [Float](repeating: 0, count: width * height)
    cos2 = heat
    sin2 = heat
  }

  /// Gives the field another size, keeping its storage where it is large enough; the contents are then unspecified.
  ///
  /// - Parameters:
  ///   - hasEnds: whether there is a plane of ends.
  ///   - hasStops: whether there is one of stops.
  public mutating func resize(width: Int, height: Int, hasEnds: Bool = false, hasStops: Bool = false) {
    guard width != self.width || height != self.height || hasEnds == ends.isEmpty || hasStops == stops.isEmpty else {
      return
    }
    self.width = width
    self.height = height
    let count = width * height
    for plane in [\LineField.heat, \LineField.cos2, \LineField.sin2] { self[keyPath: plane].resize(to: count, 0) }
    ends.resize(to: hasEnds ? count : 0, 0)
    stops.resize(to: hasStops ? count : 0, .zero)
  }

  /// Takes size and contents from the cells of another field.
  public mutating func take(_ field: FieldCells, hasEnds: Bool, stops: StopCells?) {
    resize(width: field.width, height: field.height, hasEnds: hasEnds, hasStops: stops != nil)
    for y in 0..<height {
      for x in 0..<width {
        let index = y * width + x
        let cell = field.cells[y * field.stride + x]
        (heat[index], cos2[index], sin2[index]) = (cell[0], cell[1], cell[2])
        if hasEnds { ends[index] = cell[3] }
        if let stops { self.stops[index] = stops.first[y * stops.rowPitch + x * stops.pitch] }
      }
    }
  }
}

extension Array {
  fileprivate mutating func resize(to count: Int, _ value: Element) {
    if count <= self.count {
      removeLast(self.count - count)
    } else {
      append(contentsOf: repeatElement(value, count: count - self.count))
    }
  }
}
