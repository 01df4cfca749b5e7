/// Writes small ONNX files, right and wrong ones, for the importer to read.
struct ONNXWriter {
  /// What a protocol buffers message is made of.
  private struct Message {
    var bytes: [UInt8] = []

    mutating func varint(_ value: UInt64) {
      var rest = value
      while rest >= 0x80 {
        bytes.append(UInt8(rest & 0x7F) | 0x80)
        rest >>= 7
      }
      bytes.append(UInt8(rest))
    }

    mutating func integer(_ field: UInt64, _ value: Int) {
      varint(field << 3)
      varint(UInt64(bitPattern: Int64(value)))
    }

    mutating func data(_ field: UInt64, _ value: [UInt8]) {
      varint(field << 3 | 2)
      varint(UInt64(value.count))
      bytes += value
    }

    mutating func string(_ field: UInt64, _ value: String) { data(field, Array(value.utf8)) }
  }

  enum Attribute {
    case integer(Int)
    case integers([Int])
    case string(String)
  }

  var operatorSet = 17
  /// Sizes of the input; nil where any will do.
  var input: [Int?] = [nil, 3, nil, nil]
  var inputs = ["image"]
  var outputs = ["maps"]
  private var nodes: [[UInt8]] = []
  private var initializers: [[UInt8]] = []

  mutating func node(
    _ operation: String, _ inputs: [String], _ output: String, _ attributes: [String: Attribute] = [:],
    domain: String = ""
  ) {
    var node = Message()
    for input in inputs { node.string(1, input) }
    node.string(2, output)
    node.string(3, "node \(output)")
    node.string(4, operation)
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
      var attribute = Message()
      attribute.string(1, name)
      switch value {
      case .integer(let integer): attribute.integer(3, integer)
      case .integers(let integers): for integer in integers { attribute.integer(8, integer) }
      case .string(let string): attribute.string(4, string)
      }
      node.data(5, attribute.bytes)
    }
    if !domain.isEmpty { node.string(7, domain) }
    nodes.append(node.bytes)
  }

  /// A float tensor; `count` values of 0.5 unless told otherwise, `type` and `isExternal` for wrong ones.
  mutating func tensor(
    _ name: String, _ shape: [Int], _ values: [Float]? = nil, type: Int = 1, isExternal: Bool = false
  ) {
    var tensor = Message()
    for side in shape { tensor.integer(1, side) }
    tensor.integer(2, type)
    tensor.string(8, name)
    let floats = values ?? Array(repeating: 0.5, count: shape.reduce(1, *))
    tensor.data(9, floats.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } })
    if isExternal { tensor.integer(14, 1) }
    initializers.append(tensor.bytes)
  }

  mutating func integers(_ name: String, _ values: [Int]) {
    var tensor = Message()
    tensor.integer(1, values.count)
    tensor.integer(2, 7)
    for value in values { tensor.integer(7, value) }
    tensor.string(8, name)
    initializers.append(tensor.bytes)
  }

  /// A convolution with its tensors; no padding attribute means the one that keeps the size.
  mutating func convolution(
    _ input: String, _ output: String, _ inputs: Int, _ outputs: Int, kernel: Int = 3,
    _ attributes: [String: Attribute] = [:]
  ) {
    tensor(output + ".w", [outputs, inputs, kernel, kernel])
    tensor(output + ".b", [outputs])
    let same = Attribute.integers(Array(repeating: kernel / 2, count: 4))
    node(
      "Conv", [input, output + ".w", output + ".b"], output, ["pads": same].merging(attributes) { $1 })
  }

  var bytes: [UInt8] {
    var graph = Message()
    for node in nodes { graph.data(1, node) }
    for tensor in initializers { graph.data(5, tensor) }
    for name in inputs { graph.data(11, ONNXWriter.valueInfo(name, input)) }
    for name in outputs { graph.data(12, ONNXWriter.valueInfo(name, [])) }
    var set = Message()
    set.integer(2, operatorSet)
    var model = Message()
    model.integer(1, 8)
    model.data(8, set.bytes)
    model.data(7, graph.bytes)
    return model.bytes
  }

  private static func valueInfo(_ name: String, _ sizes: [Int?]) -> [UInt8] {
    var shape = Message()
    for size in sizes {
      var dimension = Message()
      if let size { dimension.integer(1, size) } else { dimension.string(2, "any") }
      shape.data(1, dimension.bytes)
    }
    var tensor = Message()
    tensor.integer(1, 1)
    tensor.data(2, shape.bytes)
    var type = Message()
    type.data(1, tensor.bytes)
    var info = Message()
    info.string(1, name)
    info.data(2, type.bytes)
    return info.bytes
  }
}
