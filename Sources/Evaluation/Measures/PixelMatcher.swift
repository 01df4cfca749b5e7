/// A maximum-cardinality one-to-one matching between predicted and true pixels, kept while predicted pixels are added.
///
/// Two pixels may match if their distance is at most 0.01 of the image diagonal: in integers, (dx^2 + dy^2) * 10^4 <=
/// W^2 + H^2. Adding one vertex to one side of a bipartite graph raises the maximum by at most one, and by one exactly if
/// an augmenting path starts at that vertex (Berge); so after each `add` the matching is a maximum one for all pixels
/// added so far. Pixels added in falling score give the maximum at every threshold, from one pass.
///
/// The search is breadth first on the grid. The true pixels that it has not seen lie in a bitmap, so that the neighbours
/// of a pixel are the bits under a disc: a few words a row. A search that fails has found a set of true pixels whose
/// neighbours are all matched among themselves: no later path can leave it, so it is taken out of the graph for good
/// and every true pixel fails at most once.
public struct PixelMatcher {
  public let width: Int
  public let height: Int
  /// Pairs matched so far.
  public private(set) var matched = 0

  /// Half the width of the disc, by the distance from its centre row.
  private let halfWidths: [Int]
  private let wordsPerRow: Int
  /// True pixels that are matched to none.
  private var free: [UInt64]
  /// True pixels that a search may still visit.
  private var open: [UInt64]
  /// Partners by pixel; -1 is none.
  private var truthOf: [Int32]
  private var predictionOf: [Int32]
  /// The predicted pixel from which a true pixel was reached in the current search.
  private var reachedFrom: [Int32]
  private var queue: [Int32] = []
  private var visited: [Int32] = []

  /// - Precondition: every pixel is an index `y * width + x` inside the image, and none is there twice.
  public init(width: Int, height: Int, truth: [Int]) {
    self.width = width
    self.height = height
    halfWidths = PixelMatcher.halfWidths(width: width, height: height)
    wordsPerRow = (width + 63) / 64
    free = [UInt64](repeating: 0, count: wordsPerRow * height)
    for pixel in truth { free[pixel / width * wordsPerRow + pixel % width / 64] |= 1 << UInt64(pixel % width % 64) }
    open = free
    truthOf = [Int32](repeating: -1, count: width * height)
    predictionOf = truthOf
    reachedFrom = truthOf
  }

  /// For each row distance, the largest column distance within 0.01 of the diagonal.
  static func halfWidths(width: Int, height: Int) -> [Int] {
    let limit = (width * width + height * height) / 10_000
    var halfWidths: [Int] = []
    var dx = Int(Double(limit).squareRoot()) + 1
    var dy = 0
    while dy * dy <= limit {
      while dx * dx + dy * dy > limit { dx -= 1 }
      halfWidths.append(dx)
      dy += 1
    }
    return halfWidths
  }

  /// Whether a predicted pixel is matched.
  public func isMatched(prediction pixel: Int) -> Bool { truthOf[pixel] >= 0 }

  /// Whether a true pixel is matched.
  public func isMatched(truth pixel: Int) -> Bool { predictionOf[pixel] >= 0 }

  /// Adds a predicted pixel, and says whether one more pair could be matched.
  ///
  /// - Precondition: the pixel was not added before.
  @discardableResult
  public mutating func add(_ pixel: Int) -> Bool {
    var prediction = Int32(pixel)
    if let truth = nearest(to: pixel, in: free) {
      matched += 1
      claim(truth, by: prediction)
      return true
    }
    queue.removeAll(keepingCapacity: true)
    visited.removeAll(keepingCapacity: true)
    queue.append(prediction)
    var next = 0
    while next < queue.count {
      prediction = queue[next]
      next += 1
      if next > 1, let truth = nearest(to: Int(prediction), in: free) {
        augment(endingAt: truth, from: prediction)
        for seen in visited { setOpen(Int(seen)) }
        matched += 1
        return true
      }
      visitNeighbours(of: Int(prediction))
    }
    return false
  }

