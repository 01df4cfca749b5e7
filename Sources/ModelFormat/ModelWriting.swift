import Files

extension Model {
  /// Writes the model file, whole or not at all.
  ///
  /// - Throws: `FileError`.
  public func write(to path: String) throws(FileError) {
    try File.write(serialized(), to: path)
  }

  /// The bytes of the model file; the same model always gives the same bytes.
  public func serialized() -> [UInt8] {
    let (content, headerSize) = content()
    var file = ByteWriter()
    for byte in ModelFile.magic { file.integer(byte) }
    file.integer(fileVersion)
    file.count(headerSize)
    file.integer(UInt64(ModelFile.prefixSize + content.count))
    file.integer(content.withUnsafeBytes { XXHash64.hash($0) })
    file.pad(to: ModelFile.prefixSize)
    return file.bytes + content
  }

  /// What follows the prefix: the header, of the size given, and the tensors.
  private func content() -> (bytes: [UInt8], headerSize: Int) {
    // The table holds offsets that depend on the header's length, which does not depend on the offsets.
    let headerSize = header(offsets: Array(repeating: 0, count: tensors.count)).count
    var offsets: [Int] = []
    var end = ModelFile.prefixSize + headerSize
    for tensor in tensors {
      let offset = (end + ModelFile.alignment - 1) / ModelFile.alignment * ModelFile.alignment
      offsets.append(offset)
      end = offset + tensor.byteRange.count
    }
    var content = ByteWriter(capacity: end - ModelFile.prefixSize)
    header(offsets: offsets).withUnsafeBytes { content.raw($0) }
    for tensor in tensors {
      content.pad(to: ModelFile.alignment)
      tensor.withBytes { content.raw($0) }
    }
    return (content.bytes, headerSize)
  }

  /// The oldest version of the file that can hold the model.
  private var fileVersion: UInt32 {
    if ([graph.inputRange] + graph.layers.map(\.outputRange)).contains(where: { ($0?.steps ?? 255) < 255 }) { return 5 }
    if case .area = input.size { return 4 }
    if output.stopChannel != nil { return 3 }
    let hasDepthToSpace = graph.layers.contains { if case .depthToSpace = $0.operation { true } else { false } }
    return output.endChannel != nil || hasDepthToSpace ? 2 : 1
  }

  /// Names the model: the XXH64 that its file states, in hexadecimal. O(size of the file).
  public var contentHash: String {
    let digits = String(content().bytes.withUnsafeBytes { XXHash64.hash($0) }, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private func header(offsets: [Int]) -> [UInt8] {
    var writer = ByteWriter()
    writer.list(metadata.sorted { $0.key < $1.key }) { writer, entry in
      writer.string(entry.key)
      writer.string(entry.value)
    }
    writer.inputPolicy(input)
    writer.outputEncoding(output, version: fileVersion)
    writer.list(Array(zip(tensors, offsets))) { writer, entry in
      let (tensor, offset) = entry
      writer.string(tensor.name)
      writer.value(tensor.elementType)
      writer.list(tensor.shape) { writer, side in writer.count(side) }
      writer.integer(UInt64(offset))
    }
    writer.count(graph.inputChannels)
    writer.range(graph.inputRange, version: fileVersion)
    writer.list(graph.layers) { writer, layer in writer.layer(layer, version: fileVersion) }
    writer.count(graph.output)
    return writer.bytes
  }
}

extension ByteWriter {
  fileprivate mutating func inputPolicy(_ policy: InputPolicy) {
    switch policy.size {
    case .squash(let width, let height):
      value(ModelFile.SizeCode.squash)
      count(width)
      count(height)
    case .longestSide(let side, let multiple):
      value(ModelFile.SizeCode.longestSide)
      count(side)
      count(multiple)
    case .scale(let factor, let multiple):
      value(ModelFile.SizeCode.scale)
      double(factor)
      count(multiple)
    case .area(let side, let multiple):
      value(ModelFile.SizeCode.area)
      count(side)
      count(multiple)
    }
    value(policy.resampling)
    float(policy.scale)
    for number in policy.mean + policy.deviation { float(number) }
  }

  fileprivate mutating func outputEncoding(_ encoding: OutputEncoding, version: UInt32) {
    count(encoding.heatChannel)
    bool(encoding.heatIsLogit)
    value(encoding.tangent)
    count(encoding.tangentChannel)
    bool(encoding.angleIsLogit)
    guard version >= 2 else { return }
    bool(encoding.endChannel != nil)
    guard let endChannel = encoding.endChannel else { return }
    count(endChannel)
    bool(encoding.endIsLogit)
    guard version >= 3 else { return }
    count(encoding.stopChannel ?? ModelFile.noChannel)
    bool(encoding.stopIsLogit)
  }

  fileprivate mutating func layer(_ layer: Layer, version: UInt32) {
    string(layer.name)
    list(layer.inputs) { writer, input in writer.count(input) }
    range(layer.outputRange, version: version)
    switch layer.operation {
    case .convolution(let shape, let parameters, let activation):
      value(ModelFile.OperationCode.convolution)
      count(shape.kernel)
      count(shape.stride)
      count(shape.inputChannels)
      count(shape.outputChannels)
      self.parameters(parameters)
      value(activation)
    case .depthwiseConvolution(let stride, let channels, let parameters, let activation):
      value(ModelFile.OperationCode.depthwiseConvolution)
      count(stride)
      count(channels)
      self.parameters(parameters)
      value(activation)
    case .maxPool: value(ModelFile.OperationCode.maxPool)
    case .upsample(let interpolation):
      value(ModelFile.OperationCode.upsample)
      value(interpolation)
    case .depthToSpace(let shuffle):
      value(ModelFile.OperationCode.depthToSpace)
      count(shuffle.block)
      value(shuffle.order)
    case .concatenate: value(ModelFile.OperationCode.concatenate)
    case .add(let activation):
      value(ModelFile.OperationCode.add)
      value(activation)
    case .slice(let channels):
      value(ModelFile.OperationCode.slice)
      count(channels.lowerBound)
      count(channels.upperBound)
    case .activate(let activation):
      value(ModelFile.OperationCode.activate)
      value(activation)
    }
  }

  private mutating func parameters(_ parameters: Operation.Parameters) {
    count(parameters.weights)
    count(parameters.bias)
    bool(parameters.scales != nil)
    if let scales = parameters.scales { count(scales) }
  }

  fileprivate mutating func range(_ range: ActivationRange?, version: UInt32) {
    bool(range != nil)
    guard let range else { return }
    float(range.lower)
    float(range.upper)
    if version >= 5 { integer(range.steps) }
  }
}
