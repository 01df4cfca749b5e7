import KernelInterface
import ModelFormat

/// Turns the nodes of an ONNX graph into layers, one after the other.
///
/// ONNX arrays are N x C x H x W, ours N x H x W x C with N = 1. Where exporters transpose between the two, only the
/// name of the order changes here.
struct GraphBuilder {
  /// The order in which ONNX numbers an activation's axes.
  enum Layout {
    case channelsFirst, channelsLast

    var channelAxis: Int { self == .channelsFirst ? 1 : 3 }

    var transposed: Layout { self == .channelsFirst ? .channelsLast : .channelsFirst }
  }

  /// What a name in the ONNX graph stands for.
  enum Value {
    case activation(Int, Layout)
    case integers(IntegerArray)
    case floats([Float], shape: [Int])
  }

  /// Parameters of a layer; a batch normalisation may still change them.
  struct Parameters {
    var name: String
    var shape: [Int]
    var values: [Float]
  }

  private(set) var graph: Graph
  private(set) var parameters: [Parameters] = []
  private var shapes: [ValueShape]
  private var values: [String: Value] = [:]
  /// How many nodes and outputs read each name.
  private var uses: [String: Int] = [:]
  private var layerNames: Set<String> = []
  private let operatorSet: Int

  /// - Parameter size: the input's size, unless the graph has one of its own. The network is not bound to it: sizes that
  ///   the graph computes are checked against it.
  init(_ model: ONNXModel, size: (width: Int, height: Int)) throws(ONNXError) {
    operatorSet = model.operatorSet
    let source = model.graph
    for node in source.nodes { for input in node.inputs { uses[input, default: 0] += 1 } }
    for output in source.outputs { uses[output.name, default: 0] += 1 }

    let input = try source.imageInput()
    graph = Graph(inputChannels: input.channels, layers: [], output: 0)
    shapes = [
      ValueShape(height: input.height ?? size.height, width: input.width ?? size.width, channels: input.channels)
    ]
    values[input.name] = .activation(0, input.layout)
    for tensor in source.initializers { values[tensor.name] = tensor.value }

    try GraphBuilder.checkOperators(source)
    for node in source.nodes { try add(node) }

    guard source.outputs.count == 1, let output = source.outputs.first else {
      throw .graph(
        reason: "the graph has \(source.outputs.count) outputs",
        nextStep: "export it with one output that holds heat and tangent as channels")
    }
    guard case .activation(let value, _)? = values[output.name], value > 0 else {
      throw .graph(reason: "no layer makes the output '\(output.name)'", nextStep: "export the network again")
    }
    graph.output = value
    graph = graph.fused()
    reorderDepthToSpace()
  }

  /// The tensors, in the order of the graph's parameter indices.
  var tensors: [Tensor] { parameters.map { Tensor(name: $0.name, shape: $0.shape, values: $0.values) } }

  // MARK: Operators

  private static let layerOperators: Set<String> = [
    "Conv", "BatchNormalization", "Relu", "Sigmoid", "MaxPool", "Resize", "Upsample", "DepthToSpace", "Concat", "Add",
    "Slice",
    "Transpose", "Identity", "Dropout", "Constant",
  ]
  /// Only where sizes are computed.
  private static let sizeOperators: Set<String> = [
    "Shape", "Gather", "Unsqueeze", "Squeeze", "Cast", "Mul", "Floor", "Ceil",
  ]

  private static func checkOperators(_ graph: ONNXGraph) throws(ONNXError) {
    let known = layerOperators.union(sizeOperators)
    let unknown = graph.nodes.filter {
      !known.contains($0.operation) || !($0.domain.isEmpty || $0.domain == "ai.onnx")
    }
    if !unknown.isEmpty {
      throw .operators(unknown.map { .init(operation: $0.operation, name: $0.label) })
    }
  }

  private mutating func add(_ node: ONNXNode) throws(ONNXError) {
    guard let output = node.outputs.first else { throw error(node, "has no output") }
    values[output] = try value(of: node)
  }

