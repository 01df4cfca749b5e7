/// The numbers that a network computes with.
public enum Precision: String, Sendable, CaseIterable {
  /// Single precision throughout.
  case fp32
  /// Activations in 8 bits with a scale and a zero point for each tensor, weights in 8 bits with a scale for each output
  /// channel, exact sums in 32 bits. Layers without such kernels, the input and the output stay in single precision.
  /// The result is the same to the bit on every instruction set, as far as all convolutions are dense.
  case int8
}
