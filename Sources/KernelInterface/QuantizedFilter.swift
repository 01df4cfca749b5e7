/// A convolution's weights in 8 bits, symmetric, with one scale per output channel.
public struct QuantizedFilter: Sendable {
  public let shape: ConvolutionShape
  /// Output x kernel x kernel x input channels, each in -127...127.
  public let weights: [Int8]
  /// The value of one unit of each output channel's weights.
  public let scales: [Float]

  /// Rounds the given weights, output x kernel x kernel x input channels.
  ///
  /// - Parameters:
  ///   - weights: as many as `shape` says, all finite.
  ///   - fitsTransform: whether to choose the scales so that `ByteWinogradTransform` keeps the weights of a 3x3 convolution in
  ///     bytes: so that of 8 bits some 7 are left.
  public init(shape: ConvolutionShape, weights: UnsafePointer<Float>, fitsTransform: Bool = false) {
    let terms = shape.kernel * shape.kernel * shape.inputChannels
    var scales: [Float] = []
    // All that a program does before its first frame goes through here: loops that vectorise.
    self.weights = [Int8](unsafeUninitializedCapacity: terms * shape.outputChannels) { bytes, count in
      for output in 0..<shape.outputChannels {
        let channel = weights + output * terms
        // Absolute values are in the order of their bits.
        var bits: UInt32 = 0
        for i in 0..<terms { bits = max(bits, channel[i].bitPattern & 0x7FFF_FFFF) }
        var largest = Float(bitPattern: bits)
        if fitsTransform {
          largest = max(largest, ByteWinogradTransform.largest(channel, inputs: shape.inputChannels) { $0 })
        }
        // A channel of zeros has no scale of its own, nor has one that hardly differs from it.
        var scale = largest / 127 >= .leastNormalMagnitude ? largest / 127 : 1
        let rounded = bytes.baseAddress! + output * terms
        while true {
          for i in 0..<terms {
            // Added to 1.5 * 2^23 a number is rounded to the nearest whole one, ties to even, in the sum's lowest bits.
            rounded[i] = Int8(truncatingIfNeeded: (channel[i] / scale + 0x1.8p23).bitPattern)
          }
          guard fitsTransform else { break }
          // Sums of rounded weights can be a little larger than rounded sums.
          let largest = ByteWinogradTransform.largest(UnsafePointer(rounded), inputs: shape.inputChannels) { Int16($0) }
          if largest <= 127 { break }
          scale *= (Float(largest) + 0.5) / 127
        }
        scales.append(scale)
      }
      count = terms * shape.outputChannels
    }
    self.shape = shape
    self.scales = scales
  }

  /// Takes weights that have been rounded already.
  ///
  /// - Parameters:
  ///   - weights: as many as `shape` says.
  ///   - scales: one an output channel.
  /// - Returns: nil if a weight is -128, or a scale is not a positive number of full precision.
  public init?(shape: ConvolutionShape, weights: [Int8], scales: [Float]) {
    precondition(weights.count == shape.macsPerPixel && scales.count == shape.outputChannels)
    // A minimum, as that vectorises.
    guard weights.reduce(0, { min($0, $1) }) > -128, scales.allSatisfy({ $0.isNormal && $0 > 0 }) else { return nil }
    (self.shape, self.weights, self.scales) = (shape, weights, scales)
  }

  /// What the kernel's sums start from: the bias in units of the sums, less what the input's zero point adds to them.
  public func bias(_ bias: UnsafePointer<Float>, inputScale: Float, inputZeroPoint: UInt8) -> [Int32] {
    let terms = shape.kernel * shape.kernel * shape.inputChannels
    return (0..<shape.outputChannels).map { output in
      let weightSum = weights.withUnsafeBufferPointer { weights in
        var sum: Int32 = 0
        for i in output * terms..<(output + 1) * terms { sum &+= Int32(weights[i]) }
        return Int(sum)
      }
      let units = (Double(bias[output]) / (Double(inputScale) * Double(scales[output]))).rounded(.toNearestOrEven)
      return Int32(max(-0x4000_0000, min(0x3FFF_FFFF, units - Double(weightSum * Int(inputZeroPoint)))))
    }
  }

  /// What turns the kernel's sums into units of the output; an output in floats has the scale 1.
  public func multipliers(inputScale: Float, outputScale: Float) -> [Float] {
    scales.map { Float(Double(inputScale) * Double($0) / Double(outputScale)) }
  }
}