  private mutating func value(of node: ONNXNode) throws(ONNXError) -> Value {
    if let constant = try constant(node) { return constant }
    switch node.operation {
    case "Identity", "Dropout":
      let (value, layout) = try activation(node, 0)
      return .activation(value, layout)
    case "Transpose": return try transpose(node)
    case "Conv": return try convolution(node)
    case "BatchNormalization": return try batchNormalization(node)
    case "Relu": return try append(node, .activate(.relu))
    case "Sigmoid": return try append(node, .activate(.sigmoid))
    case "MaxPool": return try maxPool(node)
    case "Resize", "Upsample": return try resize(node)
    case "DepthToSpace": return try depthToSpace(node)
    case "Concat": return try concatenation(node)
    case "Add": return try addition(node)
    case "Slice": return try slice(node)
    default: throw error(node, "works on activations, which only the computation of sizes may not")
    }
  }

  /// The value of a node that does not depend on the image, or nil.
  private func constant(_ node: ONNXNode) throws(ONNXError) -> Value? {
    switch node.operation {
    case "Constant":
      if let tensor = node.attributes["value"]?.tensor { return tensor.value }
      if let integer = node.attributes["value_int"]?.integer {
        return .integers(IntegerArray(values: [integer], isScalar: true))
      }
      if let integers = node.attributes["value_ints"]?.integers { return .integers(IntegerArray(values: integers)) }
      if let floats = node.attributes["value_floats"]?.floats { return .floats(floats, shape: [floats.count]) }
      if let float = node.attributes["value_float"]?.float { return .floats([float], shape: []) }
      throw error(node, "has no value that is read")
    case "Shape":
      let (value, layout) = try activation(node, 0)
      let shape = shapes[value]
      let sizes =
        layout == .channelsFirst
        ? [1, shape.channels, shape.height, shape.width] : [1, shape.height, shape.width, shape.channels]
      let start = node.attributes["start"]?.integer ?? 0
      let end = node.attributes["end"]?.integer ?? sizes.count
      return .integers(IntegerArray(values: Array(sizes[clampedRange(start, end, count: sizes.count)])))
    default:
      var arrays: [IntegerArray] = []
      for input in node.inputs {
        switch values[input] {
        case .integers(let array): arrays.append(array)
        // The scale that a size is multiplied by may be a float.
        case .floats(let floats, let shape) where node.operation == "Mul" && floats.count <= 4:
          let whole = floats.compactMap { Int(exactly: $0) }
          guard whole.count == floats.count else { return nil }
          arrays.append(IntegerArray(values: whole, isScalar: shape.isEmpty))
        default: return nil
        }
      }
      guard !arrays.isEmpty else { return nil }
      guard let folded = node.folded(arrays) else { throw error(node, "computes a size in a way that is not known") }
      return .integers(folded)
    }
  }

  private mutating func transpose(_ node: ONNXNode) throws(ONNXError) -> Value {
    let (value, layout) = try activation(node, 0)
    let order = node.attributes["perm"]?.integers ?? []
    guard order == (layout == .channelsFirst ? [0, 2, 3, 1] : [0, 3, 1, 2]) else {
      throw error(node, "has axes in the order \(order); only N x C x H x W to N x H x W x C and back is supported")
    }
    return .activation(value, layout.transposed)
  }

