import Testing

@testable import Evaluation

@Suite struct NPZFileTests {
  @Test func types() throws {
    let file = try NPZFile(Fixture.bytes("types.npz"), path: "types.npz")
    #expect(try file.array("f4") == NumericArray(shape: [1, 2], values: [1.5, -2]))
    #expect(try file.array("f8") == NumericArray(shape: [2], values: [0.1, 1e300]))
    #expect(try file.array("i1")?.values == [-1, 2])
    #expect(try file.array("u2")?.values == [65535])
    #expect(try file.array("i4") == NumericArray(shape: [], values: [-7]))
    #expect(try file.array("i8")?.values == [1_099_511_627_776])
    #expect(try file.array("big")?.values == [3.25])
    #expect(try file.array("b1")?.values == [1, 0])
    #expect(try file.array("empty") == NumericArray(shape: [0, 2, 2], values: []))
    #expect(try file.array("absent") == nil)
    #expect(failure { try file.array("words") }?.reason.contains("not numbers") == true)
    #expect(failure { try file.array("fortran") }?.reason.contains("Fortran") == true)
  }

  @Test func deflated() throws {
    let file = try NPZFile(Fixture.bytes("lcnn/labels/room_0_label.npz"), path: "room")
    #expect(file.names == ["Lpos", "aspect_ratio", "lpos"])
    #expect(try file.array("aspect_ratio")?.values == [1.5])
    #expect(try file.array("lpos")?.shape == [2, 2, 3])
    #expect(try file.array("lpos")?.values == [16, 8, 0, 16, 120, 0, 0, 64, 1, 127.5, 64, 1])
  }

  @Test(arguments: ["types.npz", "lcnn/labels/room_0_label.npz", "lcnn/predictions/room.npz"])
  func everyTruncationIsAnError(name: String) throws {
    let bytes = try Fixture.bytes(name)
    for count in bytes.indices {
      let error = failure { try NPZFile(Array(bytes.prefix(count)), path: name) }
      #expect(error?.path == name)
    }
  }

  @Test(arguments: ["types.npz", "lcnn/labels/room_0_label.npz"])
  func damageNeverTrapsNorPasses(name: String) throws {
    let bytes = try Fixture.bytes(name)
    let intact = try NPZFile(bytes, path: name)
    let arrays = intact.names.map { name in try? intact.array(name) }
    var dice = Dice(5)
    for _ in 0..<2000 {
      var damaged = bytes
      damaged[.random(in: 0..<damaged.count, using: &dice)] ^= .random(in: 1...255, using: &dice)
      guard let file = try? NPZFile(damaged, path: name) else { continue }
      for (name, array) in zip(intact.names, arrays) {
        // The checksum guards the contents; a name may be damaged.
        if let found = try? file.array(name) { #expect(found == array) }
      }
    }
  }
}
