/// Where the inputs of an output pixel lie: `rows * columns` taps of `bytes` neighbouring bytes.
public struct Taps {
  @usableFromInline let rows: Int
  @usableFromInline let columns: Int
  @usableFromInline let bytes: Int
  @usableFromInline let rowStride: Int
  @usableFromInline let columnStride: Int
  /// Bytes from the inputs of an output pixel to those of its right neighbour.
  public let stride: Int

  /// All strides are in bytes.
  @inlinable
  public init(rows: Int, columns: Int, bytes: Int, rowStride: Int, columnStride: Int, stride: Int) {
    self.rows = rows
    self.columns = columns
    self.bytes = bytes
    self.rowStride = rowStride
    self.columnStride = columnStride
    self.stride = stride
  }

  /// The micro-kernel: the sums of a tile whose first pixel has its first tap at `input`. Each step loads the weights
  /// of the tile's channels once and uses them for every pixel.
  @inlinable @inline(__always)
  public func sums<T: Tile>(
    _ type: T.Type, start: UnsafeRawPointer, input: UnsafeRawPointer, weights: UnsafeRawPointer
  ) -> T {
    var tile = T(T.Channels(loading: start))
    var weights = weights
    var row = input
    // No loop runs zero times; said this way, the accumulators stay in their registers from loop to loop.
    var rowsLeft = rows
    repeat {
      var column = row
      var columnsLeft = columns
      repeat {
        var input = column
        var bytesLeft = bytes
        repeat {
          tile.accumulate(input, stride, T.Channels(loading: weights))
          if T.Channels.Arithmetic.stepsInTwos {
            tile.accumulate(input + T.stepBytes, stride, T.Channels(loading: weights + T.Channels.bytes))
          }
          let steps = T.Channels.Arithmetic.stepsInTwos ? 2 : 1
          weights += steps * T.Channels.bytes
          input += steps * T.stepBytes
          bytesLeft -= steps * T.stepBytes
        } while bytesLeft > 0
        column += columnStride
        columnsLeft -= 1
      } while columnsLeft > 0
      row += rowStride
      rowsLeft -= 1
    } while rowsLeft > 0
    return tile
  }
}