  private mutating func convolution(_ node: ONNXNode) throws(ONNXError) -> Value {
    let input = try channelsFirst(node)
    let (weights, shape) = try floats(node, 1)
    guard shape.count == 4, shape[2] == shape[3], shape[2] == 1 || shape[2] == 3 else {
      throw error(node, "has weights of shape \(shape); kernels of 1x1 and 3x3 are supported")
    }
    let (outputs, inputsPerGroup, kernel) = (shape[0], shape[1], shape[2])
    let stride = node.attributes["strides"]?.integers ?? [1, 1]
    guard stride == [1, 1] || stride == [2, 2] else {
      throw error(node, "has strides \(stride); 1 and 2 are supported")
    }
    guard (node.attributes["dilations"]?.integers ?? [1, 1]).allSatisfy({ $0 == 1 }) else {
      throw error(node, "is dilated, which is not supported")
    }
    try checkPadding(node, kernel: kernel, stride: stride[0])

    var bias = [Float](repeating: 0, count: outputs)
    if node.inputs.count > 2, !node.inputs[2].isEmpty { bias = try floats(node, 2).values }
    guard bias.count == outputs else { throw error(node, "has a bias of \(bias.count) values for \(outputs) channels") }

    let name = unique(node.label)
    let channels = shapes[input].channels
    let group = node.attributes["group"]?.integer ?? 1
    if group == 1 {
      guard inputsPerGroup == channels else {
        throw error(node, "has weights for \(inputsPerGroup) channels and gets \(channels)")
      }
      let operands = addParameters(
        name, shape: [outputs, kernel, kernel, channels],
        weights: GraphBuilder.channelsLast(weights, outputs: outputs, area: kernel * kernel, inputs: channels), bias)
      let convolution = ConvolutionShape(
        kernel: kernel, stride: stride[0], inputChannels: channels, outputChannels: outputs)
      return try append(node, name: name, .convolution(convolution, operands, .none), [input])
    }
    guard group == channels, outputs == channels, inputsPerGroup == 1, kernel == 3 else {
      throw error(node, "has \(group) groups; only dense and 3x3 depthwise convolutions are supported")
    }
    // Channels x taps becomes taps x channels.
    let operands = addParameters(
      name, shape: [3, 3, channels],
      weights: GraphBuilder.channelsLast(weights, outputs: 1, area: 9, inputs: channels), bias)
    return try append(
      node, name: name,
      .depthwiseConvolution(stride: stride[0], channels: channels, operands, .none), [input])
  }

