/// The parts of an ONNX file (onnx.proto3) that describe a convolutional network.
struct ONNXModel {
  /// Version of the default operator set.
  var operatorSet = 0
  var graph = ONNXGraph()
}

struct ONNXGraph {
  var nodes: [ONNXNode] = []
  var initializers: [ONNXTensor] = []
  var inputs: [ONNXValueInfo] = []
  var outputs: [ONNXValueInfo] = []
}

struct ONNXNode {
  var operation = ""
  var domain = ""
  var name = ""
  /// An empty name is an optional input that is left out.
  var inputs: [String] = []
  var outputs: [String] = []
  var attributes: [String: ONNXAttribute] = [:]

  /// Its name for people: many exporters leave the name empty.
  var label: String { name.isEmpty ? outputs.first ?? "" : name }
}

struct ONNXAttribute {
  var integer: Int?
  var float: Float?
  var string: String?
  var integers: [Int] = []
  var floats: [Float] = []
  var tensor: ONNXTensor?
}

struct ONNXTensor {
  var name = ""
  var shape: [Int] = []
  var values = Values.floats([])

  enum Values {
    case floats([Float])
    case integers([Int])
  }
}

struct ONNXValueInfo {
  var name = ""
  /// Sizes; nil where any size will do.
  var shape: [Int?] = []
}

extension ONNXModel {
  /// - Throws: `ONNXError` if the bytes are not a model, or hold a tensor that cannot be read.
  init(_ bytes: [UInt8]) throws(ONNXError) {
    var reader = ProtobufReader(bytes[...])
    var hasGraph = false
    while let field = try reader.next() {
      switch field.number {
      case 7:
        graph = try ONNXGraph(try field.value.message())
        hasGraph = true
      case 8:
        let (domain, version) = try ONNXModel.operatorSet(try field.value.message())
        if domain.isEmpty || domain == "ai.onnx" { operatorSet = version }
      default: break
      }
    }
    guard hasGraph else { throw .damaged }
  }

  private static func operatorSet(_ bytes: ArraySlice<UInt8>) throws(ONNXError) -> (domain: String, version: Int) {
    var reader = ProtobufReader(bytes)
    var result = (domain: "", version: 0)
    while let field = try reader.next() {
      switch field.number {
      case 1: result.domain = try field.value.string()
      case 2: result.version = try field.value.integer()
      default: break
      }
    }
    return result
  }
}

extension ONNXGraph {
  init(_ bytes: ArraySlice<UInt8>) throws(ONNXError) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: nodes.append(try ONNXNode(try field.value.message()))
      case 5: initializers.append(try ONNXTensor(try field.value.message()))
      case 11: inputs.append(try ONNXValueInfo(try field.value.message()))
      case 12: outputs.append(try ONNXValueInfo(try field.value.message()))
      default: break
      }
    }
  }
}

extension ONNXNode {
  init(_ bytes: ArraySlice<UInt8>) throws(ONNXError) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: inputs.append(try field.value.string())
      case 2: outputs.append(try field.value.string())
      case 3: name = try field.value.string()
      case 4: operation = try field.value.string()
      case 5:
        let (name, attribute) = try ONNXAttribute.named(try field.value.message())
        attributes[name] = attribute
      case 7: domain = try field.value.string()
      default: break
      }
    }
  }
}

extension ONNXAttribute {
  static func named(_ bytes: ArraySlice<UInt8>) throws(ONNXError) -> (String, ONNXAttribute) {
    var reader = ProtobufReader(bytes)
    var name = ""
    var attribute = ONNXAttribute()
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.value.string()
      case 2: attribute.float = try field.value.float()
      case 3: attribute.integer = try field.value.integer()
      case 4: attribute.string = try field.value.string()
      case 5: attribute.tensor = try ONNXTensor(try field.value.message())
      case 7: attribute.floats += try field.value.floats()
      case 8: attribute.integers += try field.value.integers()
      default: break
      }
    }
    return (name, attribute)
  }
}

extension ONNXTensor {
  private enum DataType: Int {
    case float = 1
    case int32 = 6
    case int64 = 7
  }

  init(_ bytes: ArraySlice<UInt8>) throws(ONNXError) {
    var reader = ProtobufReader(bytes)
    var type = 0
    var floats: [Float] = []
    var integers: [Int] = []
    var raw: ArraySlice<UInt8>?
    var isExternal = false
    while let field = try reader.next() {
      switch field.number {
      case 1: shape += try field.value.integers()
      case 2: type = try field.value.integer()
      case 4: floats += try field.value.floats()
      case 5, 7: integers += try field.value.integers()
      case 8: name = try field.value.string()
      case 9: raw = try field.value.message()
      case 14: isExternal = try field.value.integer() != 0
      default: break
      }
    }
    if isExternal { throw .tensor(name: name, reason: "is kept in another file") }
    guard let type = DataType(rawValue: type) else {
      throw .tensor(name: name, reason: "is of data type \(type), which is not read")
    }
    var count = 1
    for side in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: side)
      guard side >= 0, !overflow else { throw .tensor(name: name, reason: "has a shape that makes no sense") }
      count = product
    }
    if let raw {
      switch type {
      case .float: floats = ONNXTensor.elements(raw, UInt32.self).map(Float.init(bitPattern:))
      case .int32: integers = ONNXTensor.elements(raw, Int32.self).map(Int.init)
      case .int64: integers = ONNXTensor.elements(raw, Int64.self).map(Int.init)
      }
    }
    values = type == .float ? .floats(floats) : .integers(integers)
    guard (type == .float ? floats.count : integers.count) == count else {
      throw .tensor(name: name, reason: "does not have as many elements as its shape says")
    }
  }

  private static func elements<Element: FixedWidthInteger>(
    _ bytes: ArraySlice<UInt8>, _ type: Element.Type
  ) -> [Element] {
    let size = MemoryLayout<Element>.size
    return bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / size).map { Element(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * size, as: type)) }
    }
  }
}

extension ONNXValueInfo {
  init(_ bytes: ArraySlice<UInt8>) throws(ONNXError) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.value.string()
      case 2: shape = try ONNXValueInfo.shape(ofType: try field.value.message())
      default: break
      }
    }
  }

  /// TypeProto > tensor_type > shape > dim.
  private static func shape(ofType bytes: ArraySlice<UInt8>) throws(ONNXError) -> [Int?] {
    var shape: [Int?] = []
    var type = ProtobufReader(bytes)
    while let field = try type.next() {
      guard field.number == 1 else { continue }
      var tensor = ProtobufReader(try field.value.message())
      while let field = try tensor.next() {
        guard field.number == 2 else { continue }
        var dimensions = ProtobufReader(try field.value.message())
        while let field = try dimensions.next() {
          guard field.number == 1 else { continue }
          var dimension = ProtobufReader(try field.value.message())
          var size: Int?
          while let field = try dimension.next() { if field.number == 1 { size = try field.value.integer() } }
          // Some exporters write a free size as 0 or -1.
          shape.append(size.flatMap { $0 > 0 ? $0 : nil })
        }
      }
    }
    return shape
  }
}
