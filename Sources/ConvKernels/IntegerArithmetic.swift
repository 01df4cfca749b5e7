import RegisterTiles
import VectorIntrinsics

/// Sums of 32 bits, each of the products of a few inputs with as many weights.
protocol IntegerArithmetic: TileArithmetic where Vector == Integers {
  associatedtype Weight: FixedWidthInteger & SignedInteger & BitwiseCopyable
}

extension IntegerArithmetic {
  /// Inputs that a lane takes at a step.
  static var group: Int { MemoryLayout<Int32>.size / MemoryLayout<Weight>.size }
}

/// Four bytes a lane.
enum ByteArithmetic: IntegerArithmetic {
  typealias Weight = Int8

  @inline(__always)
  static func accumulate(_ sum: Integers, _ input: Integers, _ weights: Integers) -> Integers {
    dot_bytes(sum, input, weights)
  }
}

/// Two integers of 16 bits a lane, with nothing to widen.
enum ShortArithmetic: IntegerArithmetic {
  typealias Weight = Int16
  /// Channels are padded to fours.
  @inline(__always)
  static var stepsInTwos: Bool { true }

  @inline(__always)
  static func accumulate(_ sum: Integers, _ input: Integers, _ weights: Integers) -> Integers {
    dot_shorts(sum, input, weights)
  }
}

/// The first `count` bytes as integers of 16 bits, with their signs, then zeros.
@inline(__always)
func signedShorts(_ bytes: UnsafePointer<Int8>, upTo count: Int) -> Shorts {
  let source = UnsafeRawPointer(bytes).assumingMemoryBound(to: UInt8.self)
  return (short_of_byte(HalfBytes(loading: source, upTo: count)) ^ 128) &- 128
}