  /// Output x input x area becomes output x area x input.
  private static func channelsLast(_ weights: [Float], outputs: Int, area: Int, inputs: Int) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(weights.count)
    for output in 0..<outputs {
      for tap in 0..<area {
        for input in 0..<inputs { result.append(weights[(output * inputs + input) * area + tap]) }
      }
    }
    return result
  }

  private func checkPadding(_ node: ONNXNode, kernel: Int, stride: Int) throws(ONNXError) {
    let same = (kernel - 1) / 2
    switch node.attributes["auto_pad"]?.string ?? "NOTSET" {
    case "SAME_UPPER", "SAME_LOWER":
      guard stride == 1 || kernel == 1 else {
        throw error(node, "pads a stride of 2 on one side only; pad 3x3 kernels by 1 on every side")
      }
    case "VALID": guard same == 0 else { throw error(node, "is not padded; pad 3x3 kernels by 1 on every side") }
    default:
      let padding = node.attributes["pads"]?.integers ?? [0, 0, 0, 0]
      guard padding == [same, same, same, same] else {
        throw error(node, "is padded by \(padding); a \(kernel)x\(kernel) kernel needs \(same) on every side")
      }
    }
  }

  /// y = scale (x - mean) / sqrt(variance + epsilon) + shift goes into the weights and the bias of the convolution that made x.
  private mutating func batchNormalization(_ node: ONNXNode) throws(ONNXError) -> Value {
    let input = try channelsFirst(node)
    // A layer has several names where nodes pass it on as it is.
    let isReadOnce = values.allSatisfy { name, value in
      if case .activation(input, _) = value { uses[name] == 1 } else { true }
    }
    guard input > 0, isReadOnce else {
      throw error(node, "does not directly follow a convolution that nothing else reads")
    }
    let weights: Int
    let bias: Int
    switch graph.layers[input - 1].operation {
    case .convolution(_, let operands, .none), .depthwiseConvolution(_, _, let operands, .none):
      (weights, bias) = (operands.weights, operands.bias)
    default: throw error(node, "does not directly follow a convolution")
    }
    let scale = try floats(node, 1).values
    let shift = try floats(node, 2).values
    let mean = try floats(node, 3).values
    let variance = try floats(node, 4).values
    let channels = shapes[input].channels
    guard [scale, shift, mean, variance].allSatisfy({ $0.count == channels }) else {
      throw error(node, "does not have one parameter of each kind a channel")
    }
    let epsilon = Double(node.attributes["epsilon"]?.float ?? 1e-5)
    let factors = zip(scale, variance).map { Double($0) / (Double($1) + epsilon).squareRoot() }
    let isDepthwise = parameters[weights].shape.count == 3
    let perOutput = parameters[weights].values.count / channels
    for index in parameters[weights].values.indices {
      let channel = isDepthwise ? index % channels : index / perOutput
      parameters[weights].values[index] = Float(Double(parameters[weights].values[index]) * factors[channel])
    }
    for channel in 0..<channels {
      let centred = Double(parameters[bias].values[channel]) - Double(mean[channel])
      parameters[bias].values[channel] = Float(centred * factors[channel] + Double(shift[channel]))
    }
    return .activation(input, .channelsFirst)
  }

  private mutating func maxPool(_ node: ONNXNode) throws(ONNXError) -> Value {
    _ = try channelsFirst(node)
    let attributes = node.attributes
    guard attributes["kernel_shape"]?.integers == [2, 2], attributes["strides"]?.integers == [2, 2],
      (attributes["pads"]?.integers ?? []).allSatisfy({ $0 == 0 }), (attributes["ceil_mode"]?.integer ?? 0) == 0,
      (attributes["dilations"]?.integers ?? []).allSatisfy({ $0 == 1 }),
      ["NOTSET", "VALID"].contains(attributes["auto_pad"]?.string ?? "NOTSET")
    else { throw error(node, "is not a 2x2 pool with stride 2 and no padding, the only one supported") }
    return try append(node, .maxPool)
  }

  private mutating func resize(_ node: ONNXNode) throws(ONNXError) -> Value {
    let input = try channelsFirst(node)
    let mode = node.attributes["mode"]?.string ?? "nearest"
    // Upsample and the first Resize knew one rule only, the asymmetric.
    let hasRule = node.operation == "Resize" && operatorSet >= 11
    let coordinates =
      node.attributes["coordinate_transformation_mode"]?.string ?? (hasRule ? "half_pixel" : "asymmetric")
    let rounding = node.attributes["nearest_mode"]?.string ?? (hasRule ? "round_prefer_floor" : "floor")
    try checkDoubling(node, of: shapes[input], operands: hasRule ? 2 : 1)
    switch (mode, coordinates, rounding) {
    // Twice the size, these come to the same.
    case ("nearest", "asymmetric", "floor"), ("nearest", "asymmetric", "round_prefer_floor"),
      ("nearest", "half_pixel", "round_prefer_floor"), ("nearest", "half_pixel", "round_prefer_ceil"),
      ("nearest", "pytorch_half_pixel", "round_prefer_floor"), ("nearest", "pytorch_half_pixel", "round_prefer_ceil"):
      return try append(node, .upsample(.nearest))
    case ("linear", "half_pixel", _), ("linear", "pytorch_half_pixel", _):
      return try append(node, .upsample(.bilinear))
    default:
      throw error(
        node, "resizes by '\(mode)' with '\(coordinates)' coordinates; nearest and half-pixel linear are supported")
    }
  }

  /// The scales, or else the sizes after them, must double the height and the width.
  private func checkDoubling(_ node: ONNXNode, of shape: ValueShape, operands first: Int) throws(ONNXError) {
    var scales: [Float] = node.attributes["scales"]?.floats ?? []
    if node.inputs.count > first, case .floats(let values, _)? = values[node.inputs[first]] { scales = values }
    if node.inputs.count > first + 1, case .integers(let sizes)? = values[node.inputs[first + 1]] {
      guard sizes.values == [1, shape.channels, 2 * shape.height, 2 * shape.width] else {
        throw error(
          node,
          "makes \(sizes.values) of \([1, shape.channels, shape.height, shape.width]); only twice the height and "
            + "width is supported")
      }
    } else {
      guard scales == [1, 1, 2, 2] else { throw error(node, "scales by \(scales); only twice is supported") }
    }
  }

  private mutating func depthToSpace(_ node: ONNXNode) throws(ONNXError) -> Value {
    _ = try channelsFirst(node)
    guard let block = node.attributes["blocksize"]?.integer else { throw error(node, "has no block size") }
    let order: DepthToSpace.Order
    switch node.attributes["mode"]?.string ?? "DCR" {
    case "DCR": order = .pixelsFirst
    case "CRD": order = .channelsFirst
    case let mode: throw error(node, "has the mode '\(mode)'; DCR and CRD are supported")
    }
    return try append(node, .depthToSpace(DepthToSpace(block: block, order: order)))
  }

  /// Pixels made of the channels of a convolution that nothing else reads can come in any order, if the convolution's
  /// outputs are put into that order: that of the memory.
  private mutating func reorderDepthToSpace() {
    let uses = graph.uses()
    for (index, layer) in graph.layers.enumerated() {
      guard case .depthToSpace(var shuffle) = layer.operation, shuffle.order == .channelsFirst,
        layer.inputs[0] > 0, uses[layer.inputs[0]] == 1
      else { continue }
      let source = graph.layers[layer.inputs[0] - 1]
      guard case .convolution(let shape, let operands, _) = source.operation, source.inputs.count == 1 else { continue }
      let channels = shape.outputChannels / (shuffle.block * shuffle.block)
      var order: [Int] = []
      for row in 0..<shuffle.block {
        for column in 0..<shuffle.block {
          for channel in 0..<channels {
            order.append(shuffle.inputChannel(channel, of: channels, row: row, column: column))
          }
        }
      }
      for index in [operands.weights, operands.bias] {
        let values = parameters[index].values
        let count = values.count / shape.outputChannels
        parameters[index].values = order.flatMap { values[$0 * count..<($0 + 1) * count] }
      }
      shuffle.order = .pixelsFirst
      graph.layers[index].operation = .depthToSpace(shuffle)
    }
  }

  private mutating func concatenation(_ node: ONNXNode) throws(ONNXError) -> Value {
    let (_, layout) = try activation(node, 0)
    let axis = node.attributes["axis"]?.integer ?? 0
    guard axis == layout.channelAxis || axis + 4 == layout.channelAxis else {
      throw error(node, "joins along axis \(axis); only channels can be joined")
    }
    return try append(node, .concatenate)
  }

  private mutating func addition(_ node: ONNXNode) throws(ONNXError) -> Value {
    guard node.inputs.count == 2, case .activation? = values[node.inputs[0]], case .activation? = values[node.inputs[1]]
    else { throw error(node, "adds something other than two activations") }
    return try append(node, .add(.none))
  }

  private mutating func slice(_ node: ONNXNode) throws(ONNXError) -> Value {
    let (value, layout) = try activation(node, 0)
    var operands: [[Int]] = []
    for index in node.inputs.indices.dropFirst() {
      guard case .integers(let array)? = values[node.inputs[index]] else {
        throw error(node, "has bounds that are computed from the image")
      }
      operands.append(array.values)
    }
    let bounds = node.sliceOperands(operands)
    guard bounds.starts.count == 1, bounds.ends.count == 1, bounds.steps == [1], bounds.axes.count == 1,
      bounds.axes[0] == layout.channelAxis || bounds.axes[0] + 4 == layout.channelAxis
    else { throw error(node, "cuts something other than one range of channels") }
    let channels = clampedRange(bounds.starts[0], bounds.ends[0], count: shapes[value].channels)
    guard !channels.isEmpty else { throw error(node, "leaves no channel") }
    return try append(node, .slice(channels), count: 1)
  }

  // MARK: Building

  /// Appends a layer that reads the node's inputs, all of them or the first `count`.
  private mutating func append(
    _ node: ONNXNode, _ operation: Operation, count: Int? = nil
  ) throws(ONNXError) -> Value {
    var inputs: [Int] = []
    var layouts: [Layout] = []
    for index in node.inputs.indices.prefix(count ?? (operation.readsAllInputs ? node.inputs.count : 1)) {
      let (value, layout) = try activation(node, index)
      inputs.append(value)
      layouts.append(layout)
    }
    guard let layout = layouts.first, layouts.allSatisfy({ $0 == layout }) else {
      throw error(node, "mixes N x C x H x W and N x H x W x C")
    }
    return try append(node, name: unique(node.label), operation, inputs, layout)
  }

  private mutating func append(
    _ node: ONNXNode, name: String, _ operation: Operation, _ inputs: [Int], _ layout: Layout = .channelsFirst
  ) throws(ONNXError) -> Value {
    let layer = Layer(name: name, operation: operation, inputs: inputs)
    do throws(GraphError) {
      guard graph.layers.count < Graph.maximumLayers else { throw .tooManyLayers }
      shapes.append(try layer.shape(reading: shapes))
    } catch {
      throw .graph(reason: error.description, nextStep: "export the network again, or convert it for another size")
    }
    graph.layers.append(layer)
    graph.output = graph.layers.count
    return .activation(graph.layers.count, layout)
  }

  private mutating func addParameters(
    _ name: String, shape: [Int], weights: [Float], _ bias: [Float]
  ) -> Operation.Parameters {
    parameters.append(Parameters(name: name + ".weights", shape: shape, values: weights))
    parameters.append(Parameters(name: name + ".bias", shape: [bias.count], values: bias))
    return Operation.Parameters(weights: parameters.count - 2, bias: parameters.count - 1)
  }

  private mutating func unique(_ name: String) -> String {
    var candidate = name
    var number = 2
    while !layerNames.insert(candidate).inserted {
      candidate = "\(name)#\(number)"
      number += 1
    }
    return candidate
  }

  // MARK: Operands

  private func activation(_ node: ONNXNode, _ index: Int) throws(ONNXError) -> (Int, Layout) {
    guard node.inputs.indices.contains(index), case .activation(let value, let layout)? = values[node.inputs[index]]
    else { throw error(node, "has no activation as input \(index)") }
    return (value, layout)
  }

  private func channelsFirst(_ node: ONNXNode) throws(ONNXError) -> Int {
    let (value, layout) = try activation(node, 0)
    guard layout == .channelsFirst else { throw error(node, "does not work on N x C x H x W") }
    return value
  }

  private func floats(_ node: ONNXNode, _ index: Int) throws(ONNXError) -> (values: [Float], shape: [Int]) {
    guard node.inputs.indices.contains(index), case .floats(let values, let shape)? = values[node.inputs[index]] else {
      throw error(node, "has no constant floats as input \(index)")
    }
    return (values, shape)
  }

  private func error(_ node: ONNXNode, _ reason: String) -> ONNXError {
    .node(operation: node.operation, name: node.label, reason: reason)
  }
}

