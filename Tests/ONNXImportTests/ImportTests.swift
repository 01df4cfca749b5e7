import KernelInterface
import ModelFormat
import Testing

@testable import ONNXImport

@Suite struct ImportTests {
  private let options: ONNXImport.Options = {
    var options = ONNXImport.Options()
    options.size = .squash(width: 32, height: 16)
    return options
  }()

  private func convert(_ writer: ONNXWriter) throws -> Model { try ONNXImport.model(writer.bytes, options: options) }

  private func failure(_ build: (inout ONNXWriter) -> Void) -> ONNXError? {
    var writer = ONNXWriter()
    build(&writer)
    do {
      _ = try ONNXImport.model(writer.bytes, options: options)
      return nil
    } catch {
      return error
    }
  }

  // MARK: What becomes of a network

  @Test func weightsAreReordered() throws {
    var writer = ONNXWriter()
    // Output o, input i, tap t has the value 100 o + 10 i + t.
    var values: [Float] = []
    for o in 0..<2 { for i in 0..<3 { for t in 0..<9 { values.append(Float(100 * o + 10 * i + t)) } } }
    writer.tensor("w", [2, 3, 3, 3], values)
    writer.node("Conv", ["image", "w"], "maps", ["pads": .integers([1, 1, 1, 1])])
    let model = try convert(writer)
    let weights = model.tensors[0]
    #expect(weights.shape == [2, 3, 3, 3])
    var expected: [Float] = []
    for o in 0..<2 { for t in 0..<9 { for i in 0..<3 { expected.append(Float(100 * o + 10 * i + t)) } } }
    #expect(weights.withFloats { Array($0) } == expected)
    #expect(model.tensors[1].withFloats { Array($0) } == [0, 0])
  }

  @Test func residualBlocksAreFused() throws {
    var writer = ONNXWriter()
    writer.convolution("image", "a", 3, 2)
    writer.node("Relu", ["a"], "ra")
    writer.convolution("ra", "b", 2, 2)
    writer.node("Add", ["ra", "b"], "sum")
    writer.node("Relu", ["sum"], "rsum")
    writer.convolution("rsum", "maps", 2, 2)
    let graph = try convert(writer).graph
    #expect(graph.layers.map(\.name) == ["node a", "node b", "node maps"])
    #expect(graph.layers.map(\.inputs) == [[0], [1, 1], [2]])
    let activations = graph.layers.map { layer in
      if case .convolution(_, _, let activation) = layer.operation { return activation }
      return Activation.sigmoid
    }
    #expect(activations == [.relu, .relu, .none])
    #expect(graph.output == 3)
  }

  @Test func whatSomethingElseReadsIsNotFused() throws {
    var writer = ONNXWriter()
    writer.convolution("image", "a", 3, 2)
    writer.node("Relu", ["a"], "ra")
    writer.node("Add", ["a", "ra"], "maps")
    #expect(try convert(writer).graph.layers.map(\.operation).count == 3)
  }

  @Test func anAddendMayComeLater() throws {
    var writer = ONNXWriter()
    writer.convolution("image", "a", 3, 2)
    writer.node("MaxPool", ["image"], "pool", ["kernel_shape": .integers([2, 2]), "strides": .integers([2, 2])])
    writer.integers("sizes", [1, 3, 16, 32])
    writer.node(
      "Resize", ["pool", "", "", "sizes"], "up",
      [
        "mode": .string("nearest"),
        "coordinate_transformation_mode": .string("asymmetric"), "nearest_mode": .string("floor"),
      ])
    writer.convolution("up", "b", 3, 2)
    writer.node("Relu", ["b"], "rb")
    writer.node("Add", ["a", "rb"], "maps")
    let graph = try convert(writer).graph
    #expect(graph.layers.map(\.name) == ["node pool", "node up", "node b", "node a"])
    #expect(graph.layers[3].inputs == [0, 3])
  }

