/// Makes tiles of any width from the same leaf.
public protocol TileMaker {
  associatedtype Leaf: Tile
  func make<T: Tile>(_ type: T.Type, _ y: Int, _ x: Int) where T.Leaf == Leaf
}

extension TileMaker where Leaf.Leaf == Leaf {
  /// Cuts a row into tiles of the main type and what is left into smaller ones. A value is the same sequence of
  /// operations in any tile, hence the same bits wherever the row is cut.
  @inlinable @inline(__always)
  public func makeRow<Main: Tile>(_ main: Main.Type, _ y: Int, width: Int) where Main.Leaf == Leaf {
    var x = 0
    makeTiles(Main.self, y, &x, width)
    if Main.pixels > 8 { makeTiles(Twice<Twice<Twice<Leaf>>>.self, y, &x, width) }
    if Main.pixels > 4 { makeTiles(Twice<Twice<Leaf>>.self, y, &x, width) }
    if Main.pixels > 2 { makeTiles(Twice<Leaf>.self, y, &x, width) }
    makeTiles(Leaf.self, y, &x, width)
  }

  @inlinable @inline(__always)
  func makeTiles<T: Tile>(_ type: T.Type, _ y: Int, _ x: inout Int, _ width: Int) where T.Leaf == Leaf {
    while x + T.pixels <= width {
      make(type, y, x)
      x += T.pixels
    }
  }
}
