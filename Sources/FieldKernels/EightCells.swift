import VectorIntrinsics

/// Eight cells of four interleaved planes, taken apart; the names are those of the field's.
struct EightCells {
  var heat: float_lanes
  var cos2: float_lanes
  var sin2: float_lanes
  var ends: float_lanes

  @inline(__always)
  init(heat: float_lanes, cos2: float_lanes, sin2: float_lanes, ends: float_lanes) {
    (self.heat, self.cos2, self.sin2, self.ends) = (heat, cos2, sin2, ends)
  }

  /// Those at `cells`, `pitch` vectors from one to the next.
  @inline(__always)
  init(_ cells: UnsafePointer<SIMD4<Float>>, pitch: Int) {
    @inline(__always)
    func cell(_ lane: Int) -> SIMD4<Float> { cells[lane * pitch] }
    self.init(
      rows: float_lanes(lowHalf: cell(0), highHalf: cell(4)), float_lanes(lowHalf: cell(1), highHalf: cell(5)),
      float_lanes(lowHalf: cell(2), highHalf: cell(6)), float_lanes(lowHalf: cell(3), highHalf: cell(7)))
  }

  /// Those at eight indices. A gather instruction for each plane would cost more.
  @inline(__always)
  init(_ cells: UnsafePointer<SIMD4<Float>>, at i: int_lanes) {
    @inline(__always)
    func cell(_ lane: Int) -> SIMD4<Float> { cells[Int(i[lane])] }
    self.init(
      rows: float_lanes(lowHalf: cell(0), highHalf: cell(4)), float_lanes(lowHalf: cell(1), highHalf: cell(5)),
      float_lanes(lowHalf: cell(2), highHalf: cell(6)), float_lanes(lowHalf: cell(3), highHalf: cell(7)))
  }

  /// Interleaves them into `cells`.
  @inline(__always)
  func store(to cells: UnsafeMutablePointer<SIMD4<Float>>) {
    let rows = EightCells(rows: heat, cos2, sin2, ends)
    (cells[0], cells[4]) = (rows.heat.lowHalf, rows.heat.highHalf)
    (cells[1], cells[5]) = (rows.cos2.lowHalf, rows.cos2.highHalf)
    (cells[2], cells[6]) = (rows.sin2.lowHalf, rows.sin2.highHalf)
    (cells[3], cells[7]) = (rows.ends.lowHalf, rows.ends.highHalf)
  }

  /// Transposes two blocks of 4 x 4 side by side.
  @inline(__always)
  private init(rows a: float_lanes, _ b: float_lanes, _ c: float_lanes, _ d: float_lanes) {
    let (ab, cd) = (lanes_in_turn_low(a, b), lanes_in_turn_low(c, d))
    let (abHigh, cdHigh) = (lanes_in_turn_high(a, b), lanes_in_turn_high(c, d))
    self.init(
      heat: pairs_low(ab, cd), cos2: pairs_high(ab, cd), sin2: pairs_low(abHigh, cdHigh),
      ends: pairs_high(abHigh, cdHigh))
  }
}
