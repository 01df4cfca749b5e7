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
/// A detector's ends are right to a part of a cell, but another view of the same scene has other cells. The image shows the
/// same in both, pixel by pixel along the line and beside it. What that says of each place, `EndNetwork` has learned. With
/// the detector's end as the prior, a normal distribution, every place has a probability to be the end; their mean is
/// taken, as it does not jump, which the likeliest place does where another is nearly as likely.
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
  private let columns: UnsafeMutablePointer<Float>
  private let features: UnsafeMutablePointer<EndNetwork.Features>
  private let evidence: UnsafeMutablePointer<EndNetwork.Evidence>
  private let places: UnsafeMutablePointer<(place: Float, logarithm: Float)>

  public init(cell: Double = 1) {
    self.cell = cell
    let most = Self.mostColumns + EndNetwork.slack
    columns = .allocate(capacity: most * EndNetwork.inputs)
    columns.initialize(repeating: 0, count: most * EndNetwork.inputs)
    features = .allocate(capacity: most)
    features.initialize(repeating: EndNetwork.Features(), count: most)
    evidence = .allocate(capacity: most)
    places = .allocate(capacity: most)
  }

  deinit {
    columns.deallocate()
    features.deallocate()
    evidence.deallocate()
    places.deallocate()
  }

  /// Pixels from one column that is looked at to the next; rounded by conversion, a library call apart.
  private var step: Int { max(1, Int(cell / Self.usualCell + 0.5)) }
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
    let (room, inputs) = (reach + EndNetwork.margin, EndNetwork.inputs)
    guard line.isInside(column + direction * step * (room - 1), step: step),
      line.isInside(column - direction * max(step * room, Int(4 * spacing)), step: step)
    else { return 0 }

    for place in 1...4 {
      line.look(column - direction * Int(Double(place) * spacing), step: step, into: columns + (place - 1) * inputs)
    }
    var usual = EndNetwork.Features()
    for i in 0..<inputs {
      usual[i] = middle(columns[i], columns[inputs + i], columns[2 * inputs + i], columns[3 * inputs + i])
    }
    let across = usual[3] - usual[1]
    let contrast = abs(across)
    guard contrast >= Self.faint else { return 0 }
    let (count, scale) = (2 * room, 1 / contrast)
    for k in 0..<count {
      let seen = columns + k * inputs
      line.look(column + direction * step * (k - room), step: step, into: seen)
      for i in 0..<inputs { seen[i] = min(max((seen[i] - usual[i]) * scale, -2), 2) }
      // From the darker side to the brighter one.
      if across < 0 {
        (seen[0], seen[1], seen[3], seen[4]) = (seen[4], seen[3], seen[1], seen[0])
      }
    }
    network.run(columns, count: count, contrast: contrast, features: features, into: evidence)

    // Places lie between a column and the next, in pixels along the line.
    let stretch = Float(line.length / abs(line.du))
    let nearest = Float(Double(direction) * (Double(column) - end.u))
    let (farthest, innermost) = (Float(Self.farthest * cell), Float(-0.4 * line.length))
    let precision = 1 / (network.deviation * Float(cell))
    var belongs: Float = 0
    var most = -Float.infinity
    for k in 0..<2 * reach {
      belongs += evidence[k].belongs
      let place = (nearest + Float(step) * (Float(k - reach) + 0.5)) * stretch
      let isPossible = abs(place) <= farthest && place > innermost
      let off = place * precision
      let logarithm = isPossible ? evidence[k].ends + belongs * stretch - 0.5 * off * off : -.infinity
      places[k] = (place, logarithm)
      most = max(most, logarithm)
    }
    guard most > -.infinity else { return 0 }
    var (total, moment): (Float, Float) = (0, 0)
    for k in 0..<2 * reach {
      let probability = exp(places[k].logarithm - most)
      total += probability
      moment += probability * places[k].place
    }
    return Double(moment / total)
  }
}

/// The mean of the middle two of four values.
@inline(__always)
private func middle(_ a: Float, _ b: Float, _ c: Float, _ d: Float) -> Float {
  (a + b + c + d - min(min(a, b), min(c, d)) - max(max(a, b), max(c, d))) / 2
}

extension PixelLine {
  /// Where a column is looked at, in steps across the line.
  static let offsets = -2...2

  /// Whether all that `look` reads at a column lies within the image.
  func isInside(_ u: Int, step: Int) -> Bool {
    u >= 0 && u < uCount && row(u) >= Double(2 * step) && row(u) < Double(vCount - 3 * step)
  }

  /// What a column shows: brightness in grey levels at `offsets`, interpolated between pixels that are a step apart.
  @inline(__always)
  func look(_ u: Int, step: Int, into look: UnsafeMutablePointer<Float>) {
    let v = row(u)
    let whole = Int(v)
    let part = Float(v - Double(whole)) / Float(step)
    let stride = step &* vStep
    var pixel = pixels + (u &* uStep &+ whole &* vStep &- 2 &* stride)
    var before = Float(brightness(pixel)) * (1 / 256)
    for i in 0..<Self.offsets.count {
      pixel += stride
      let after = Float(brightness(pixel)) * (1 / 256)
      look[i] = before + part * (after - before)
      before = after
    }
  }
}
