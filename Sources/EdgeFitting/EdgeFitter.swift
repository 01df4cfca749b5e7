import Images
import Lines
import VectorIntrinsics

/// Moves segments onto the image's own edges, to fractions of a pixel.
///
/// A network sees the image on a coarse grid; its lines are right to a part of a cell, while the image knows its edges to
/// a tenth of a pixel. Across a segment, brightness is differentiated at a few places along it, in rows or columns of
/// pixels as they are, whichever are nearer to the normal. The mean derivative over all places shows the edges that run
/// along the segment; if one stands out, a line is fitted to that edge's place on each of them, and again to those that
/// lie near it. If several do, or no line fits, the segment goes between them. Where there is no edge, or it is further off
/// than the network can err, the segment stays as it is.
///
/// Needs no memory but its own; use one fitter per thread.
public struct EdgeFitter: ~Copyable {
  /// Places along a segment: one every two pixels, within these bounds.
  static let places = 8...16
  /// Pixels looked at on each side of the segment, at most.
  static let largestReach = 7
  /// Mean difference of brightness, in grey levels over two pixels, that is an edge.
  static let clearEdge: Float = 8
  /// A second edge as strong as this share of the first leaves it open which is meant.
  static let rival: Float = 0.6

  /// How far a segment may be moved, in pixels across it.
  public var reach: Double

  /// - Parameter reach: how far a segment may be moved, in pixels across it: about a cell of the field.
  public init(reach: Double = 1) { self.reach = reach }

  private let scratch = UnsafeMutablePointer<Float>.allocate(
    capacity: (places.upperBound + 1) * window + 2 * places.upperBound)
  private let crossings = UnsafeMutablePointer<Crossing>.allocate(capacity: places.upperBound)

  deinit {
    scratch.deallocate()
    crossings.deallocate()
  }

  /// A place along a segment where pixels are looked at across it.
  private struct Crossing {
    /// The pixel nearest to the segment.
    var center: UnsafePointer<UInt8>
    /// Its place along the segment, from the first end, and how far it lies off the segment, in whole steps across.
    var position: Float
    var offset: Float
  }

  /// Fits each segment to its edge, or between its edges.
  ///
  /// - Returns: how many were moved.
  /// - Complexity: linear in the segments, some 300 pixels each, twice as many where the reach is over 6 pixels.
  @discardableResult
  public func fit(_ segments: inout [Segment], to image: RGBImage) -> Int {
    var moved = 0
    image.pixels.withUnsafeBufferPointer { pixels in
      guard let base = pixels.baseAddress else { return }
      // Where the image is so large that pixels do not reach as far, first by larger steps, then by pixels.
      let step = max(1, Int((reach / Double(Self.largestReach - 1)).rounded(.up)))
      let fine = min(reach, Double(step + 1))
      for index in segments.indices {
        let isNear = step > 1 && fit(&segments[index], base, image.width, image.height, step: step, within: reach)
        let isFitted = fit(&segments[index], base, image.width, image.height, step: 1, within: isNear ? fine : reach)
        if isNear || isFitted { moved += 1 }
      }
    }
    return moved
  }

  private static let window = 2 * largestReach + 1

