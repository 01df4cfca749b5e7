import Files
import KernelInterface

extension Model {
  /// Reads a model file by mapping it: its tensors are used where they lie. The file must not be changed while the model
  /// is in use.
  ///
  /// - Throws: `ModelError`, which names the file.
  public init(path: String) throws(ModelError) {
    let file: MappedFile
    do {
      file = try MappedFile(path)
    } catch {
      throw ModelError(file: path, reason: error.reason, nextStep: error.nextStep)
    }
    do { try self.init(TensorStorage(borrowing: file.bytes, owner: file)) } catch {
      throw ModelError(file: path, error)
    }
  }

  /// Reads a model file that lies in memory for as long as the process lives, such as one embedded in the binary. It is
  /// used in place if it starts at a multiple of 64 bytes, else copied.
  ///
  /// - Parameter name: what error messages call it.
  /// - Throws: `ModelError`.
  public init(static bytes: UnsafeRawBufferPointer, name: String) throws(ModelError) {
    let isAligned = UInt(bitPattern: bytes.baseAddress) % UInt(ModelFile.alignment) == 0
    let storage =
      isAligned ? TensorStorage(borrowing: bytes, owner: nil) : TensorStorage(copying: bytes)
    do { try self.init(storage) } catch { throw ModelError(file: name, error) }
  }

  /// Reads a model file from a copy of these bytes.
  ///
  /// - Throws: `ModelProblem`.
  public init(serialized bytes: [UInt8]) throws(ModelProblem) {
    try self.init(bytes.withUnsafeBytes { TensorStorage(copying: $0) })
  }

  private init(_ storage: TensorStorage) throws(ModelProblem) {
    let file = storage.bytes
    var (reader, version) = try ModelFile.headerReader(file)
    let headerSize = reader.remaining
    reader.place = "its metadata"
    var metadata: [String: String] = [:]
    let entries = try reader.list { (reader) throws(ModelProblem) in (try reader.string(), try reader.string()) }
    for (key, value) in entries {
      guard metadata.updateValue(value, forKey: key) == nil else { throw .duplicateName(key) }
    }
    reader.place = "its input policy"
    let input = try reader.inputPolicy()
    reader.place = "its output encoding"
    let output = try reader.outputEncoding(version: version)
    reader.place = "its tensors"
    // Tensors lie in the order of the table, so that none can overlap another.
    var end = ModelFile.prefixSize + headerSize
    let tensors = try reader.list { (reader) throws(ModelProblem) in
      try reader.tensor(in: storage, after: &end)
    }
    guard end == file.count else { throw .size(expected: UInt64(end), actual: file.count) }
    reader.place = "its graph"
    let inputChannels = try reader.count()
    let inputRange = try reader.range(version: version)
    let layers = try reader.list { (reader) throws(ModelProblem) in try reader.layer(version: version) }
    let graphOutput = try reader.count()
    guard reader.remaining == 0 else { throw .header("its end") }
    try self.init(
      metadata: metadata, input: input, output: output,
      graph: Graph(inputChannels: inputChannels, inputRange: inputRange, layers: layers, output: graphOutput),
      tensors: tensors)
  }
}

extension ModelFile {
  /// A reader of the header, once the prefix is seen to be right, and the file's version.
  fileprivate static func headerReader(
    _ file: UnsafeRawBufferPointer
  ) throws(ModelProblem) -> (reader: ByteReader, version: UInt32) {
    guard file.count >= magic.count, file.prefix(magic.count).elementsEqual(magic) else { throw .notAModel }
    guard file.count >= prefixSize else { throw .size(expected: UInt64(prefixSize), actual: file.count) }
    var prefix = ByteReader(file, from: magic.count)
    let version = try prefix.integer(UInt32.self)
    guard (1...self.version).contains(version) else { throw .version(version) }
    let headerSize = try prefix.count()
    let fileSize = try prefix.integer(UInt64.self)
    guard fileSize == UInt64(file.count) else { throw .size(expected: fileSize, actual: file.count) }
    let hash = try prefix.integer(UInt64.self)
    guard try prefix.take(prefixSize - prefix.position).allSatisfy({ $0 == 0 }) else { throw .header("byte 32") }
    guard hash == XXHash64.hash(UnsafeRawBufferPointer(rebasing: file[prefixSize...])) else { throw .corrupt }
    guard headerSize <= file.count - prefixSize else { throw .header("its length") }
    return (ByteReader(UnsafeRawBufferPointer(rebasing: file[prefixSize..<prefixSize + headerSize])), version)
  }
}

