import Images
import Lines

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Moves the ends of segments along their lines to where the image shows that they end.
///
/// A network's ends are right to a part of a cell, but another view of the same scene has other cells. The image shows the
/// same in both, pixel by pixel along the line and beside it. What that says of each place, `EndNetwork` has learned. With
/// the network's end as the prior, a normal distribution, every place has a probability to be the end; their mean is taken, as it
/// does not jump, which the likeliest place does where another is nearly as likely.
///
/// Needs no memory but its own; use one fitter per thread.
public struct EndFitter: ~Copyable {
  /// How far an end may be moved, in cells.
  static let farthest = 1.5
  /// Pixels of a cell are looked at one by one if there are about so many; if there are more, by larger steps.
  static let usualCell = 2.2
  /// How the line should look is seen at four places inside, so many steps apart, the last at most so much of the length
  /// from the end.
  static let spacing = 3.0
  static let largestShare = 0.6
  /// The difference of brightness, in grey levels over two pixels, under which an end stays: noise would decide.
  static let faint: Float = 4

  /// The side of a cell of the field, in pixels.
  public var cell: Double

  private let network = EndNetwork.learned
  private let columns = UnsafeMutablePointer<Float>.allocate(capacity: mostColumns * EndNetwork.inputs)
  private let features = UnsafeMutablePointer<EndNetwork.Features>.allocate(capacity: mostColumns)
  private let evidence = UnsafeMutablePointer<EndNetwork.Evidence>.allocate(capacity: mostColumns)
  private let places = UnsafeMutablePointer<(place: Double, logarithm: Double)>.allocate(capacity: mostColumns)

  public init(cell: Double = 1) { self.cell = cell }

  deinit {
    columns.deallocate()
    features.deallocate()
    evidence.deallocate()
    places.deallocate()
  }

  /// Pixels from one column that is looked at to the next.
  private var step: Int { max(1, Int((cell / Self.usualCell).rounded())) }
  /// Places on either side of an end that may be it.
  private var reach: Int { Int(Self.farthest * cell / Double(step)) + 1 }
  /// A cell is less than 1.5 usual ones in steps, whatever its size.
  private static let mostColumns = 2 * (Int(farthest * 1.5 * usualCell) + 1 + EndNetwork.margin)

  /// Moves both ends of each segment; those too near to the border of the image stay.
  ///
  /// - Complexity: linear in the segments, some 250 pixels and 12,000 multiply-adds each.
  public func fit(_ segments: inout [Segment], to image: RGBImage) {
    image.pixels.withUnsafeBufferPointer { pixels in
      guard let base = pixels.baseAddress else { return }
      for index in segments.indices {
        let segment = segments[index]
        guard let line = PixelLine(segment, base, image.width, image.height) else { continue }
        let (dx, dy) = (segment.x2 - segment.x1, segment.y2 - segment.y1)
        let (first, last) = (shift(of: line.first, line, sign: -1), shift(of: line.last, line, sign: 1))
        segments[index].x1 -= first * dx / line.length
        segments[index].y1 -= first * dy / line.length
        segments[index].x2 += last * dx / line.length
        segments[index].y2 += last * dy / line.length
      }
    }
  }

  /// How far outwards an end is moved, in pixels along the line.
  ///
  /// - Parameter sign: of the direction from the other end to this one, as the segment runs.
  private func shift(of end: (u: Double, v: Double), _ line: PixelLine, sign: Double) -> Double {
    let direction = sign * line.du > 0 ? 1 : -1
    let (step, reach) = (step, reach)
    let spacing = min(Self.spacing * Double(step), Self.largestShare / 4 * abs(line.du))
    guard end.u >= 0, end.u < Double(line.uCount) else { return 0 }
    let column = Int(end.u + 0.5)
    let (outermost, innermost) = (reach + EndNetwork.margin - 1, reach + EndNetwork.margin)
    guard line.isInside(column + direction * step * outermost, step: step),
      line.isInside(column - direction * max(step * innermost, Int(4 * spacing)), step: step)
    else { return 0 }

    var usual = MiddleOfFour()
    for place in 1...4 { usual.add(line.look(column - direction * Int(Double(place) * spacing), step: step)) }
    let across = usual.value[3] - usual.value[1]
    let contrast = abs(across)
    guard contrast >= Self.faint else { return 0 }
    let count = 2 * (reach + EndNetwork.margin)
    for k in 0..<count {
      let seen = line.look(column + direction * step * (k - count / 2), step: step)
      let relative = ((seen - usual.value) / contrast).clamped(
        lowerBound: PixelLine.Look(repeating: -2), upperBound: PixelLine.Look(repeating: 2))
      // From the darker side to the brighter one.
      for i in 0..<EndNetwork.inputs {
        columns[k * EndNetwork.inputs + i] = relative[across > 0 ? i : EndNetwork.inputs - 1 - i]
      }
    }
    network.run(columns, count: count, contrast: contrast, features: features, into: evidence)

    // Places lie between a column and the next, in steps along the line.
    let stretch = line.length / abs(line.du)
    let nearest = Double(direction) * (Double(column) - end.u)
    let precision = 1 / (Double(network.deviation) * cell)
    var belongs: Float = 0
    var most = -Double.infinity
    for k in 0..<2 * reach {
      belongs += evidence[k].belongs
      let place = (nearest + Double(step) * (Double(k - reach) + 0.5)) * stretch
      let isPossible = abs(place) <= Self.farthest * cell && place > -0.4 * line.length
      let off = place * precision
      let logarithm =
        isPossible ? Double(evidence[k].ends) + Double(belongs) * stretch - 0.5 * off * off : -.infinity
      places[k] = (place, logarithm)
      most = max(most, logarithm)
    }
    guard most > -.infinity else { return 0 }
    var (total, moment) = (0.0, 0.0)
    for k in 0..<2 * reach {
      let probability = exp(places[k].logarithm - most)
      total += probability
      moment += probability * places[k].place
    }
    return moment / total
  }
}

/// The mean of the middle two of four values.
private struct MiddleOfFour {
  private var (sum, least, most) = (
    PixelLine.Look(), PixelLine.Look(repeating: .infinity), PixelLine.Look(repeating: -.infinity)
  )

  mutating func add(_ value: PixelLine.Look) {
    sum += value
    least = pointwiseMin(least, value)
    most = pointwiseMax(most, value)
  }

  var value: PixelLine.Look { (sum - least - most) / 2 }
}

extension PixelLine {
  /// Brightness in grey levels at `offsets`, in the first lanes.
  typealias Look = SIMD8<Float>

  /// Where a column is looked at, in steps across the line.
  static let offsets = -2...2

  /// Whether all that `look` reads at a column lies within the image.
  func isInside(_ u: Int, step: Int) -> Bool {
    u >= 0 && u < uCount && row(u) >= Double(2 * step) && row(u) < Double(vCount - 3 * step)
  }

  /// What a column shows, interpolated between pixels that are a step apart.
  @inline(__always)
  func look(_ u: Int, step: Int) -> Look {
    let v = row(u)
    let whole = Int(v)
    let part = Float(v - Double(whole)) / Float(step)
    let stride = step &* vStep
    var pixel = pixels + (u &* uStep &+ whole &* vStep &- 2 &* stride)
    var before = Float(brightness(pixel))
    var look = Look()
    for lane in 0..<Self.offsets.count {
      pixel += stride
      let after = Float(brightness(pixel))
      look[lane] = before + part * (after - before)
      before = after
    }
    return look * (1 / 256)
  }
}
