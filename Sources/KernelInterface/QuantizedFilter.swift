/// A convolution's weights in 8 bits, symmetric, with one scale per output channel.
public struct QuantizedFilter: Sendable {
  public let shape: ConvolutionShape
  /// Output x kernel x kernel x input channels, each in -127...127.
  public let weights: [Int8]
  /// The value of one unit of each output channel's weights.
  public let scales: [Float]

  /// Rounds the given weights, output x kernel x kernel x input channels.
  ///
  /// - Parameter weights: as many as `shape` says, all finite.
  public init(shape: ConvolutionShape, weights: UnsafePointer<Float>) {
    let terms = shape.kernel * shape.kernel * shape.inputChannels
    var bytes: [Int8] = []
    bytes.reserveCapacity(terms * shape.outputChannels)
    var scales: [Float] = []
    for output in 0..<shape.outputChannels {
      let channel = UnsafeBufferPointer(start: weights + output * terms, count: terms)
      let largest = channel.reduce(0) { max($0, abs($1)) }
      // A channel of zeros has no scale of its own, nor has one that hardly differs from it.
      let scale = largest / 127 >= .leastNormalMagnitude ? largest / 127 : 1
      scales.append(scale)
      for weight in channel {
        bytes.append(Int8(max(-127, min(127, (weight / scale).rounded(.toNearestOrEven)))))
      }
    }
    self.shape = shape
    self.weights = bytes
    self.scales = scales
  }

  /// What the kernel's sums start from: the bias in units of the sums, less what the input's zero point adds to them.
  public func bias(_ bias: UnsafePointer<Float>, inputScale: Float, inputZeroPoint: UInt8) -> [Int32] {
    let terms = shape.kernel * shape.kernel * shape.inputChannels
    return (0..<shape.outputChannels).map { output in
      let weightSum = weights[output * terms..<(output + 1) * terms].reduce(0) { $0 + Int($1) }
      let units = (Double(bias[output]) / (Double(inputScale) * Double(scales[output]))).rounded(.toNearestOrEven)
      return Int32(max(-0x4000_0000, min(0x3FFF_FFFF, units - Double(weightSum * Int(inputZeroPoint)))))
    }
  }

  /// What turns the kernel's sums into units of the output; an output in floats has the scale 1.
  public func multipliers(inputScale: Float, outputScale: Float) -> [Float] {
    scales.map { Float(Double(inputScale) * Double($0) / Double(outputScale)) }
  }
}