  private mutating func claim(_ truth: Int, by prediction: Int32) {
    truthOf[Int(prediction)] = Int32(truth)
    predictionOf[truth] = prediction
    free[truth / width * wordsPerRow + truth % width / 64] &= ~(1 << UInt64(truth % width % 64))
  }

  /// Turns the path over: each prediction on it takes the true pixel by which the next was reached.
  private mutating func augment(endingAt truth: Int, from prediction: Int32) {
    var prediction = prediction
    var given = truthOf[Int(prediction)]
    claim(truth, by: prediction)
    while given >= 0 {
      prediction = reachedFrom[Int(given)]
      let previous = truthOf[Int(prediction)]
      truthOf[Int(prediction)] = given
      predictionOf[Int(given)] = prediction
      given = previous
    }
  }

  private mutating func setOpen(_ pixel: Int) {
    open[pixel / width * wordsPerRow + pixel % width / 64] |= 1 << UInt64(pixel % width % 64)
  }

  /// Closes all open true pixels under the disc and queues their partners.
  private mutating func visitNeighbours(of pixel: Int) {
    let (y, x) = pixel.quotientAndRemainder(dividingBy: width)
    let reach = halfWidths.count - 1
    for row in max(0, y - reach)...min(height - 1, y + reach) {
      let half = halfWidths[abs(row - y)]
      let first = max(0, x - half)
      let last = min(width - 1, x + half)
      for word in first / 64...last / 64 {
        let index = row * wordsPerRow + word
        var bits = open[index] & PixelMatcher.mask(word, first, last)
        open[index] &= ~bits
        while bits != 0 {
          let truth = row * width + word * 64 + bits.trailingZeroBitCount
          bits &= bits - 1
          reachedFrom[truth] = Int32(pixel)
          visited.append(Int32(truth))
          queue.append(predictionOf[truth])
        }
      }
    }
  }

  /// A set pixel under the disc, from the row closest to its centre and there the column closest to it.
  private func nearest(to pixel: Int, in bitmap: [UInt64]) -> Int? {
    let (y, x) = pixel.quotientAndRemainder(dividingBy: width)
    for distance in 0..<halfWidths.count {
      let half = halfWidths[distance]
      let first = max(0, x - half)
      let last = min(width - 1, x + half)
      var row = y - distance
      while true {
        if row >= 0, row < height, let column = nearestColumn(to: x, first, last, row: row, in: bitmap) {
          return row * width + column
        }
        if row >= y { break }
        row = y + distance
      }
    }
    return nil
  }

  @inline(__always)
  private func nearestColumn(to x: Int, _ first: Int, _ last: Int, row: Int, in bitmap: [UInt64]) -> Int? {
    var best: Int?
    for word in first / 64...last / 64 {
      let bits = bitmap[row * wordsPerRow + word] & PixelMatcher.mask(word, first, last)
      guard bits != 0 else { continue }
      // The last bit up to x, and the first from x on.
      let upTo = bits & PixelMatcher.mask(word, 0, max(x, -1))
      if upTo != 0 { best = word * 64 + 63 - upTo.leadingZeroBitCount }
      let from = bits & PixelMatcher.mask(word, x, Int.max)
      if from != 0 {
        let column = word * 64 + from.trailingZeroBitCount
        if let left = best, x - left <= column - x { return left }
        return column
      }
    }
    return best
  }

  /// The bits of a row's word that stand for the columns `first...last`.
  @inline(__always)
  private static func mask(_ word: Int, _ first: Int, _ last: Int) -> UInt64 {
    let low = first - word * 64
    let high = last - word * 64
    guard high >= 0, low < 64 else { return 0 }
    return (~0 << UInt64(max(low, 0))) & (~0 >> UInt64(63 - min(high, 63)))
  }
}
