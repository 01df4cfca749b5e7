import EmbeddedWeights

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Says of the places along a line, column by column, how much the picture beside it speaks for an end there: convolutions
/// along the line, each over three columns, with rectified features between them.
///
/// Input: what `PixelLine.look` shows at a column, from the darker side of the line to the brighter one, less what is seen
/// further inside, in contrasts of the line; and the logarithm of that contrast, which is one for all columns. Output, as
/// parts of the logarithm of a probability: that a column belongs to the line, and that the line ends between it and the next.
///
/// Learned by `recipe ends` (`Weights/README.md`) from views of photographs, in which a line has the same ends, and from
/// made scenes, whose ends are known.
struct EndNetwork: Sendable {
  typealias Features = SIMD8<Float>

  static let inputs = PixelLine.offsets.count
  /// Layers of features before the outputs.
  static let depth = 3
  /// Columns on either side that an output depends on.
  static let margin = depth + 1

  /// The standard deviation of a network's ends along their lines, in cells.
  let deviation: Float
  /// The rows of the file.
  private let weights: [Features]

  /// `Weights/end-network.f32`: rows of eight numbers in single precision, little-endian. Of the first layer the biases of
  /// its features, what the contrast adds, and the weights by column and input; of each further one the biases and the
  /// weights by column and input; of the outputs the weights by output and column; and a row of the logarithm of the
  /// deviation and the outputs' biases.
  static let learned: EndNetwork = {
    let file = lsdnet_end_network
    let bytes = UnsafeRawBufferPointer(start: file.start, count: file.size)
    let numbers = stride(from: 0, to: bytes.count, by: 4).map {
      Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self)))
    }
    return EndNetwork(numbers)
  }()

  /// - Precondition: as many numbers as the layers take.
  init(_ numbers: [Float]) {
    let width = Features.scalarCount
    precondition(numbers.count == width * (2 + 3 * Self.inputs + (Self.depth - 1) * (1 + 3 * width) + 2 * 3 + 1))
    weights = stride(from: 0, to: numbers.count, by: width).map { Features(numbers[$0..<$0 + width]) }
    deviation = exp(numbers[numbers.count - width])
  }

  /// What one column says: that it belongs to the line, and that the line ends after it.
  typealias Evidence = (belongs: Float, ends: Float)

  /// What may be read and written behind the last of so many columns.
  static let slack = 3

  /// Computes the outputs of all columns but `margin` on either side.
  ///
  /// - Parameters:
  ///   - columns: the inputs of `count` columns, from within the line outwards, and of some more that mean nothing.
  ///   - contrast: of the line, in grey levels.
  ///   - features: room for those of `count` columns and some more.
  func run(
    _ columns: UnsafePointer<Float>, count: Int, contrast: Float, features: UnsafeMutablePointer<Features>,
    into outputs: UnsafeMutablePointer<Evidence>
  ) {
    weights.withUnsafeBufferPointer { weights in
      guard var row = weights.baseAddress else { return }
      var left = count - 2
      var bias = row[0] + row[1] * (log(max(contrast, 1)) / 3)
      SelectedKernels.columnFeatures(columns, Self.inputs, left, &bias, row + 2, features)
      row += 2 + 3 * Self.inputs
      let width = Features.scalarCount
      for _ in 1..<Self.depth {
        left -= 2
        // In place, as the kernel allows.
        features.withMemoryRebound(to: Float.self, capacity: width * (left + 2 + Self.slack)) {
          SelectedKernels.columnFeatures($0, width, left, row, row + 1, features)
        }
        row += 1 + 3 * width
      }
      left -= 2
      let biases = row[6]
      for column in 0..<left {
        let (a, b, c) = (features[column], features[column + 1], features[column + 2])
        outputs[column] = (
          biases[1] + (row[0] * a + row[1] * b + row[2] * c).sum(),
          biases[2] + (row[3] * a + row[4] * b + row[5] * c).sum()
        )
      }
    }
  }
}