extension Operation {
  fileprivate var readsAllInputs: Bool {
    switch self {
    case .add, .concatenate: true
    default: false
    }
  }
}

extension ONNXTensor {
  fileprivate var value: GraphBuilder.Value {
    switch values {
    case .floats(let floats): .floats(floats, shape: shape)
    case .integers(let integers): .integers(IntegerArray(values: integers, isScalar: shape.isEmpty))
    }
  }
}

extension ONNXGraph {
  struct ImageInput {
    var name: String
    var layout: GraphBuilder.Layout
    var channels: Int
    /// Nil if any will do.
    var height: Int?
    var width: Int?
  }

  /// The one input that is no parameter: an image of 3 channels, in either order of axes.
  func imageInput() throws(ONNXError) -> ImageInput {
    let parameters = Set(initializers.map(\.name))
    let inputs = inputs.filter { !parameters.contains($0.name) }
    let nextStep = "export the network with one input of N x 3 x H x W or N x H x W x 3"
    guard inputs.count == 1, let input = inputs.first else {
      throw .graph(reason: "the graph has \(inputs.count) inputs", nextStep: nextStep)
    }
    let shape = input.shape
    guard shape.count == 4, shape[0] == nil || shape[0] == 1 else {
      throw .graph(reason: "the input '\(input.name)' is not one image of four axes", nextStep: nextStep)
    }
    if let channels = shape[1], channels == 3 || shape[3] != 3 {
      return ImageInput(
        name: input.name, layout: .channelsFirst, channels: channels, height: shape[2], width: shape[3])
    }
    guard let channels = shape[3] else {
      throw .graph(reason: "the input '\(input.name)' does not say how many channels it has", nextStep: nextStep)
    }
    return ImageInput(name: input.name, layout: .channelsLast, channels: channels, height: shape[1], width: shape[2])
  }
}
