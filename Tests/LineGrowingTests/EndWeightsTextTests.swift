import LineGrowing
import Testing

@Suite struct EndWeightsTextTests {
  static let text = """
    share 0.2
      end 0.5 -1 0.25 -0.5 1.5 0 -0.75 0.5 0 -0.125 1e-2 2.75

    pass\t-1 -1.5 0.5 2.5 2 -0.25 0.25 0.75
    line 5.5 4 2.5 -4
    onLine 1.5 7.5 0 -3
    length 1
    cost 0.005
    above 1.25 -1.75\r
    below 2 3.25
    """

  @Test func whatIsWritten() throws {
    let weights = try EndWeights(text: Self.text)
    let expected = EndWeights(
      end: [0.5, -1, 0.25, -0.5, 1.5, 0, -0.75, 0.5, 0, -0.125, 0.01, 2.75, 0, 0, 0, 0],
      pass: [-1, -1.5, 0.5, 2.5, 2, -0.25, 0.25, 0.75], line: [5.5, 4, 2.5, -4], onLine: [1.5, 7.5, 0, -3], length: 1,
      cost: 0.005, share: 0.2,
      score: BandedScore(above: .init(slope: 1.25, bias: -1.75), below: .init(slope: 2, bias: 3.25)))
    #expect(weights == expected)
  }

  @Test(arguments: [
    ("cost 0.005", "", nil, "'cost' is missing"),
    ("cost 0.005", "cost", 8, "'cost' takes 1 finite number"),
    ("cost 0.005", "cost 0.005 1", 8, "'cost' takes 1 finite number"),
    ("cost 0.005", "cost 1e39", 8, "'cost' takes 1 finite number"),
    ("cost 0.005", "price 0.005", 8, "'price' is none of end, pass"),
    ("length 1", "share 1", 7, "'share' is there twice"),
    ("2.5 -4", "2.5 four", 5, "'line' takes 4 finite numbers"),
    ("2.5 -4", "2.5 nan", 5, "'line' takes 4 finite numbers"),
  ])
  func mistakes(_ old: String, _ new: String, line: Int?, reason: String) throws {
    let parts = Self.text.split(separator: old, omittingEmptySubsequences: false)
    let text = try #require(parts.count == 2 ? parts.joined(separator: new) : nil)
    let error = try #require(throws: EndWeightsError.self) { try EndWeights(text: text) }
    #expect(error.line == line)
    #expect(error.reason.hasPrefix(reason), "\(error)")
  }
}
