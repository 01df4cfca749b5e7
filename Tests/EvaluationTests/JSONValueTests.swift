import Testing

@testable import Evaluation

@Suite struct JSONValueTests {
  private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8), path: "x.json") }

  @Test func values() throws {
    let value = try parse(
      """
      { "a": [1, -2.5e3, 0.1, NaN, Infinity, -Infinity],
        "b": {"c": true, "d": null, "e": false},
        "s": "q\\"\\\\\\u00e9\\ud83d\\ude00\\n" }
      """)
    let numbers = try #require(value["a"]?.array?.map(\.number))
    #expect(numbers[0...2] == [1, -2500, 0.1])
    #expect(numbers[3]?.isNaN == true && numbers[4] == .infinity && numbers[5] == -.infinity)
    #expect(value["s"]?.string == "q\"\\é😀\n")
    #expect(value["b"]?["d"]?.number == nil && value["zz"] == nil)
    #expect(value["a"]?.line == 1 && value["b"]?["e"]?.line == 2 && value["s"]?.line == 3)
    #expect(try parse("[]").array?.isEmpty == true)
    #expect(try parse(" 12 ").integer == 12)
  }

  @Test(arguments: [
    ("[1,\n2,\n]", 3), ("{\"a\" 1}", 1), ("[1 2]", 1), ("\n\n[tru]", 3), ("[1.2.3]", 1), ("[\"a\nb\"]", 1),
    ("[] []", 1),
    ("[\"\\x\"]", 1), ("[\"\\ud800\"]", 1), ("{1: 2}", 1), ("[-]", 1), ("\u{1}", 1),
  ])
  func mistakesHaveALine(text: String, line: Int) {
    #expect(failure { try parse(text) }?.line == line)
  }

  @Test func depthIsLimited() {
    #expect(failure { try parse(String(repeating: "[", count: 100_000)) }?.reason.contains("deeply") == true)
  }

  @Test(arguments: ["hawp.json", "hawp_predictions.json", "lsdnet/7.jpg.json"])
  func everyTruncationIsAnError(name: String) throws {
    let bytes = try Fixture.bytes(name)
    for count in 0..<bytes.count {
      #expect(
        failure { try JSONValue(parsing: Array(bytes.prefix(count)), path: name) }?.reason.contains("ends early")
          == true)
    }
  }
}
