import KernelInterface

extension ActivationMap {
  /// Writes what means zero left and right of these rows, and above and below the map if they reach its top or bottom.
  func clearHalo(besides rows: Range<Int>) {
    switch self {
    case .floats(let map):
      forEachHaloPixel(besides: rows) { map.pixel($0, $1).update(repeating: 0, count: map.channels) }
    case .bytes(let map):
      forEachHaloPixel(besides: rows) { map.pixel($0, $1).update(repeating: map.zeroPoint, count: map.channels) }
    }
  }

  @inline(__always)
  private func forEachHaloPixel(besides rows: Range<Int>, _ body: (_ y: Int, _ x: Int) -> Void) {
    if rows.lowerBound == 0 { for x in -1..<width + 1 { body(-1, x) } }
    if rows.upperBound == height { for x in -1..<width + 1 { body(height, x) } }
    for y in rows {
      body(y, -1)
      body(y, width)
    }
  }
}
