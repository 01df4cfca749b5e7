import Files
import Foundation
import KernelInterface
import Testing

@testable import ModelFormat

@Suite struct ModelFileTests {
  @Test(arguments: [
    InputPolicy.Size.squash(width: 384, height: 288), .longestSide(512, multiple: 32), .scale(factor: 0.5, multiple: 8),
    .area(side: 384, multiple: 32),
  ])
  func roundTrip(size: InputPolicy.Size) throws {
    let model = try Model.sample(size: size, metadata: ["name": "sample", "licence": "none – a test"])
    let bytes = model.serialized()
    #expect(try Model(serialized: bytes) == model)
    #expect(try Model(serialized: bytes).serialized() == bytes)
  }

  @Test func modelsWithAnAreaAreOfVersion4() throws {
    #expect(try Model.sample(size: .area(side: 64, multiple: 4)).serialized()[8] == 4)
  }

  @Test func modelsWithAnAreaAndEndsNeedNoStops() throws {
    var model = try Model.sample(size: .area(side: 64, multiple: 4))
    model.graph.layers[7].operation = .slice(0..<3)
    model.output.endChannel = 2
    #expect(try Model(serialized: model.serialized()) == model)
  }

  @Test func modelsWithFewStepsAreOfVersion5() throws {
    for change: (inout Graph) -> Void in [
      { $0.inputRange = ActivationRange(lower: -1, upper: 1, steps: 254) },
      { $0.layers[0].outputRange = ActivationRange(lower: 0, upper: 6, steps: 63) },
    ] {
      var model = try Model.sample()
      change(&model.graph)
      let bytes = model.serialized()
      #expect(bytes[8] == 5)
      #expect(try Model(serialized: bytes) == model)
    }
  }

  @Test func modelsWithEndsAreOfVersion2() throws {
    var model = try Model.sample()
    #expect(model.serialized()[8] == 1)
    // The end channel may be any that is neither heat nor tangent.
    model.graph.layers[7].operation = .slice(0..<3)
    for isLogit in [false, true] {
      (model.output.endChannel, model.output.endIsLogit) = (2, isLogit)
      let bytes = model.serialized()
      #expect(bytes[8] == 2)
      #expect(try Model(serialized: bytes) == model)
      #expect(try Model(serialized: bytes).serialized() == bytes)
    }
    model.output.endChannel = 1
    #expect(throws: ModelProblem.self) { try Model(serialized: model.serialized()) }
  }

  @Test func modelsWithStopsAreOfVersion3() throws {
    var model = try Model.sample()
    model.graph.layers[7].operation = .slice(0..<3)
    // Six channels twice, and three more.
    model.graph.layers.append(Layer(name: "parts", operation: .concatenate, inputs: [8, 8, 8]))
    model.graph.output = model.graph.layers.count
    model.output.endChannel = 3
    for isLogit in [false, true] {
      (model.output.stopChannel, model.output.stopIsLogit) = (5, isLogit)
      let bytes = model.serialized()
      #expect(bytes[8] == 3)
      #expect(try Model(serialized: bytes) == model)
      #expect(try Model(serialized: bytes).serialized() == bytes)
    }
    model.output.stopChannel = 6
    #expect(throws: ModelProblem.self) { try Model(serialized: model.serialized()) }
  }