  @Test(arguments: ["DCR", "CRD", nil])
  func pixelsMadeOfChannelsKeepTheOrderOfMemory(mode: String?) throws {
    var writer = ONNXWriter()
    // Output channel o of 12 has the weight 100 o and the bias o.
    writer.tensor("w", [12, 3, 1, 1], (0..<12).flatMap { [Float](repeating: 100 * Float($0), count: 3) })
    writer.tensor("b", [12], (0..<12).map { Float($0) })
    writer.node("Conv", ["image", "w", "b"], "a")
    var attributes = ["blocksize": ONNXWriter.Attribute.integer(2)]
    if let mode { attributes["mode"] = .string(mode) }
    writer.node("DepthToSpace", ["a"], "shuffled", attributes)
    writer.node("Relu", ["shuffled"], "maps")
    let model = try convert(writer)
    #expect(model.graph.layers.map(\.name) == ["node a", "node shuffled"])
    #expect(model.graph.layers[1].operation == .depthToSpace(DepthToSpace(block: 2, order: .pixelsFirst)))
    guard case .convolution(_, _, .relu) = model.graph.layers[0].operation else {
      Issue.record("the activation is not the convolution's")
      return
    }
    let order: [Float] = mode == "CRD" ? [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11] : (0..<12).map { Float($0) }
    #expect(model.tensors[1].withFloats { Array($0) } == order)
    #expect(model.tensors[0].withFloats { Array($0) } == order.flatMap { [100 * $0, 100 * $0, 100 * $0] })
  }

  @Test func pixelsMadeOfWhatElseIsReadKeepTheirOrder() throws {
    var writer = ONNXWriter()
    writer.convolution("image", "a", 3, 8)
    writer.node("DepthToSpace", ["a"], "b", ["blocksize": .integer(2), "mode": .string("CRD")])
    writer.convolution("a", "c", 8, 8)
    writer.node("DepthToSpace", ["c"], "d", ["blocksize": .integer(2)])
    writer.node("Concat", ["b", "d"], "maps", ["axis": .integer(1)])
    let operations = try convert(writer).graph.layers.map(\.operation)
    #expect(operations.contains(.depthToSpace(DepthToSpace(block: 2, order: .channelsFirst))))
    #expect(operations.contains(.depthToSpace(DepthToSpace(block: 2, order: .pixelsFirst))))
  }

  /// A normalization by (x - 0) * 10 + 0 of what a convolution makes, by another name; `sum` reads both or the second alone.
  private func normalized(behind operation: String, sum inputs: [String]) throws -> Model {
    var writer = ONNXWriter()
    writer.convolution("image", "a", 3, 2)
    writer.node(operation, ["a"], "b")
    for (name, value) in [("scale", 10), ("shift", 0), ("mean", 0), ("variance", 1)] as [(String, Float)] {
      writer.tensor(name, [2], [value, value])
    }
    writer.node("BatchNormalization", ["b", "scale", "shift", "mean", "variance"], "c")
    writer.node("Concat", inputs, "maps", ["axis": .integer(1)])
    return try convert(writer)
  }

  @Test(arguments: ["Identity", "Dropout"])
  func aNormalizationIsNotFoldedIntoWhatIsReadByAnotherName(operation: String) throws {
    let folded = try normalized(behind: operation, sum: ["c", "c"])
    #expect(folded.tensors[1].withFloats { Array($0) }.allSatisfy { abs($0 - 5) < 1e-3 })
    #expect(throws: ONNXError.self) { try normalized(behind: operation, sum: ["a", "c"]) }
  }

  @Test func aShapeMayBePartOfOne() throws {
    func model(_ range: [String: ONNXWriter.Attribute]) throws -> Model {
      var writer = ONNXWriter()
      writer.convolution("image", "a", 3, 2)
      writer.node("MaxPool", ["a"], "pool", ["kernel_shape": .integers([2, 2]), "strides": .integers([2, 2])])
      writer.node("Shape", ["a"], "sizes", range)
      writer.integers("first", [1, 2])
      writer.node("Concat", ["first", "sizes"], "all", ["axis": .integer(0)])
      writer.node(
        "Resize", ["pool", "", "", "all"], "maps",
        [
          "mode": .string("nearest"),
          "coordinate_transformation_mode": .string("asymmetric"), "nearest_mode": .string("floor"),
        ])
      return try convert(writer)
    }
    for range in [["start": 2], ["start": -2, "end": 4], ["start": 2, "end": 9]] {
      #expect(try model(range.mapValues { .integer($0) }).graph.layers.last?.operation == .upsample(.nearest))
    }
    #expect(throws: ONNXError.self) { try model([:]) }
  }

