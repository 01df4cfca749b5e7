import KernelInterface
import ModelFormat
import Testing

@Suite struct ModelTests {
  @Test func shapesFollowTheLayers() throws {
    let shapes = try Model.sample().graph.shapes(inputHeight: 23, inputWidth: 36)
    #expect(shapes.count == 10)
    #expect(shapes[1] == ValueShape(height: 12, width: 18, channels: 2))
    #expect(shapes[3] == ValueShape(height: 6, width: 9, channels: 2))
    #expect(shapes[6] == ValueShape(height: 12, width: 18, channels: 4))
    #expect(shapes[9] == ValueShape(height: 12, width: 18, channels: 2))
  }

  @Test func sizesThatDoNotMeetAreRefused() throws {
    let graph = try Model.sample().graph
    // 21 x 33 becomes 11 x 17, which pooling and doubling make 10 x 16.
    let a = ValueShape(height: 11, width: 17, channels: 2)
    let b = ValueShape(height: 10, width: 16, channels: 2)
    #expect(throws: GraphError.sizes(layer: "sum", a, b)) { try graph.validShapes(21, 33) }
    #expect(throws: GraphError.empty(layer: "pool")) { try graph.validShapes(2, 8) }
    #expect(throws: GraphError.empty(layer: "input")) { try graph.validShapes(0, 8) }
    #expect(throws: GraphError.tooLarge(layer: "input")) { try graph.validShapes(1 << 21, 8) }
    #expect(try graph.validShapes(8, 12).last == ValueShape(height: 4, width: 6, channels: 2))
  }

