import ConvReference
import KernelInterface
import Testing

@Suite struct WinogradTests {
  // MARK: The transform

  /// A^T [(G g) * (B^T d)] is the correlation of d and g; by linearity for all, if for every unit vector.
  @Test func transformIsCorrelation() {
    for tap in 0..<3 {
      for input in 0..<6 {
        for output in 0..<4 {
          let sum = (0..<6).reduce(0.0) { sum, point in
            sum + WinogradTransform.output[output][point] * WinogradTransform.filter[point][tap]
              * WinogradTransform.input[point][input]
          }
          #expect(abs(sum - (input == output + tap ? 1 : 0)) < 1e-14)
        }
      }
    }
  }

  /// Only the packed weights and the arithmetic round.
  @Test func constantsAreExactInSinglePrecision() {
    for value in (WinogradTransform.input + WinogradTransform.output).joined() {
      #expect(Double(Float(value)) == value)
    }
  }

  // MARK: The kernels

  static func shape(_ input: Int, _ output: Int) -> ConvolutionShape {
    ConvolutionShape(kernel: 3, stride: 1, inputChannels: input, outputChannels: output)
  }

  /// From one pixel up; heights and widths that are no multiples of 4, maps of more tiles than are made at a time.
  static let sizes: [ConvolutionCase] = [
    (1, 1), (1, 13), (13, 1), (2, 2), (3, 4), (4, 3), (5, 8), (7, 21), (9, 33), (70, 37),
  ].flatMap { height, width in
    [(16, 16), (5, 35), (33, 20)].map { ConvolutionCase(shape: shape($0, $1), height: height, width: width) }
  }

  static let channels: [ConvolutionCase] = [1, 4, 7, 15, 16, 17, 24, 48, 67].flatMap { input in
    [1, 4, 8, 16, 17, 24, 33, 40, 70].map { output in
      ConvolutionCase(shape: shape(input, output), height: 5, width: 6, spare: input % 2)
    }
  }

  /// Everything that happens at the store.
  static let stores: [ConvolutionCase] = [8, 24, 32].flatMap { output in
    [Activation.none, .relu, .sigmoid].flatMap { activation in
      [(0, false), (0, true), (3, true), (16, false)].map { spare, hasAddend in
        ConvolutionCase(
          shape: shape(16, output), height: 6, width: 11, spare: spare, hasAddend: hasAddend, activation: activation)
      }
    }
  }

  @Test func referenceAgreesWithTheDirectOne() {
    for test in Self.sizes.filter({ $0.height < 9 }) + Self.stores {
      let output = test.runWinograd(ReferenceKernels.winograd)
      #expect(largestDifference(output.values, test.run(reference).values) < 1e-6, "\(test.testDescription)")
      #expect(output.surroundingsAreUntouched)
    }
  }

  @Test(arguments: tables)
  func agreesWithTheDirectReference(table: KernelTable) throws {
    let winograd = try #require(table.winograd)
    for test in Self.sizes + Self.channels + Self.stores {
      let output = test.runWinograd(winograd)
      let difference = largestDifference(output.values, test.run(reference).values)
      #expect(difference <= test.winogradTolerance, "\(table.name) \(test.testDescription)")
      #expect(output.surroundingsAreUntouched, "\(table.name) \(test.testDescription)")
    }
  }

  /// Points that suit single precision: with 0, +-1, +-2 and infinity the ratio would be twice what it is.
  @Test(arguments: tables)
  func errsLittleMoreThanTheDirectConvolution(table: KernelTable) throws {
    let winograd = try #require(table.winograd)
    for test in [(64, 16), (192, 16)].map({ ConvolutionCase(shape: Self.shape($0, $1), height: 16, width: 16) }) {
      let expected = test.run(reference).values
      func meanSquare(_ output: TestMap) -> Float {
        zip(output.values, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      let ratio = meanSquare(test.runWinograd(winograd)) / meanSquare(test.run(table))
      #expect(ratio.squareRoot() < 3.5, "\(table.name) \(test.testDescription)")
    }
  }

  @Test(arguments: tables)
  func bandsDoNotChangeABit(table: KernelTable) throws {
    let winograd = try #require(table.winograd)
    for shape in [Self.shape(16, 24), Self.shape(20, 70), Self.shape(48, 32)] {
      let test = ConvolutionCase(shape: shape, height: 26, width: 29, hasAddend: true, activation: .relu)
      let whole = test.runWinograd(winograd).bits
      for bandHeight in [1, 3, 4, 5, 8] {
        #expect(test.runWinograd(winograd, bandHeight: bandHeight).bits == whole)
      }
    }
  }
}

extension ConvolutionCase {
  /// Runs the kernels over the bands of rows, one after the other; before each, the scratch memory holds NaN.
  func runWinograd(_ kernels: WinogradKernels, bandHeight: Int? = nil) -> TestMap {
    let output = TestMap(height, width, shape.outputChannels, spare: spare)
    let scratch = UnsafeMutableBufferPointer<Float>.allocateAligned(kernels.scratchCount(shape))
    defer { scratch.deallocate() }
    withOperands(packing: kernels.pack, kernels.packedCount(shape)) { convolution in
      for start in stride(from: 0, to: height, by: bandHeight ?? height) {
        scratch.update(repeating: .nan)
        kernels.convolve(
          convolution(output), scratch.baseAddress!, start..<min(start + (bandHeight ?? height), height))
        let isIntact = scratch[kernels.scratchCount(shape)...].allSatisfy(\.isNaN)
        #expect(isIntact)
      }
    }
    return output
  }

  /// What Winograd's convolution may be off the true value.
  ///
  /// Products of weights and inputs of the mean squares w^2 and d^2 pass through the transforms to an output with the mean
  /// square (r C)^2 w^2 d^2, C being the input channels and r^2 = sum over points i of A_i^2 |G_i|^2 |B_i|^2 in one
  /// dimension, 24.5 at most, where the direct convolution has 3 (Lavin and Gray, 2015, and Barabasz et al., 2018,
  /// find errors in proportion to such norms). Each rounding on the way errs by u = 2^-24 of it and either way: those of n
  /// roundings come to the square root of n u (Higham and Mary, A New Approach to Probabilistic Rounding Error
  /// Analysis, 2019). n is some 17 for the transforms and C / 2 for a sum that grows to its C terms.
  var winogradTolerance: Float {
    func square(_ row: [Double]) -> Double { row.reduce(0) { $0 + $1 * $1 } }
    let growth = WinogradTransform.output.map { row in
      row.indices.reduce(0) {
        $0 + row[$1] * row[$1] * square(WinogradTransform.filter[$1]) * square(WinogradTransform.input[$1])
      }
    }
    let channels = Double(shape.inputChannels)
    // Numbers even in [-1, 1) have the mean square 1/3; the weights are scaled.
    let terms = 9 * channels
    let magnitude = (growth.max() ?? 0) * (channels / 3 / 3 / terms).squareRoot()
    let deviation = (channels / 2 + 17).squareRoot() * 0x1p-24 * magnitude
    // Four standard deviations, and what bias, addend and activation round.
    return Float(4 * deviation) + 4e-7
  }
}

extension UnsafeMutableBufferPointer<Float> {
  /// Memory that starts at a multiple of 64 bytes.
  /// With 16 more behind.
  fileprivate static func allocateAligned(_ count: Int) -> Self {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 * count + 64, alignment: 64)
    return memory.bindMemory(to: Float.self)
  }
}
