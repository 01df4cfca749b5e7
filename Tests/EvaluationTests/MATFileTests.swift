import Testing

@testable import Evaluation

@Suite struct MATFileTests {
  /// What `make_fixtures.py` wrote.
  static let lines: [Double] = [10.5, 100, -0.5, 119.75, 60, 60, 20.25, 20, 3, 79, 0, 80.5]

  private func matrix(_ name: String, _ bytes: [UInt8]? = nil, variable: String = "lines") throws -> MATMatrix {
    try MATFile.matrix(named: variable, in: bytes ?? Fixture.bytes(name), path: name)
  }

  @Test(arguments: ["plain.mat", "compressed.mat"])
  func variablesAroundTheWantedOneAreSkipped(name: String) throws {
    #expect(try matrix(name) == MATMatrix(rows: 6, columns: 2, values: Self.lines))
    let association = try matrix(name, variable: "vp_association")
    #expect(association == MATMatrix(rows: 3, columns: 1, values: [1, 2, 3]))
  }

  @Test func numbersAreStoredInTheSmallestType() throws {
    #expect(try matrix("integers.mat").values == [1, 30, 5, 7, 2, 4, 60, 8])
    #expect(try matrix("single.mat").values == Self.lines)
  }

  /// The same element in the byte order of other machines, and in the smallest integers.
  @Test func otherByteOrder() throws {
    func word(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }
    var body = word(6) + word(8) + word(6) + word(0)  // flags: class double
    body += word(5) + word(8) + word(2) + word(2)  // 2 x 2
    body += word(1) + word(5) + Array("lines".utf8) + [0, 0, 0]
    body += word(3) + word(8) + [0xff, 0xff, 0, 2, 1, 0, 0, 4]  // int16: -1 2 256 4
    let file =
      [UInt8](repeating: 0x20, count: 124) + [1, 0] + Array("MI".utf8) + word(14) + word(UInt32(body.count)) + body
    #expect(try matrix("", file) == MATMatrix(rows: 2, columns: 2, values: [-1, 2, 256, 4]))
  }

  @Test(arguments: ["plain.mat", "compressed.mat"])
  func everyTruncationIsAnErrorOrKeepsTheMatrix(name: String) throws {
    let bytes = try Fixture.bytes(name)
    var kept = 0
    for count in bytes.indices {
      do {
        // A file may end after any variable, but not within one.
        #expect(try matrix(name, Array(bytes.prefix(count))).values == Self.lines)
        kept += 1
      } catch let error as EvaluationError {
        #expect(error.path == name && !error.nextStep.isEmpty)
      }
    }
    // After `lines`, and after `vp_association`; the padding at the very end may be missing.
    #expect((2...10).contains(kept))
  }

  @Test(arguments: ["plain.mat", "compressed.mat", "single.mat"])
  func damageNeverTraps(name: String) throws {
    let bytes = try Fixture.bytes(name)
    var dice = Dice(3)
    for _ in 0..<3000 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...3, using: &dice) {
        damaged[.random(in: 0..<damaged.count, using: &dice)] = .random(in: 0...255, using: &dice)
      }
      _ = try? matrix(name, damaged)
    }
  }

  @Test(arguments: [
    ("three_columns.mat", nil), ("without_lines.mat", "no variable named 'lines'"), ("complex.mat", "real"),
  ])
  func whatIsNoListOfLines(name: String, reason: String?) throws {
    if let reason {
      #expect(failure { try matrix(name) }?.reason.contains(reason) == true)
    } else {
      #expect(try matrix(name).columns == 3)
    }
  }

  @Test func otherVersions() throws {
    var bytes = try Fixture.bytes("plain.mat")
    bytes[125] = 2
    #expect(failure { try matrix("x.mat", bytes) }?.nextStep.contains("-v7") == true)
    #expect(failure { try matrix("x.mat", Array("no MATLAB file".utf8)) } != nil)
    #expect(failure { try matrix("x.mat", []) } != nil)
  }
}
