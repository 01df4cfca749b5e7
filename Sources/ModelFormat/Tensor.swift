/// The type of a tensor's elements.
public enum ElementType: UInt8, Sendable {
  case float32 = 0
  case int8 = 1

  /// Bytes an element.
  public var size: Int {
    switch self {
    case .float32: 4
    case .int8: 1
    }
  }
}

/// A named array of parameters, row-major. The elements are shared, never copied: a tensor of a mapped file reads the
/// file's own pages.
public struct Tensor: Sendable {
  public let name: String
  public let elementType: ElementType
  public let shape: [Int]
  let storage: TensorStorage
  let byteRange: Range<Int>

  init(name: String, elementType: ElementType, shape: [Int], storage: TensorStorage, byteRange: Range<Int>) {
    self.name = name
    self.elementType = elementType
    self.shape = shape
    self.storage = storage
    self.byteRange = byteRange
  }

  /// - Precondition: `values.count` is the product of `shape`.
  public init(name: String, shape: [Int], values: [Float]) {
    precondition(values.count == shape.reduce(1, *))
    self = values.withUnsafeBytes { .init(name: name, elementType: .float32, shape: shape, copying: $0) }
  }

  /// - Precondition: `values.count` is the product of `shape`.
  public init(name: String, shape: [Int], values: [Int8]) {
    precondition(values.count == shape.reduce(1, *))
    self = values.withUnsafeBytes { .init(name: name, elementType: .int8, shape: shape, copying: $0) }
  }

  private init(name: String, elementType: ElementType, shape: [Int], copying bytes: UnsafeRawBufferPointer) {
    let storage = TensorStorage(copying: bytes)
    self.init(
      name: name, elementType: elementType, shape: shape, storage: storage, byteRange: 0..<storage.bytes.count)
  }

  /// Number of elements.
  public var count: Int { byteRange.count / elementType.size }

  /// The elements as they lie in memory, 64-byte aligned.
  public func withBytes<Result, Failure>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeRawBufferPointer(rebasing: storage.bytes[byteRange]))
  }

  /// The elements of a float32 tensor.
  ///
  /// - Precondition: the element type is `float32`.
  public func withFloats<Result, Failure>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(elementType == .float32)
    return try withBytes { (bytes) throws(Failure) in try body(bytes.bindMemory(to: Float.self)) }
  }

  /// The index of the first element that is NaN or infinite, if there is one.
  public var firstNonFinite: Int? {
    guard elementType == .float32 else { return nil }
    return withFloats { values in
      // A sum of zeros is zero unless a NaN or an infinity takes part: one pass that vectorises, and a second only
      // to find the culprit.
      var sums = SIMD16<Float>.zero
      var index = 0
      while index + 16 <= values.count {
        sums += UnsafeRawPointer(values.baseAddress! + index).loadUnaligned(as: SIMD16<Float>.self) * 0
        index += 16
      }
      while index < values.count {
        sums[0] += values[index] * 0
        index += 1
      }
      return sums == .zero ? nil : values.firstIndex { !$0.isFinite }
    }
  }
}

extension Tensor: Equatable {
  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.name == b.name && a.elementType == b.elementType && a.shape == b.shape
      && a.withBytes { left in b.withBytes { left.elementsEqual($0) } }
  }
}

/// Bytes that stay where they are for as long as the object lives, 64-byte aligned.
final class TensorStorage: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer
  /// Whatever keeps the bytes alive, if it is not this object.
  private let owner: AnyObject?
  private let isOwned: Bool

  static let alignment = 64

  /// Bytes of another owner; nil for bytes that live as long as the process.
  init(borrowing bytes: UnsafeRawBufferPointer, owner: AnyObject?) {
    self.bytes = bytes
    self.owner = owner
    isOwned = false
  }

  init(copying source: UnsafeRawBufferPointer) {
    let copy = UnsafeMutableRawBufferPointer.allocate(
      byteCount: source.count, alignment: TensorStorage.alignment)
    copy.copyMemory(from: source)
    bytes = UnsafeRawBufferPointer(copy)
    owner = nil
    isOwned = true
  }

  deinit { if isOwned { bytes.deallocate() } }
}
