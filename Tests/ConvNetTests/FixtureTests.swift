import ConvNet
import Files
import KernelInterface
import ModelFormat
import ONNXImport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The networks of `Fixtures/networks`, against what onnxruntime makes of them.
@Suite struct FixtureTests {
  private static let folder = Path.join(Path.parent(#filePath), "../../Fixtures/networks")

  private func check(_ name: String, _ table: KernelTable, height: Int, width: Int, layers: Int) throws {
    var options = ONNXImport.Options()
    options.size = .squash(width: width, height: height)
    let path = Path.join(FixtureTests.folder, name)
    let model = try ONNXImport.model(try File.read(path + ".onnx"), options: options)
    #expect(model.graph.layers.count == layers)
    let expected = try NumPyArray(try File.read(path + ".npy"), path: path)
    // Through the file format as well.
    let network = Network(try Model(serialized: model.serialized()), kernels: table, threads: 2)
    let (shape, values) = try network.run(height: height, width: width) {
      $0.fillWithPattern()
    } read: {
      ([$0.height, $0.width, $0.channels], $0.values)
    }
    #expect(shape == expected.shape)
    var largest: Float = 0
    for (index, value) in values.enumerated() {
      let isLogit = model.output.isLogit(index % shape[2])
      largest = max(largest, abs((isLogit ? 1 / (1 + exp(-value)) : value) - expected.values[index]))
    }
    #expect(largest <= 1e-5, "\(name) on \(table.name)")
  }

  @Test(arguments: KernelTable.available.indices)
  func residual(table: Int) throws {
    // 14 convolutions, two of which took a sum; 3 concatenations, 2 slices.
    try check("residual", KernelTable.available[table], height: 27, width: 45, layers: 17)
  }

  @Test(arguments: KernelTable.available.indices)
  func pyramid(table: Int) throws {
    try check("pyramid", KernelTable.available[table], height: 20, width: 28, layers: 15)
  }

  @Test(arguments: KernelTable.available.indices)
  func shuffle(table: Int) throws {
    try check("shuffle", KernelTable.available[table], height: 27, width: 45, layers: 7)
  }

  @Test(arguments: KernelTable.available.indices)
  func transposed(table: Int) throws {
    try check("transposed", KernelTable.available[table], height: 10, width: 18, layers: 6)
  }
}