  @Test func graphsThatMakeNoSenseAreRefused() throws {
    let model = try Model.sample()
    func refused(_ change: (inout Graph) -> Void) -> ModelProblem? {
      var graph = model.graph
      change(&graph)
      do {
        _ = try Model(input: model.input, output: model.output, graph: graph, tensors: model.tensors)
        return nil
      } catch {
        return error
      }
    }
    #expect(refused { _ in } == nil)
    #expect(refused { $0.layers[2].inputs = [3] } == .graph(.unknownInput(layer: "pool")))
    #expect(refused { $0.layers[2].inputs = [-1] } == .graph(.unknownInput(layer: "pool")))
    #expect(refused { $0.layers[2].inputs = [] } == .graph(.inputCount(layer: "pool", count: 0)))
    #expect(refused { $0.layers[0].inputs = [0, 0, 0] } == .graph(.inputCount(layer: "stem", count: 3)))
    #expect(refused { $0.layers[4].inputs = [0, 4] } == .graph(.channels(layer: "sum", expected: 3, actual: 2)))
    #expect(
      refused { $0.layers[7].operation = .slice(1..<4) } == .graph(.channels(layer: "cut", expected: 4, actual: 3)))
    #expect(refused { $0.layers[1].name = "stem" } == .duplicateName("stem"))
    #expect(refused { $0.output = 10 } == .graph(.noOutput))
    #expect(refused { $0.output = 0 } == .graph(.noOutput))
    #expect(refused { $0.inputChannels = 4 } != nil)
    // NaN, infinite, inverted, a point, and widths whose steps are no ordinary numbers.
    let ranges: [(Float, Float)] = [
      (0, .nan), (.nan, 1), (-.infinity, 1), (0, .infinity), (1, -1), (0, 0), (-2, -2), (0, 1e-30),
      (-3e38, 3e38),
    ]
    for (lower, upper) in ranges {
      let range = ActivationRange(lower: lower, upper: upper)
      for problem in [refused { $0.inputRange = range }, refused { $0.layers[0].outputRange = range }] {
        #expect(problem == .inconsistent("an activation range of \(lower) to \(upper) in 255 steps"))
      }
    }
    #expect(
      refused { $0.inputRange = ActivationRange(lower: 0, upper: 1, steps: 0) }
        == .inconsistent("an activation range of 0.0 to 1.0 in 0 steps"))
    let shape = ConvolutionShape(kernel: 5, stride: 1, inputChannels: 3, outputChannels: 2)
    #expect(
      refused { $0.layers[0].operation = .convolution(shape, .init(weights: 0, bias: 1), .none) }
        == .graph(.convolution(layer: "stem", kernel: 5, stride: 1)))
    let wider = ConvolutionShape(kernel: 3, stride: 2, inputChannels: 3, outputChannels: 2)
    for parameters in [
      Operation.Parameters(weights: 0, bias: 6), .init(weights: 1, bias: 1), .init(weights: 0, bias: 3),
      .init(weights: 0, bias: 1, scales: 1), .init(weights: -1, bias: 1),
    ] {
      #expect(
        refused { $0.layers[0].operation = .convolution(wider, parameters, .none) } == .parameters(layer: "stem"))
    }
  }

  @Test func sizesOfInputs() {
    #expect(InputPolicy(size: .squash(width: 384, height: 320)).inputSize(imageWidth: 7, imageHeight: 21) == (384, 320))
    let longest = InputPolicy(size: .longestSide(512, multiple: 32))
    #expect(longest.inputSize(imageWidth: 640, imageHeight: 480) == (512, 384))
    #expect(longest.inputSize(imageWidth: 480, imageHeight: 640) == (384, 512))
    #expect(longest.inputSize(imageWidth: 20_000, imageHeight: 1) == (512, 32))
    let scaled = InputPolicy(size: .scale(factor: 0.5, multiple: 8))
    #expect(scaled.inputSize(imageWidth: 640, imageHeight: 482) == (320, 240))
    #expect(scaled.inputSize(imageWidth: .max, imageHeight: .max) == (65_536, 65_536))
    let area = InputPolicy(size: .area(side: 384, multiple: 32))
    #expect(area.inputSize(imageWidth: 640, imageHeight: 480) == (448, 320))
    #expect(area.inputSize(imageWidth: 480, imageHeight: 720) == (320, 480))
    #expect(area.inputSize(imageWidth: 9, imageHeight: 9) == (384, 384))
    // Longer than 3:1 is squashed to that.
    #expect(area.inputSize(imageWidth: 1000, imageHeight: 400) == (608, 256))
    #expect(area.inputSize(imageWidth: 900, imageHeight: 300) == (672, 224))
    #expect(area.inputSize(imageWidth: 20_000, imageHeight: 1) == (672, 224))
    #expect(area.inputSize(imageWidth: 1, imageHeight: .max) == (224, 672))
    #expect(area.inputSize(imageWidth: 0, imageHeight: 0) == (384, 384))
  }

  @Test func policiesAndEncodingsAreChecked() {
    #expect(InputPolicy(size: .squash(width: 1, height: 65_536)).problem == nil)
    #expect(InputPolicy(size: .squash(width: 0, height: 4)).problem != nil)
    #expect(InputPolicy(size: .longestSide(65_537, multiple: 4)).problem != nil)
    #expect(InputPolicy(size: .longestSide(64, multiple: 0)).problem != nil)
    #expect(InputPolicy(size: .area(side: 65_537, multiple: 4)).problem != nil)
    #expect(InputPolicy(size: .area(side: 64, multiple: 0)).problem != nil)
    #expect(InputPolicy(size: .scale(factor: .nan, multiple: 1)).problem != nil)
    #expect(InputPolicy(size: .squash(width: 4, height: 4), scale: .infinity).problem != nil)
    #expect(InputPolicy(size: .squash(width: 4, height: 4), deviation: [1, 0, 1]).problem != nil)
    #expect(InputPolicy(size: .squash(width: 4, height: 4), mean: [1]).problem != nil)

    #expect(OutputEncoding(tangent: .angle).problem(outputChannels: 2) == nil)
    #expect(OutputEncoding(tangent: .doubledAngle).problem(outputChannels: 3) == nil)
    #expect(OutputEncoding(tangent: .doubledAngle).problem(outputChannels: 2) != nil)
    #expect(OutputEncoding(heatChannel: 2, tangent: .doubledAngle).problem(outputChannels: 3) != nil)
    #expect(OutputEncoding(heatChannel: 2, tangent: .doubledAngle, tangentChannel: 0).problem(outputChannels: 3) == nil)
    #expect(OutputEncoding(tangent: .angle, tangentChannel: .max).problem(outputChannels: 3) != nil)
    #expect(OutputEncoding(tangent: .doubledAngle, angleIsLogit: true).problem(outputChannels: 3) != nil)
    #expect(OutputEncoding(tangent: .doubledAngle, endChannel: 3, endIsLogit: true).problem(outputChannels: 4) == nil)
    #expect(OutputEncoding(tangent: .doubledAngle, endChannel: 3).problem(outputChannels: 3) != nil)
    for channel in [-1, 0, 1, 2] {
      #expect(OutputEncoding(tangent: .doubledAngle, endChannel: channel).problem(outputChannels: 4) != nil)
    }
    #expect(OutputEncoding(tangent: .doubledAngle, endIsLogit: true).problem(outputChannels: 4) != nil)
    func stops(_ first: Int, end: Int? = 3, of channels: Int) -> String? {
      OutputEncoding(tangent: .doubledAngle, endChannel: end, stopChannel: first).problem(outputChannels: channels)
    }
    #expect(stops(4, of: 8) == nil && stops(5, of: 9) == nil)
    #expect(stops(4, of: 7) != nil && stops(.max, of: 8) != nil && stops(-1, of: 8) != nil)
    #expect(stops(4, end: nil, of: 8) != nil && stops(3, of: 8) != nil && stops(2, end: 7, of: 8) != nil)
    #expect(OutputEncoding(tangent: .doubledAngle, endChannel: 3, stopIsLogit: true).problem(outputChannels: 8) != nil)
  }
}

extension Graph {
  fileprivate func validShapes(_ height: Int, _ width: Int) throws -> [ValueShape] {
    try shapes(inputHeight: height, inputWidth: width)
  }
}