  @Test(arguments: [DepthToSpace.Order.pixelsFirst, .channelsFirst])
  func depthToSpaceIsOfVersion2(order: DepthToSpace.Order) throws {
    var model = try Model.sample()
    // Eight channels become two at twice the size.
    let parts = Layer(name: "parts", operation: .concatenate, inputs: [6, 6])
    let shuffle = Layer(
      name: "shuffle", operation: .depthToSpace(DepthToSpace(block: 2, order: order)), inputs: [10])
    model.graph.layers += [parts, shuffle]
    model.graph.output = 11
    let bytes = model.serialized()
    #expect(bytes[8] == 2)
    #expect(try Model(serialized: bytes) == model)
    #expect(try Model(serialized: bytes).serialized() == bytes)
    #expect(
      try model.graph.shapes(inputHeight: 23, inputWidth: 36).last == ValueShape(height: 24, width: 36, channels: 2))
    for block in [0, 3, 257, 1 << 30] {
      model.graph.layers[10].operation = .depthToSpace(DepthToSpace(block: block, order: order))
      #expect(throws: ModelProblem.graph(.block(layer: "shuffle", block: block, channels: 8))) {
        try Model(serialized: model.serialized())
      }
    }
  }

  @Test func tensorsAreAlignedAndReadInPlace() throws {
    let bytes = try Model.sample().serialized()
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    defer { memory.deallocate() }
    memory.copyBytes(from: bytes)
    let model = try Model(static: UnsafeRawBufferPointer(memory), name: "memory")
    let range = UInt(bitPattern: memory.baseAddress)..<UInt(bitPattern: memory.baseAddress) + UInt(bytes.count)
    for tensor in model.tensors {
      let address = tensor.withBytes { UInt(bitPattern: $0.baseAddress) }
      #expect(range.contains(address))
      #expect(address % 64 == 0)
    }
  }

  @Test func unalignedMemoryIsCopied() throws {
    let bytes = try Model.sample().serialized()
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count + 4, alignment: 64)
    defer { memory.deallocate() }
    let shifted = UnsafeMutableRawBufferPointer(rebasing: memory[4...])
    shifted.copyBytes(from: bytes)
    #expect(try Model(static: UnsafeRawBufferPointer(shifted), name: "memory") == Model.sample())
  }

  @Test func mapsFiles() throws {
    let name = "model-" + String(UInt64.random(in: 0 ... .max), radix: 36)
    let path = Path.join(FileManager.default.temporaryDirectory.path, name)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Model.sample().write(to: path)
    #expect(try Model(path: path) == Model.sample())
  }

  @Test func errorsNameTheFileAndTheNextStep() throws {
    let missing = #expect(throws: ModelError.self) { try Model(path: "no/such.lsdnet") }
    #expect(missing?.description == "no/such.lsdnet: no such file or folder; check the path")
    let text = Array("this is not a model, but it is long enough to be one, or so it seems".utf8)
    let wrong = #expect(throws: ModelError.self) {
      try text.withUnsafeBytes { try Model(static: $0, name: "text") }
    }
    #expect(wrong?.file == "text")
    #expect(wrong?.nextStep.contains("lsdnet convert") == true)
  }

  @Test func hashNamesTheContent() throws {
    let model = try Model.sample()
    let bytes = model.serialized()
    #expect(model.contentHash.count == 16)
    #expect(
      UInt64(model.contentHash, radix: 16) == bytes.withUnsafeBytes { $0.load(fromByteOffset: 24, as: UInt64.self) })
    #expect(try Model.sample(bias: [0.5, -2]).contentHash != model.contentHash)
  }

  // MARK: Hostile files

  @Test func everyTruncationIsRefused() throws {
    let bytes = try Model.sample().serialized()
    for count in 0..<bytes.count {
      #expect(throws: ModelProblem.self) { try Model(serialized: Array(bytes[..<count])) }
    }
    #expect(throws: ModelProblem.size(expected: UInt64(bytes.count), actual: bytes.count + 1)) {
      try Model(serialized: bytes + [0])
    }
  }

  @Test func everyFlippedBitIsRefused() throws {
    var bytes = try Model.sample().serialized()
    for index in bytes.indices {
      let bit = UInt8(1) << (index % 8)
      bytes[index] ^= bit
      #expect(throws: ModelProblem.self) { try Model(serialized: bytes) }
      bytes[index] ^= bit
    }
  }

  /// A damaged file whose hash was made to match: it may be a valid model of something else, but must never trap.
  @Test func forgedHeadersNeverTrap() throws {
    let original = try Model.sample(metadata: ["a": "b"]).serialized()
    let headerEnd = 64 + Int(original[12]) + Int(original[13]) << 8
    var generator = SplitMix64(state: 7)
    var refused = 0
    for index in 12..<headerEnd {
      for value in [0, 1, 0x7F, 0x80, 0xFF, UInt8(truncatingIfNeeded: generator.next())] {
        var bytes = original
        bytes[index] = value
        if index + 3 < headerEnd, value == 0xFF { for next in index...index + 3 { bytes[next] = 0xFF } }
        sign(&bytes)
        do { _ = try Model(serialized: bytes) } catch { refused += 1 }
      }
    }
    #expect(refused > 1000)
  }

  private func sign(_ bytes: inout [UInt8]) {
    let hash = bytes[64...].withUnsafeBytes { XXHash64.hash($0) }
    withUnsafeBytes(of: hash.littleEndian) { bytes.replaceSubrange(24..<32, with: $0) }
  }

  /// The file with the offset of one tensor changed.
  private func moving(_ name: String, by distance: Int) throws -> [UInt8] {
    var bytes = try Model.sample().serialized()
    let tensor = try #require(try Model.sample().tensors.first { $0.name == name })
    let start = try #require(bytes.firstRange(of: Array(name.utf8)))
    // Name, type, the list of sides, then the offset.
    let place = start.upperBound + 1 + 4 + 4 * tensor.shape.count
    let offset = bytes[place..<place + 8].withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    let moved = UInt64(bitPattern: Int64(bitPattern: offset) &+ Int64(distance))
    withUnsafeBytes(of: moved.littleEndian) { bytes.replaceSubrange(place..<place + 8, with: $0) }
    sign(&bytes)
    return bytes
  }

  @Test(arguments: [
    (4, "does not start at a multiple of 64 bytes"), (-64, "overlaps what lies before it"),
    (1 << 40, "reaches past the end of the file"), (Int.min, "reaches past the end of the file"),
  ])
  func tensorsMustLieWhereTheyMay(distance: Int, reason: String) throws {
    #expect(throws: ModelProblem.tensorPlace(tensor: "head.bias", reason)) {
      try Model(serialized: try moving("head.bias", by: distance))
    }
  }

  @Test func otherVersionsAreRefused() throws {
    var bytes = try Model.sample().serialized()
    for version in [0, 6, 255] as [UInt8] {
      bytes[8] = version
      #expect(throws: ModelProblem.version(UInt32(version))) { try Model(serialized: bytes) }
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func spoiltWeightsAreRefused(value: Float) throws {
    #expect(throws: ModelProblem.nonFinite(tensor: "stem.bias", index: 1)) { try Model.sample(bias: [0, value]) }
    // In a file too, where a first check finds the hash right.
    var bytes = try Model.sample(bias: [0.5, 12345]).serialized()
    let place = try #require(
      bytes.firstRange(of: withUnsafeBytes(of: Float(12345).bitPattern.littleEndian) { Array($0) }))
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.replaceSubrange(place, with: $0) }
    sign(&bytes)
    #expect(throws: ModelProblem.nonFinite(tensor: "stem.bias", index: 1)) { try Model(serialized: bytes) }
  }

  @Test func nonFiniteIsFoundAnywhere() {
    for index in [0, 15, 16, 37, 48, 49] {
      var values = [Float](repeating: .greatestFiniteMagnitude, count: 50)
      #expect(Tensor(name: "t", shape: [50], values: values).firstNonFinite == nil)
      values[index] = .nan
      #expect(Tensor(name: "t", shape: [50], values: values).firstNonFinite == index)
    }
  }

  // MARK: The hash

  @Test(
    arguments: [
      ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
      ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
    ] as [(String, UInt64)])
  func knownHashes(text: String, hash: UInt64) {
    #expect(Array(text.utf8).withUnsafeBytes { XXHash64.hash($0) } == hash)
  }
}

/// A small generator with a seed.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
