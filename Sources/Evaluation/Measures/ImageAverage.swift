/// F^H in the manner of Huang et al. ("Learning to Parse Wireframes", CVPR 2018): at each threshold precision and recall are
/// averaged over the images, and F is taken of the averages.
///
/// An image without a predicted pixel at a threshold has precision and recall 0 there, as in the evaluators in use.
func imageAverageF(_ images: [PixelCounts]) -> Double {
  let steps = PooledSteps(images)
  let count = Double(images.count)
  var predicted = [Int](repeating: 0, count: images.count)
  var matched = predicted
  // In steps of 2^-40: sums of integers neither drift nor depend on the order of the images.
  func fixed(_ ratio: Double) -> Int { Int((ratio * 0x1p40).rounded()) }
  var precisions = [Int](repeating: 0, count: images.count)
  var recalls = precisions
  var precisionSum = 0
  var recallSum = 0
  var best = 0.0
  for group in steps.groups {
    for step in group {
      let image = Int(steps.image[step])
      predicted[image] += Int(steps.predicted[step])
      matched[image] += Int(steps.matched[step])
      precisionSum -= precisions[image]
      recallSum -= recalls[image]
      precisions[image] = fixed(ratio(Double(matched[image]), Double(predicted[image])))
      recalls[image] = fixed(ratio(Double(matched[image]), Double(images[image].truth)))
      precisionSum += precisions[image]
      recallSum += recalls[image]
    }
    let precision = Double(precisionSum) * 0x1p-40
    let recall = Double(recallSum) * 0x1p-40
    best = max(best, ratio(2 * precision * recall, (precision + recall) * count))
  }
  return best
}
