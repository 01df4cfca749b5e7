/// The size of a maximum matching between predicted and true pixels, found from scratch by augmenting paths in the plainest
/// way (Kuhn): what `PixelMatcher` is tested against.
///
/// - Complexity: O(predictions * predictions * truths).
func referenceMatchingSize(width: Int, height: Int, predictions: [Int], truth: [Int]) -> Int {
  func mayMatch(_ a: Int, _ b: Int) -> Bool {
    let dx = a % width - b % width
    let dy = a / width - b / width
    return (dx * dx + dy * dy) * 10_000 <= width * width + height * height
  }
  var owner = [Int?](repeating: nil, count: truth.count)
  func place(_ prediction: Int, _ seen: inout [Bool]) -> Bool {
    for candidate in truth.indices where !seen[candidate] && mayMatch(predictions[prediction], truth[candidate]) {
      seen[candidate] = true
      if let current = owner[candidate], !place(current, &seen) { continue }
      owner[candidate] = prediction
      return true
    }
    return false
  }
  return predictions.indices.count { prediction in
    var seen = [Bool](repeating: false, count: truth.count)
    return place(prediction, &seen)
  }
}
