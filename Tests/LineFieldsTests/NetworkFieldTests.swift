import ConvNet
import EmbeddedWeights
import Images
import KernelInterface
import Lines
import ModelFormat
import Testing

@testable import LineFields

@Suite struct NetworkFieldTests {
  /// A network that shows its input: heat is red, cos 2t green, sin 2t blue, each halved in size by a stride.
  private func mirror(_ size: InputPolicy.Size, resampling: InputPolicy.Resampling = .area) throws -> Model {
    let shape = ConvolutionShape(kernel: 1, stride: 2, inputChannels: 3, outputChannels: 3)
    return try Model(
      input: InputPolicy(size: size, resampling: resampling, mean: [0, 0.5, 0.5], deviation: [1, 0.5, 0.5]),
      output: OutputEncoding(tangent: .doubledAngle),
      graph: Graph(
        inputChannels: 3,
        layers: [
          Layer(name: "copy", operation: .convolution(shape, .init(weights: 0, bias: 1), .none), inputs: [0])
        ], output: 1),
      tensors: [
        Tensor(name: "identity", shape: [3, 1, 1, 3], values: [1, 0, 0, 0, 1, 0, 0, 0, 1] as [Float]),
        Tensor(name: "zero", shape: [3], values: [0, 0, 0] as [Float]),
      ])
  }

  @Test func imagesAreSquashed() throws {
    var field = LineField()
    let network = NetworkField(model: try mirror(.squash(width: 8, height: 12)))
    let image = RGBImage(width: 30, height: 20, red: 51, green: 153, blue: 255)
    let (transform, timings) = try network.compute(image, into: &field)
    #expect(field.width == 4 && field.height == 6 && field.heat.count == 24)
    #expect(transform == GridTransform(scaleX: 7.5, scaleY: 20.0 / 6))
    #expect(field.heat.allSatisfy { abs($0 - 0.2) < 1e-6 })
    // (0.6 - 0.5) / 0.5 = 0.2 and (1 - 0.5) / 0.5 = 1, then shortened to norm 1.
    let norm = Float(1.04).squareRoot()
    #expect(field.cos2.allSatisfy { abs($0 - 0.2 / norm) < 1e-5 })
    #expect(field.sin2.allSatisfy { abs($0 - 1 / norm) < 1e-5 })
    #expect(timings.resize >= 0 && timings.network > 0)
  }

  @Test func aspectRatioMayBeKept() throws {
    var field = LineField()
    let network = NetworkField(model: try mirror(.longestSide(64, multiple: 8)))
    for (width, height, cells) in [(640, 480, (32, 24)), (48, 96, (16, 32)), (640, 480, (32, 24)), (500, 3, (32, 4))] {
      let image = RGBImage(width: width, height: height, red: 255)
      let transform = try network.compute(image, into: &field).transform
      #expect(field.width == cells.0 && field.height == cells.1)
      #expect(field.heat.count == field.width * field.height && field.heat.allSatisfy { abs($0 - 1) < 1e-6 })
      #expect(transform.scaleX == Double(width) / Double(cells.0))
      #expect(transform.scaleY == Double(height) / Double(cells.1))
    }
  }

  @Test func cellsLieWhereTheirPixelsDo() throws {
    // One red pixel of 16 x 16, in row 9, column 4, at a scale of 1: cell (5, 2) of the halved grid does not see it,
    // as the stride takes even rows only.
    var image = RGBImage(width: 16, height: 16)
    image.pixels[3 * (10 * 16 + 4)] = 255
    var field = LineField()
    let network = NetworkField(model: try mirror(.scale(factor: 1, multiple: 2), resampling: .bilinear))
    _ = try network.compute(image, into: &field)
    #expect(field.heat.firstIndex { $0 > 0.5 } == 5 * 8 + 2)
    #expect(field.heat.count { $0 > 0 } == 1)
  }

  @Test func embeddedModelIsTheSameForAnyThreads() throws {
    let model = try Model(
      static: UnsafeRawBufferPointer(start: lsdnet_fast.start, count: lsdnet_fast.size), name: "embedded weights")
    var image = RGBImage(width: 97, height: 61)
    for y in 0..<61 { for x in 0..<97 where x > y { image.pixels[3 * (y * 97 + x)] = 200 } }
    var fields: [LineField] = []
    for threads in 1...3 {
      var field = LineField()
      _ = try NetworkField(model: model, threads: threads).compute(image, into: &field)
      fields.append(field)
    }
    #expect(fields[0].heat.contains { $0 > 0.3 })
    for field in fields.dropFirst() {
      #expect(field.heat == fields[0].heat && field.cos2 == fields[0].cos2 && field.sin2 == fields[0].sin2)
    }
  }

  @Test func emptyImagesAreRefused() throws {
    var field = LineField()
    let network = NetworkField(model: try mirror(.squash(width: 8, height: 8)))
    #expect(throws: NetworkError.emptyImage) {
      try network.compute(RGBImage(width: 0, height: 5, pixels: []), into: &field)
    }
  }
}
