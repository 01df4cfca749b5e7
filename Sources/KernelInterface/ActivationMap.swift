/// A view on one activation, in floats or in bytes.
public enum ActivationMap: Sendable {
  case floats(FeatureMap)
  case bytes(QuantizedMap)

  public var height: Int {
    switch self {
    case .floats(let map): map.height
    case .bytes(let map): map.height
    }
  }

  public var width: Int {
    switch self {
    case .floats(let map): map.width
    case .bytes(let map): map.width
    }
  }

  /// Value of one unit: what a quantised convolution's multipliers divide by.
  public var scale: Float {
    switch self {
    case .floats: 1
    case .bytes(let map): map.scale
    }
  }
}
