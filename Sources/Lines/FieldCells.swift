/// Where the cells of a field are written by whoever computes it, for the LSD stage to read them there: two planes in
/// memory of the stage's own, whose rows are further apart than they are long.
///
/// What is written must be sound: heat and ends in [0, 1], the tangent's norm at most 1, no NaN.
public struct FieldCells {
  public let width: Int
  public let height: Int
  /// Cells from a row to the next.
  public let stride: Int
  /// Heat of the first cell.
  public let heat: UnsafeMutablePointer<Float>
  /// Heat, cos 2t, sin 2t and ends of the first cell, in one place; ends are 0 if whoever writes does not know.
  public let cells: UnsafeMutablePointer<SIMD4<Float>>

  /// - Precondition: there is room for `height` rows of `width` cells, `stride` cells apart.
  public init(
    width: Int, height: Int, stride: Int, heat: UnsafeMutablePointer<Float>, cells: UnsafeMutablePointer<SIMD4<Float>>
  ) {
    self.width = width
    self.height = height
    self.stride = stride
    self.heat = heat
    self.cells = cells
  }
}

/// The stops of a field (`LineField.stops`), read where whoever computed them has them.
public struct StopCells {
  /// Those of the first cell.
  public let first: UnsafePointer<SIMD4<Float>>
  /// Vectors from a cell to its right neighbour, and to the one below.
  public let pitch: Int
  public let rowPitch: Int

  public init(first: UnsafePointer<SIMD4<Float>>, pitch: Int, rowPitch: Int) {
    self.first = first
    self.pitch = pitch
    self.rowPitch = rowPitch
  }
}
