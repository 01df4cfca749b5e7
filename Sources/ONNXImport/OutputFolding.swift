import ModelFormat

extension Graph {
  /// Leaves out the last sigmoids of an output that is put together of slices, if they are those of the heat, the ends
  /// and the stops: concat(sigmoid(x[0..<1]), x[1..<3], sigmoid(x[3..<8])) becomes x, which saves several passes over the maps.
  /// The encoding then says that these are logits.
  mutating func foldSigmoids(of encoding: inout OutputEncoding) {
    guard output > 0, layers[output - 1].operation == .concatenate, let channels = try? channels() else { return }
    var folded = encoding
    var source: Int?
    var next = 0
    var stopSigmoids = 0
    for input in layers[output - 1].inputs {
      var value = input
      let isSigmoid = value > 0 && layers[value - 1].operation == .activate(.sigmoid)
      if isSigmoid { value = layers[value - 1].inputs[0] }
      guard value > 0, case .slice(let range) = layers[value - 1].operation, range.lowerBound == next else { return }
      if isSigmoid {
        for channel in range {
          switch channel {
          case encoding.heatChannel: folded.heatIsLogit = true
          case encoding.endChannel: folded.endIsLogit = true
          case _ where encoding.stops?.contains(channel) == true: stopSigmoids += 1
          default: return
          }
        }
      }
      let cut = layers[value - 1].inputs[0]
      guard source == nil || source == cut else { return }
      source = cut
      next = range.upperBound
    }
    guard let source, source > 0, next == channels[source] else { return }
    guard stopSigmoids == 0 || stopSigmoids == OutputEncoding.stopCount else { return }
    folded.stopIsLogit = folded.stopIsLogit || stopSigmoids > 0
    output = source
    encoding = folded
    removeUnused()
  }
}
