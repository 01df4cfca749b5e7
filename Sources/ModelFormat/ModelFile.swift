/// The model file: one little-endian file that holds a `Model`, made to be mapped and used in place.
///
///     0   8  magic 89 4C 53 44 4E 0D 0A 1A ("LSDN" between bytes that a text conversion would change, as in PNG)
///     8   4  version: 1, or 2 if the model has an end channel or a DepthToSpace, 3 if it has stop channels, 4 if
///            its input size is an area, 5 if a range has fewer than 255 steps
///     12  4  bytes of the header
///     16  8  bytes of the file
///     24  8  XXH64 of everything from byte 64 on
///     32  32 zeros
///     64     header: metadata, input policy, output encoding, tensor table, graph
///     ...    tensors in the order of the table, each at a multiple of 64 bytes, zeros between
///
/// Counts, indices and sizes are 32 bits, offsets 64; a string is its byte count and UTF-8; a list is its count and its
/// elements. The same model always gives the same bytes.
public enum ModelFile {
  /// The newest version that is read; a model is written in the oldest that can hold it.
  public static let version: UInt32 = 5

  static let magic: [UInt8] = [0x89, 0x4C, 0x53, 0x44, 0x4E, 0x0D, 0x0A, 0x1A]
  static let prefixSize = 64
  /// Where a channel would stand that the model has not.
  static let noChannel = 0xFFFF_FFFF
  static let alignment = TensorStorage.alignment

  enum OperationCode: UInt8 {
    case convolution = 0
    case depthwiseConvolution, maxPool, upsample, concatenate, add, slice, activate, depthToSpace
  }

  enum SizeCode: UInt8 {
    case squash = 0
    case longestSide, scale, area
  }
}