  /// Looks at every `step`-th pixel across the segment, and moves it within so many pixels.
  private func fit(
    _ segment: inout Segment, _ pixels: UnsafePointer<UInt8>, _ width: Int, _ height: Int, step: Int,
    within limit: Double
  ) -> Bool {
    guard let pixelLine = PixelLine(segment, pixels, width, height) else { return false }
    let (u1, v1) = pixelLine.first
    let (du, slope, length) = (pixelLine.du, pixelLine.slope, pixelLine.length)
    let (uCount, vCount) = (pixelLine.uCount, pixelLine.vCount)
    let stride = step * pixelLine.vStep
    // A step along v moves by the cosine of the slope across the segment.
    let cosine = abs(du) / length
    let across = cosine * Double(step)
    let reach = min(Int(limit / across) + 1, Self.largestReach)
    let window = 2 * reach + 1
    let count = min(max(Int(length / 2), Self.places.lowerBound), Self.places.upperBound)

    /// Moves the ends by so many steps, along the normal; false if that is too far, or would take one out of the image.
    func move(_ segment: inout Segment, by offsets: (first: Double, last: Double)) -> Bool {
      guard max(abs(offsets.first), abs(offsets.last)) * across <= limit else { return false }
      let (nu, nv) = (-slope * cosine * across, cosine * across)
      let a = (u: u1 + offsets.first * nu, v: v1 + offsets.first * nv)
      let b = (u: u1 + du + offsets.last * nu, v: v1 + pixelLine.dv + offsets.last * nv)
      func isInside(_ u: Double, _ v: Double) -> Bool {
        u >= -0.5 && v >= -0.5 && u <= Double(uCount) - 0.5 && v <= Double(vCount) - 0.5
      }
      guard isInside(a.u, a.v), isInside(b.u, b.v) else { return false }
      (segment.x1, segment.y1) = pixelLine.isFlat ? (a.u, a.v) : (a.v, a.u)
      (segment.x2, segment.y2) = pixelLine.isFlat ? (b.u, b.v) : (b.v, b.u)
      return true
    }

    // Derivatives at each place, and their mean by the distance from the segment in steps.
    let derivatives = scratch
    let mean = derivatives + count * Self.window
    let positions = mean + Self.window
    let edges = positions + count
    mean.update(repeating: 0, count: window)
    var used = 0
    for place in 0..<count {
      // The outer tenths are left out: other lines meet there.
      let share = 0.1 + 0.8 * (Double(place) + 0.5) / Double(count)
      // Rounded by conversion, a library call apart: positive, and within the image before it becomes an integer.
      let nearest = u1 + share * du + 0.5
      guard nearest >= 0, nearest < Double(uCount) else { continue }
      let column = Int(nearest)
      let v = pixelLine.row(column)
      guard v + 0.5 >= Double((reach + 1) * step), v + 0.5 < Double(vCount - (reach + 1) * step) else { continue }
      let row = Int(v + 0.5)
      let center = pixels + (column * pixelLine.uStep + row * pixelLine.vStep)
      // The image is in no near cache: all that will be read is asked for before the first of it is.
      for k in -reach - 1...reach + 1 { prefetch(center + k * stride) }
      // The derivatives stand at whole pixels, `offset` off the steps that are counted from the segment.
      crossings[used] = Crossing(
        center: center, position: Float(Double(column) - u1), offset: Float((Double(row) - v) / Double(step)))
      used += 1
    }
    guard used >= Self.places.lowerBound * 3 / 4 else { return false }
    for place in 0..<used {
      let line = derivatives + place * Self.window
      var next = crossings[place].center - (reach + 1) * stride
      var before = brightness(next)
      next += stride
      var here = brightness(next)
      for k in 0..<window {
        next += stride
        let after = brightness(next)
        line[k] = Float(after &- before) * (1 / 256)
        before = here
        here = after
      }
      let offset = crossings[place].offset
      // Step k - reach lies between two derivatives; before the first, that one holds.
      let part = offset > 0 ? 1 - offset : -offset
      if offset > 0 {
        mean[0] += line[0]
        for k in 1..<window - 1 { mean[k] += line[k - 1] + part * (line[k] - line[k - 1]) }
      } else {
        for k in 0..<window - 1 { mean[k] += line[k] + part * (line[k + 1] - line[k]) }
      }
    }
    /// Moves the segment between the edges where no one of them can be told to be meant.
    func moveBetween() -> Bool {
      let offset = Double(Self.middle(of: mean, count: window - 1)) - Double(reach)
      return move(&segment, by: (offset, offset))
    }
    let edge: Int
    switch Self.edges(in: mean, count: window - 1, least: Self.clearEdge * Float(used)) {
    case .none: return false
    case .several: return moveBetween()
    case .one(let index): edge = index
    }
    let sign: Float = mean[edge] > 0 ? 1 : -1
    let strength = abs(mean[edge]) / Float(used)

    // The edge's distance from the segment at each place that shows it.
    var shown = 0
    for place in 0..<used {
      let line = derivatives + place * Self.window
      let expected = Float(edge) - crossings[place].offset
      guard let peak = Self.peak(of: line, window: window, near: expected, sign: sign, least: 0.3 * strength) else {
        continue
      }
      positions[shown] = crossings[place].position
      edges[shown] = peak + crossings[place].offset - Float(reach)
      shown += 1
    }
    guard shown * 10 >= used * 6, let fitted = Self.line(positions, edges, shown) else { return moveBetween() }

    return move(&segment, by: (Double(fitted.offset), Double(fitted.offset + fitted.slope * Float(du))))
  }

