/// F^H in the manner of Huang et al. ("Learning to Parse Wireframes", CVPR 2018): at each threshold precision and recall are
/// averaged over the images, and F is taken of the averages.
///
/// An image without a predicted pixel at a threshold has precision and recall 0 there, as in the evaluators in use.
func imageAverageF(_ images: [PixelCounts]) -> Double {
  let steps = PooledSteps(images)
  let count = Double(images.count)
  var predicted = [Int](repeating: 0, count: images.count)
  var matched = predicted
  var precisions = [Double](repeating: 0, count: images.count)
  var recalls = precisions
  var precision = 0.0
  var recall = 0.0
  var best = 0.0
  for group in steps.groups {
    for step in group {
      let image = Int(steps.image[step])
      predicted[image] += Int(steps.predicted[step])
      matched[image] += Int(steps.matched[step])
      precision -= precisions[image]
      recall -= recalls[image]
      precisions[image] = ratio(Double(matched[image]), Double(predicted[image]))
      recalls[image] = ratio(Double(matched[image]), Double(images[image].truth))
      precision += precisions[image]
      recall += recalls[image]
    }
    best = max(best, ratio(2 * precision * recall, (precision + recall) * count))
  }
  return best
}
