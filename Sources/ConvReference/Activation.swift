import KernelInterface

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Activation {
  func callAsFunction(_ x: Double) -> Float {
    switch self {
    case .none: Float(x)
    case .relu: Float(max(x, 0))
    case .sigmoid: Float(1 / (1 + exp(-x)))
    }
  }
}
