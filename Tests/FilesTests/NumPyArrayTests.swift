import Files
import Testing

@Suite struct NumPyArrayTests {
  @Test(arguments: [[], [1], [0], [2, 3], [2, 1, 3, 2]])
  func roundTrip(shape: [Int]) throws {
    let array = NumPyArray(shape: shape, values: (0..<shape.reduce(1, *)).map { Float($0) / 3 - 1 })
    let bytes = array.encoded
    #expect((bytes.count - 4 * array.values.count) % 64 == 0)
    #expect(try NumPyArray(bytes, path: "a.npy") == array)
  }

  /// numpy.save of numpy.array([[1, -2.5]], '<f4').
  @Test func readsWhatNumPyWrites() throws {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }"
    let padded = header + String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    let bytes: [UInt8] =
      [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(padded.utf8) + [0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0]
    #expect(try NumPyArray(bytes, path: "a.npy") == NumPyArray(shape: [1, 2], values: [1, -2.5]))
    for count in 0..<bytes.count {
      #expect(throws: FileError.self) { try NumPyArray(Array(bytes[..<count]), path: "a.npy") }
    }
  }

  @Test(arguments: [("'<f4'", "'<f8'"), ("False", "True "), ("(2, 3,)", "(2, 4,)"), ("(2, 3,)", "(-2,-3)")])
  func refusesOtherArrays(text: String, other: String) throws {
    var bytes = NumPyArray(shape: [2, 3], values: [0, 0, 0, 0, 0, 0]).encoded
    bytes.replaceSubrange(try #require(bytes.firstRange(of: Array(text.utf8))), with: Array(other.utf8))
    let error = #expect(throws: FileError.self) { try NumPyArray(bytes, path: "a.npy") }
    #expect(error?.path == "a.npy")
  }
}