extension ByteReader {
  fileprivate mutating func inputPolicy() throws(ModelProblem) -> InputPolicy {
    let size: InputPolicy.Size =
      switch try value(ModelFile.SizeCode.self) {
      case .squash: .squash(width: try count(), height: try count())
      case .longestSide: .longestSide(try count(), multiple: try count())
      case .scale: .scale(factor: try double(), multiple: try count())
      case .area: .area(side: try count(), multiple: try count())
      }
    let resampling = try value(InputPolicy.Resampling.self)
    let scale = try float()
    let mean = [try float(), try float(), try float()]
    let deviation = [try float(), try float(), try float()]
    return InputPolicy(size: size, resampling: resampling, scale: scale, mean: mean, deviation: deviation)
  }

  fileprivate mutating func outputEncoding(version: UInt32) throws(ModelProblem) -> OutputEncoding {
    var encoding = OutputEncoding(
      heatChannel: try count(), heatIsLogit: try bool(), tangent: try value(OutputEncoding.Tangent.self),
      tangentChannel: try count(), angleIsLogit: try bool())
    if version >= 2, try bool() {
      encoding.endChannel = try count()
      encoding.endIsLogit = try bool()
      if version >= 3 {
        let channel = try count()
        encoding.stopChannel = channel == ModelFile.noChannel ? nil : channel
        encoding.stopIsLogit = try bool()
      }
    }
    return encoding
  }

  /// A tensor that starts at or after `end`, which moves to its own end.
  fileprivate mutating func tensor(in storage: TensorStorage, after end: inout Int) throws(ModelProblem) -> Tensor {
    let name = try string()
    let type = try value(ElementType.self)
    let shape = try list { (reader) throws(ModelProblem) in try reader.count() }
    let offset = try integer(UInt64.self)
    var byteCount = type.size
    for side in shape {
      let (product, overflow) = byteCount.multipliedReportingOverflow(by: side)
      if overflow { throw .tensorPlace(tensor: name, "is larger than any memory") }
      byteCount = product
    }
    guard offset % UInt64(ModelFile.alignment) == 0 else {
      throw .tensorPlace(tensor: name, "does not start at a multiple of \(ModelFile.alignment) bytes")
    }
    guard byteCount <= storage.bytes.count, offset <= UInt64(storage.bytes.count - byteCount) else {
      throw .tensorPlace(tensor: name, "reaches past the end of the file")
    }
    guard Int(offset) >= end else { throw .tensorPlace(tensor: name, "overlaps what lies before it") }
    end = Int(offset) + byteCount
    return Tensor(name: name, elementType: type, shape: shape, storage: storage, byteRange: Int(offset)..<end)
  }

  fileprivate mutating func layer(version: UInt32) throws(ModelProblem) -> Layer {
    let name = try string()
    place = "layer '\(name)'"
    let inputs = try list { (reader) throws(ModelProblem) in try reader.count() }
    let range = try range(version: version)
    let operation: Operation
    switch try value(ModelFile.OperationCode.self) {
    case .convolution:
      let shape = ConvolutionShape(
        kernel: try count(), stride: try count(), inputChannels: try count(), outputChannels: try count())
      operation = .convolution(shape, try parameters(), try value(Activation.self))
    case .depthwiseConvolution:
      operation = .depthwiseConvolution(
        stride: try count(), channels: try count(), try parameters(), try value(Activation.self))
    case .maxPool: operation = .maxPool
    case .upsample: operation = .upsample(try value(Operation.Interpolation.self))
    case .depthToSpace:
      operation = .depthToSpace(DepthToSpace(block: try count(), order: try value(DepthToSpace.Order.self)))
    case .concatenate: operation = .concatenate
    case .add: operation = .add(try value(Activation.self))
    case .slice:
      let lower = try count()
      let upper = try count()
      guard lower < upper else { throw .header(place) }
      operation = .slice(lower..<upper)
    case .activate: operation = .activate(try value(Activation.self))
    }
    return Layer(name: name, operation: operation, inputs: inputs, outputRange: range)
  }

  private mutating func parameters() throws(ModelProblem) -> Operation.Parameters {
    let weights = try count()
    let bias = try count()
    return .init(weights: weights, bias: bias, scales: try bool() ? try count() : nil)
  }

  fileprivate mutating func range(version: UInt32) throws(ModelProblem) -> ActivationRange? {
    guard try bool() else { return nil }
    var range = ActivationRange(lower: try float(), upper: try float())
    if version >= 5 { range.steps = try integer(UInt8.self) }
    return range
  }
}