  /// The edges that a mean derivative shows.
  private enum Edges {
    case none
    /// One stands out: the largest peak, at this step.
    case one(Int)
    /// Others are nearly as large.
    case several
  }

  private static func edges(in mean: UnsafePointer<Float>, count: Int, least: Float) -> Edges {
    var best = -1
    for k in 1..<count - 1 where best < 0 || abs(mean[k]) > abs(mean[best]) { best = k }
    guard best > 0, abs(mean[best]) >= least else { return .none }
    for k in 1..<count - 1 where abs(k - best) > 1 {
      let value = abs(mean[k])
      guard value > rival * abs(mean[best]) else { continue }
      // The flank of a wide edge is no rival.
      if value >= abs(mean[k - 1]), value >= abs(mean[k + 1]) { return .several }
    }
    return .one(best)
  }

  /// The mean place of edges, by the squares of their strengths: which of them is meant is open, and another view may show
  /// another as the strongest, but what lies between them is about the same in both.
  private static func middle(of mean: UnsafePointer<Float>, count: Int) -> Float {
    var (weights, moment): (Float, Float) = (0, 0)
    for k in 0..<count {
      let weight = mean[k] * mean[k]
      weights += weight
      moment += weight * Float(k)
    }
    return moment / weights
  }

  /// The peak of a signed derivative within 1.5 pixels of a position, by the parabola through its three values.
  private static func peak(
    of line: UnsafePointer<Float>, window: Int, near expected: Float, sign: Float, least: Float
  ) -> Float? {
    let low = max(1, Int(expected - 1 + 0.5))
    let high = min(window - 2, Int(expected + 1 + 0.5))
    guard low <= high else { return nil }
    var best = low
    for k in low...high where sign * line[k] > sign * line[best] { best = k }
    let (before, value, after) = (sign * line[best - 1], sign * line[best], sign * line[best + 1])
    guard value >= least, value >= before, value >= after else { return nil }
    let bend = before - 2 * value + after
    return Float(best) + (bend < 0 ? 0.5 * (before - after) / bend : 0)
  }

  /// The line offset + slope * position of least squares through edges, fitted again to those within 0.75 pixels of it;
  /// nil if fewer than six tenths are.
  private static func line(
    _ positions: UnsafePointer<Float>, _ edges: UnsafePointer<Float>, _ count: Int
  ) -> (offset: Float, slope: Float)? {
    var fitted: (offset: Float, slope: Float) = (0, 0)
    var limit = Float.infinity
    for _ in 0..<3 {
      var (n, x, y, xx, xy): (Float, Float, Float, Float, Float) = (0, 0, 0, 0, 0)
      for i in 0..<count {
        guard abs(edges[i] - fitted.offset - fitted.slope * positions[i]) <= limit else { continue }
        n += 1
        x += positions[i]
        y += edges[i]
        xx += positions[i] * positions[i]
        xy += positions[i] * edges[i]
      }
      guard n >= 0.6 * Float(count), n >= 4 else { return nil }
      let spread = xx - x * x / n
      let slope = spread > 0 ? (xy - x * y / n) / spread : 0
      fitted = ((y - slope * x) / n, slope)
      limit = limit == .infinity ? 1.5 : 0.75
    }
    return fitted
  }
}
