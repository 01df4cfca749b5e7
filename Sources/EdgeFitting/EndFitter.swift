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
/// A network's ends are right to a part of a cell, but another view of the same scene has other cells. The image says the
/// same in both: pixel by pixel along the line, whether brightness differs across it as it does further inside, and
/// whether that of either side is still the same. So each place speaks for the line or against it. With the network's end
/// as the prior, a normal distribution, every place has a probability to be the end; their mean is taken, as it does not
/// jump, which the likeliest place does where another is nearly as likely.
public struct EndFitter: Sendable {
  /// The standard deviation of the network's ends along their lines, in cells. No end is moved by more than a cell.
  static let deviation = 0.5
  /// Pixels looked at on each side of an end, at most.
  static let largestReach = 8
  /// How the line should look is seen at four places inside, so many pixels apart, the last at most so much of the length
  /// from the end.
  static let spacing = 3.0
  static let largestShare = 0.6
  /// The difference of brightness, in grey levels over two pixels, under which an end stays: noise would decide.
  static let faint: Float = 4

  /// The side of a cell of the field, in pixels.
  public var cell: Double

  public init(cell: Double) { self.cell = cell }

  /// Moves both ends of each segment; those too near to the border of the image stay.
  ///
  /// - Complexity: linear in the segments, some 150 pixels each.
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

  /// The mean of the middle two of four values.
  private struct Middle {
    private var (sum, least, most): (Float, Float, Float) = (0, .infinity, -.infinity)

    mutating func add(_ value: Float) {
      sum += value
      least = min(least, value)
      most = max(most, value)
    }

    var value: Float { (sum - least - most) / 2 }
  }

  /// How far outwards an end is moved, in pixels along the line.
  ///
  /// - Parameter sign: of the direction from the other end to this one, as the segment runs.
  private func shift(of end: (u: Double, v: Double), _ line: PixelLine, sign: Double) -> Double {
    let step = sign * line.du > 0 ? 1 : -1
    let reach = min(Int(cell) + 1, Self.largestReach)
    let spacing = min(Self.spacing, Self.largestShare / 4 * abs(line.du))
    guard end.u >= 0, end.u < Double(line.uCount) else { return 0 }
    let column = Int(end.u + 0.5)
    guard line.isInside(column + step * reach), line.isInside(column - step * max(reach, Int(4 * spacing))) else {
      return 0
    }

    var (across, before, behind) = (Middle(), Middle(), Middle())
    for place in 1...4 {
      let seen = line.look(column - step * Int(Double(place) * spacing))
      across.add(seen.across)
      before.add(seen.before)
      behind.add(seen.behind)
    }
    let contrast = abs(across.value)
    guard contrast >= Self.faint else { return 0 }
    let scale = 1 / contrast

    // Pixels of the line from column to column.
    let stretch = line.length / abs(line.du)
    let start = 0.5 - Double(step) * (end.u - Double(column))
    let precision = 1 / (Self.deviation * cell)
    var evidence: Float = 0
    var (total, moment) = (0.0, 0.0)
    for k in -reach..<reach {
      let seen = line.look(column + step * k)
      let likeness = min(abs(seen.across) * scale, 1)
      let change = min(min(abs(seen.before - before.value), abs(seen.behind - behind.value)) * scale, 1)
      // What is on the line speaks against an end before it as much as for one behind it: twice, that is, less what all
      // places have in common.
      evidence += 2 * (2 * likeness - change - 1)
      // Between this column and the next.
      let place = (start + Double(k)) * stretch
      guard abs(place) <= cell, place > -0.4 * line.length else { continue }
      let off = place * precision
      let probability = exp(Double(evidence) * stretch - 0.5 * off * off)
      total += probability
      moment += probability * place
    }
    return total > 0 ? moment / total : 0
  }
}

extension PixelLine {
  /// Whether all that `look` reads at a column lies within the image.
  func isInside(_ u: Int) -> Bool { u >= 0 && u < uCount && row(u) >= 2 && row(u) < Double(vCount - 3) }

  /// What a column shows, in grey levels: the difference of brightness over the pixels before and behind the line, and
  /// the brightness on either side, two pixels away.
  @inline(__always)
  func look(_ u: Int) -> (across: Float, before: Float, behind: Float) {
    let v = row(u)
    let whole = Int(v)
    let part = Float(v - Double(whole)) * (1 / 256)
    let at = pixels + (u &* uStep &+ whole &* vStep)
    let (a, b) = (brightness(at - 2 * vStep), brightness(at - vStep))
    let (c, d) = (brightness(at), brightness(at + vStep))
    let (e, f) = (brightness(at + 2 * vStep), brightness(at + 3 * vStep))
    func between(_ low: Int32, _ high: Int32) -> Float { Float(low) * (1 / 256) + part * Float(high &- low) }
    return (between(d &- b, e &- c), between(a, b), between(e, f))
  }
}
