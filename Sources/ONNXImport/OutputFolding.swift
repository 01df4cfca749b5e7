import ModelFormat

extension Graph {
  /// Leaves out a last sigmoid that only the heat, channel 0, goes through: concat(sigmoid(x[0..<1]), x[1...]) becomes x,
  /// which saves three passes over the maps. Whoever decodes the output must then take the heat for a logit.
  mutating func foldHeatSigmoid() {
    guard output > 0, layers[output - 1].operation == .concatenate, let channels = try? channels() else { return }
    var source: Int?
    var next = 0
    for (index, input) in layers[output - 1].inputs.enumerated() {
      var value = input
      if index == 0 {
        guard value > 0, layers[value - 1].operation == .activate(.sigmoid) else { return }
        value = layers[value - 1].inputs[0]
      }
      guard value > 0, case .slice(let range) = layers[value - 1].operation, range.lowerBound == next,
        range.upperBound == 1 || index > 0
      else { return }
      let cut = layers[value - 1].inputs[0]
      guard source == nil || source == cut else { return }
      source = cut
      next = range.upperBound
    }
    guard let source, source > 0, next == channels[source] else { return }
    output = source
    removeUnused()
  }
}