  @Test func tooManyLayersAreRefusedAtOnce() {
    let error = failure { writer in
      writer.convolution("image", "0", 3, 2)
      for index in 0..<5000 { writer.node("Sigmoid", ["\(index)"], index == 4999 ? "maps" : "\(index + 1)") }
    }
    guard case .graph(let reason, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason == "the graph has more than 4096 layers")
  }

  @Test func deadBranchesAreLeftOut() throws {
    var writer = ONNXWriter()
    writer.convolution("image", "a", 3, 2)
    writer.convolution("a", "dead", 2, 7)
    writer.node("Sigmoid", ["a"], "maps")
    #expect(try convert(writer).graph.layers.map(\.name) == ["node a"])
  }

  // MARK: Encodings

  private func encoding(_ channels: Int, isSigmoid: Bool, _ change: (inout ONNXImport.Options) -> Void = { _ in })
    throws
    -> OutputEncoding
  {
    var writer = ONNXWriter()
    writer.convolution("image", isSigmoid ? "a" : "maps", 3, channels)
    if isSigmoid { writer.node("Sigmoid", ["a"], "maps") }
    var options = options
    change(&options)
    return try ONNXImport.model(writer.bytes, options: options).output
  }

  @Test func encodingFollowsTheChannels() throws {
    #expect(try encoding(2, isSigmoid: true) == OutputEncoding(tangent: .angle))
    #expect(
      try encoding(2, isSigmoid: false) == OutputEncoding(heatIsLogit: true, tangent: .angle, angleIsLogit: true))
    #expect(try encoding(3, isSigmoid: false) == OutputEncoding(heatIsLogit: true, tangent: .doubledAngle))
    #expect(try encoding(3, isSigmoid: false) { $0.isLogit = false } == OutputEncoding(tangent: .doubledAngle))
    #expect(try encoding(3, isSigmoid: true) { $0.tangent = .angle } == OutputEncoding(tangent: .angle))
    for channels in [4, 6] {
      #expect(
        try encoding(channels, isSigmoid: false)
          == OutputEncoding(heatIsLogit: true, tangent: .doubledAngle, endChannel: 3, endIsLogit: true))
    }
    #expect(try encoding(4, isSigmoid: true) == OutputEncoding(tangent: .doubledAngle, endChannel: 3))
    #expect(
      try encoding(8, isSigmoid: false)
        == OutputEncoding(
          heatIsLogit: true, tangent: .doubledAngle, endChannel: 3, endIsLogit: true, stopChannel: 4, stopIsLogit: true)
    )
    #expect(try encoding(8, isSigmoid: true) { $0.ends = false } == OutputEncoding(tangent: .doubledAngle))
    #expect(try encoding(4, isSigmoid: true) { $0.ends = false } == OutputEncoding(tangent: .doubledAngle))
    #expect(try encoding(4, isSigmoid: true) { $0.tangent = .angle } == OutputEncoding(tangent: .angle))
    #expect(throws: ONNXError.self) { try encoding(3, isSigmoid: true) { $0.ends = true } }
    #expect(throws: ONNXError.self) { try encoding(1, isSigmoid: true) }
    #expect(throws: ONNXError.self) { try encoding(2, isSigmoid: true) { $0.tangent = .doubledAngle } }
  }

  @Test func sigmoidsOfHeatAndEndsAreLeftToTheDecoder() throws {
    /// The channels from each of `cuts` to the next, through a sigmoid where `isSigmoid` says so, joined.
    func model(_ cuts: [Int], _ isSigmoid: [Bool]) throws -> Model {
      var writer = ONNXWriter()
      writer.convolution("image", "a", 3, cuts.last ?? 0)
      writer.integers("axis", [1])
      var parts: [String] = []
      for (index, start) in cuts.dropLast().enumerated() {
        writer.integers("\(index).start", [start])
        writer.integers("\(index).end", [cuts[index + 1]])
        writer.node("Slice", ["a", "\(index).start", "\(index).end", "axis"], "\(index).logit")
        if isSigmoid[index] { writer.node("Sigmoid", ["\(index).logit"], "\(index).sigmoid") }
        parts.append(isSigmoid[index] ? "\(index).sigmoid" : "\(index).logit")
      }
      writer.node("Concat", parts, "maps", ["axis": .integer(1)])
      return try convert(writer)
    }
    let folded = try model([0, 1, 3, 4, 6], [true, false, true, false])
    #expect(folded.graph.layers.map(\.name) == ["node a"])
    #expect(
      folded.output == OutputEncoding(heatIsLogit: true, tangent: .doubledAngle, endChannel: 3, endIsLogit: true))
    let bare = try model([0, 1, 3, 4, 6], [false, false, true, false])
    #expect(bare.graph.layers.map(\.name) == ["node a"])
    #expect(bare.output == folded.output)
    // Sigmoids that are neither's stay where they are.
    for isSigmoid in [[true, false, true, true], [true, true, true, false]] {
      #expect(try model([0, 1, 3, 4, 6], isSigmoid).graph.layers.count > 1)
    }
    let stops = try model([0, 1, 3, 8], [true, false, true])
    #expect(stops.graph.layers.map(\.name) == ["node a"])
    #expect(
      stops.output
        == OutputEncoding(
          heatIsLogit: true, tangent: .doubledAngle, endChannel: 3, endIsLogit: true, stopChannel: 4, stopIsLogit: true)
    )
    // Not if some stops are logits and others not.
    #expect(throws: ONNXError.self) { try model([0, 1, 3, 6, 8], [true, false, true, false]) }
    let wide = try model([0, 1, 3, 6], [true, false, true])
    #expect(wide.graph.layers.count > 1 && wide.output == OutputEncoding(tangent: .doubledAngle, endChannel: 3))
  }

  @Test func heatsOwnSigmoidIsLeftToTheDecoder() throws {
    func model(_ start: Int, _ end: Int) throws -> Model {
      var writer = ONNXWriter()
      writer.convolution("image", "a", 3, 3)
      for (name, values) in [("zero", [0]), ("one", [1]), ("start", [start]), ("end", [end])] {
        writer.integers(name, values)
      }
      writer.node("Slice", ["a", "zero", "one", "one"], "logit")
      writer.node("Sigmoid", ["logit"], "heat")
      writer.node("Slice", ["a", "start", "end", "one"], "tangent")
      writer.node("Concat", ["heat", "tangent"], "maps", ["axis": .integer(1)])
      return try convert(writer)
    }
    let folded = try model(1, 3)
    #expect(folded.graph.layers.map(\.name) == ["node a"])
    #expect(folded.output.heatIsLogit)
    // Channels that do not come in order have to be put there.
    let kept = try model(0, 2)
    #expect(kept.graph.layers.count == 5)
    #expect(!kept.output.heatIsLogit)
  }

  @Test func sizesComeFromTheFileOrTheOptions() throws {
    var writer = ONNXWriter()
    writer.convolution("image", "maps", 3, 2)
    #expect(try convert(writer).input.size == .squash(width: 32, height: 16))
    #expect(throws: ONNXError.self) { try ONNXImport.model(writer.bytes) }
    writer.input = [1, 3, 24, 40]
    #expect(try ONNXImport.model(writer.bytes).input.size == .squash(width: 40, height: 24))
  }

  // MARK: Refusals

  @Test func unsupportedOperatorsAreAllNamed() {
    let error = failure { writer in
      writer.node("LeakyRelu", ["image"], "a")
      writer.node("ConvTranspose", ["a"], "b")
      writer.node("LeakyRelu", ["b"], "c")
      writer.node("Conv", ["c"], "maps", domain: "com.example")
    }
    #expect(
      error?.reason == "operators that are not supported: Conv ('node maps'), ConvTranspose ('node b'), "
        + "LeakyRelu ('node a' and 1 more)")
  }

  @Test(arguments: [
    ("strides", ONNXWriter.Attribute.integers([3, 3])), ("strides", .integers([1, 2])),
    ("dilations", .integers([2, 2])), ("pads", .integers([0, 0, 0, 0])), ("pads", .integers([0, 0, 1, 1])),
    ("group", .integer(3)), ("auto_pad", .string("VALID")),
  ])
  func convolutionsOfOtherKindsAreRefused(name: String, value: ONNXWriter.Attribute) {
    let error = failure { $0.convolution("image", "maps", 3, 2, [name: value]) }
    guard case .node("Conv", "node maps", _) = error else {
      Issue.record("\(name): \(String(describing: error))")
      return
    }
  }

  @Test func otherNodesAreRefused() {
    func isRefused(
      _ operation: String, _ attributes: [String: ONNXWriter.Attribute], inputs: [String] = [],
      _ prepare: (inout ONNXWriter) -> Void = { _ in }
    ) -> Bool {
      let error = failure { writer in
        writer.convolution("image", "a", 3, 4)
        prepare(&writer)
        writer.node(operation, ["a"] + inputs, "maps", attributes)
      }
      if case .node(operation, "node maps", _) = error { return true }
      return false
    }
    #expect(isRefused("MaxPool", ["kernel_shape": .integers([3, 3]), "strides": .integers([2, 2])]))
    #expect(isRefused("MaxPool", ["kernel_shape": .integers([2, 2])]))
    #expect(isRefused("Concat", ["axis": .integer(2)], inputs: ["a"]))
    #expect(isRefused("Transpose", ["perm": .integers([0, 1, 3, 2])]))
    #expect(isRefused("Add", [:], inputs: ["c"]) { $0.tensor("c", [1]) })
    #expect(isRefused("Resize", ["mode": .string("cubic")], inputs: ["", "s"]) { $0.tensor("s", [4], [1, 1, 2, 2]) })
    #expect(
      isRefused("Resize", ["mode": .string("nearest")], inputs: ["", "s"]) { $0.tensor("s", [4], [1, 1, 3, 3]) })
    #expect(
      isRefused(
        "Resize", ["mode": .string("linear"), "coordinate_transformation_mode": .string("align_corners")],
        inputs: ["", "s"]
      ) { $0.tensor("s", [4], [1, 1, 2, 2]) })
    #expect(
      isRefused(
        "Resize",
        [
          "mode": .string("nearest"), "coordinate_transformation_mode": .string("half_pixel"),
          "nearest_mode": .string("floor"),
        ], inputs: ["", "s"]
      ) { $0.tensor("s", [4], [1, 1, 2, 2]) })
    #expect(isRefused("DepthToSpace", [:]))
    #expect(isRefused("DepthToSpace", ["blocksize": .integer(2), "mode": .string("RDC")]))
    #expect(isRefused("Mul", [:], inputs: ["a"]))
    #expect(isRefused("BatchNormalization", [:], inputs: ["s"]) { $0.tensor("s", [4]) })
  }

  @Test func tensorsOfOtherKindsAreRefused() {
    for (type, isExternal, shape, name) in [
      (10, false, [2, 3, 3, 3], "half"), (1, true, [2, 3, 3, 3], "elsewhere"), (1, false, [-1, 3], "negative"),
      (1, false, [1 << 40, 1 << 40], "huge"), (1, false, [5], "short"),
    ] {
      let error = failure { $0.tensor(name, shape, [1, 2], type: type, isExternal: isExternal) }
      guard case .tensor(name, _) = error else {
        Issue.record("\(name): \(String(describing: error))")
        continue
      }
    }
  }

  @Test func graphsOfOtherKindsAreRefused() {
    func isGraphError(_ build: (inout ONNXWriter) -> Void) -> Bool {
      if case .graph = failure(build) { return true }
      return false
    }
    for block in [3, 0, -2, 1 << 40] {
      #expect(
        isGraphError {
          $0.convolution("image", "a", 3, 4)
          $0.node("DepthToSpace", ["a"], "maps", ["blocksize": .integer(block)])
        })
    }
    #expect(isGraphError { $0.inputs = [] })
    #expect(isGraphError { $0.inputs = ["image", "other"] })
    #expect(isGraphError { $0.outputs = ["image"] })
    #expect(isGraphError { $0.outputs = [] })
    #expect(isGraphError { $0.input = [1, 3] })
    #expect(isGraphError { $0.input = [4, 3, 8, 8] })
    #expect(isGraphError { $0.input = [1, nil, 8, nil] })
    #expect(
      isGraphError {
        $0.input = [1, 1, 8, 8]
        $0.convolution("image", "maps", 1, 2)
      })
  }

  @Test func damagedFilesNeverTrap() throws {
    var writer = ONNXWriter()
    writer.convolution("image", "a", 3, 2)
    writer.node("Relu", ["a"], "ra")
    writer.integers("one", [1])
    writer.node("Slice", ["ra", "one", "one", "one"], "maps")
    let bytes = writer.bytes
    for count in 0..<bytes.count { #expect(throws: ONNXError.self) { try ONNXImport.model(Array(bytes[..<count])) } }
    for index in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[index] ^= 1 << bit
        _ = try? ONNXImport.model(damaged, options: options)
      }
    }
    #expect(throws: ONNXError.damaged) { try ONNXImport.model(Array("not a network".utf8)) }
  }
}
