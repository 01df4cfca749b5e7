import KernelInterface
import ModelFormat
import Testing

@testable import ConvNet

@Suite struct MemoryPlanTests {
  @Test(arguments: 0..<40)
  func liveBuffersNeverOverlap(seed: UInt64) throws {
    let graph = try Model.random(seed: seed, layers: 25, height: 24, width: 17).graph
    // Scratch memory of three threads for every fourth layer.
    let scratch = Dictionary(
      uniqueKeysWithValues: stride(from: 0, to: graph.layers.count, by: 4).map { ($0, 100 + 77 * $0) })
    let lowered = LoweredGraph(graph)
    let plan = try MemoryPlan(lowered, inputHeight: 24, inputWidth: 17, scratchBytes: scratch, threads: 3)
    for (index, a) in plan.buffers.enumerated() {
      #expect(a.offset >= 0 && a.offset % 64 == 0 && a.offset + a.byteCount <= plan.arenaBytes)
      for b in plan.buffers[(index + 1)...] where a.life.overlaps(b.life) {
        #expect(a.offset + a.byteCount <= b.offset || b.offset + b.byteCount <= a.offset)
      }
    }
    let arena = try #require(UnsafeMutableRawPointer(bitPattern: 4096))
    for layer in scratch.keys {
      let region = try #require(plan.scratch(layer: layer, in: arena))
      let (start, end) = (region.base - arena, region.base - arena + 3 * region.byteCount)
      #expect(start >= 0 && region.byteCount >= scratch[layer] ?? .max && end <= plan.arenaBytes)
      for buffer in plan.buffers where buffer.life.contains(layer + 1) {
        #expect(end <= buffer.offset || buffer.offset + buffer.byteCount <= start)
      }
    }
    for (value, place) in plan.places.enumerated() {
      if value > 0, let shuffle = lowered.shuffles[value - 1] {
        // Stored as the DepthToSpace rearranges it.
        #expect(place == plan.places[shuffle + 1])
        continue
      }
      let buffer = plan.buffers[place.buffer]
      #expect(place.channel + plan.shapes[value].channels <= buffer.shape.channels)
      #expect(buffer.life.contains(value))
    }
  }

  private func convolution(_ inputs: Int, _ outputs: Int) -> ModelFormat.Operation {
    .convolution(
      ConvolutionShape(kernel: 3, stride: 1, inputChannels: inputs, outputChannels: outputs),
      .init(weights: 0, bias: 0), .none)
  }

  @Test func concatenationsAreMadeInPlace() throws {
    // concat(concat(a, b), c) read by a 3x3 kernel: all five values in one buffer.
    let graph = Graph(
      inputChannels: 3,
      layers: [
        Layer(name: "a", operation: convolution(3, 4), inputs: [0]),
        Layer(name: "b", operation: convolution(4, 5), inputs: [1]),
        Layer(name: "c", operation: convolution(5, 6), inputs: [2]),
        Layer(name: "ab", operation: .concatenate, inputs: [1, 2]),
        Layer(name: "abc", operation: .concatenate, inputs: [4, 3]),
        Layer(name: "out", operation: convolution(15, 2), inputs: [5]),
      ], output: 6)
    let plan = try MemoryPlan(LoweredGraph(graph), inputHeight: 8, inputWidth: 8)
    let buffer = plan.places[5].buffer
    #expect(
      plan.places[1...5].map(\.channel) == [0, 4, 9, 0, 0] && plan.places[1...5].allSatisfy { $0.buffer == buffer })
    #expect(plan.buffers[buffer].life == 1...6)
    #expect(plan.needsHalo == [true, true, true, true, true, true, false])
  }

  @Test func slicesAreViewsUnlessTheyAreJoined() throws {
    let graph = Graph(
      inputChannels: 3,
      layers: [
        Layer(name: "a", operation: convolution(3, 8), inputs: [0]),
        Layer(name: "view", operation: .slice(2..<5), inputs: [1]),
        Layer(name: "part", operation: .slice(5..<8), inputs: [1]),
        Layer(name: "join", operation: .concatenate, inputs: [3, 2]),
        Layer(name: "out", operation: convolution(6, 2), inputs: [4]),
      ], output: 5)
    let plan = try MemoryPlan(LoweredGraph(graph), inputHeight: 8, inputWidth: 8)
    // Both are joined, so both are copied to where the concatenation lies.
    #expect(plan.places[2] == MemoryPlan.Place(buffer: plan.places[4].buffer, channel: 3))
    #expect(plan.places[3] == MemoryPlan.Place(buffer: plan.places[4].buffer, channel: 0))

    let view = Graph(inputChannels: 3, layers: Array(graph.layers[..<2]), output: 2)
    let viewPlan = try MemoryPlan(LoweredGraph(view), inputHeight: 8, inputWidth: 8)
    #expect(viewPlan.places[2] == MemoryPlan.Place(buffer: viewPlan.places[1].buffer, channel: 2))
  }

  @Test func whatIsDoubledForASumIsNotMade() throws {
    // up is read by the sum alone, again by something else too.
    var layers = [
      Layer(name: "a", operation: convolution(3, 4), inputs: [0]),
      Layer(name: "pool", operation: .maxPool, inputs: [1]),
      Layer(name: "up", operation: .upsample(.nearest), inputs: [2]),
      Layer(name: "sum", operation: .add(.none), inputs: [3, 1]),
      Layer(name: "again", operation: .upsample(.nearest), inputs: [2]),
      Layer(name: "other", operation: .add(.relu), inputs: [4, 5]),
      Layer(name: "out", operation: .add(.none), inputs: [6, 5]),
    ]
    let lowered = LoweredGraph(Graph(inputChannels: 3, layers: layers, output: 7))
    #expect(lowered.upsampledAddends == [nil, nil, 3, nil, nil, nil, nil])
    let plan = try MemoryPlan(lowered, inputHeight: 8, inputWidth: 8)
    #expect(plan.places[3] == plan.places[2])
    #expect(plan.buffers[plan.places[2].buffer].life.contains(5))
    // A value that is doubled and added to itself is made.
    layers = Array(layers[..<3]) + [Layer(name: "twice", operation: .add(.none), inputs: [3, 3])]
    #expect(LoweredGraph(Graph(inputChannels: 3, layers: layers, output: 4)).upsampledAddends.allSatisfy { $0 == nil })
  }

  @Test func memoryIsUsedAgain() throws {
    // A chain needs two buffers at a time, however long it is.
    let layers = (0..<10).map { Layer(name: "\($0)", operation: convolution(3, 3), inputs: [$0]) }
    let plan = try MemoryPlan(
      LoweredGraph(Graph(inputChannels: 3, layers: layers, output: 10)), inputHeight: 14, inputWidth: 14)
    #expect(plan.arenaBytes == 2 * 16 * 16 * 3 * 4)
  }
}
