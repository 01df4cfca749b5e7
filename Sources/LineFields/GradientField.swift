import Images
import Lines

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Line heat and tangent from the image gradient: what the classical LSD grows its segments from.
///
/// The grey image is scaled down by a Gaussian, which takes the staircase off slanted edges, and differentiated by the
/// 2x2 mask of the paper (Grompone von Gioi et al., PAMI 2010). The tangent is the level line, at a right angle to the
/// gradient; its sign, dark to light, is not kept. Cells whose gradient is so small that the rounding of grey values
/// may turn it by more than the angle tolerance have no heat.
///
/// Scratch memory is kept from image to image.
public struct GradientField: Sendable {
  /// The parameters of the paper.
  public struct Options: Equatable, Sendable {
    /// Cells per pixel, in (0, 1].
    public var scale = 0.8
    /// Sigma of the Gaussian, in cells.
    public var sigma = 0.6
    /// Bound q of the error that rounding makes in the gradient.
    public var quantization = 2.0
    /// The angle tolerance tau, in degrees, for which the gradient must be safe.
    public var angleTolerance = 22.5
    /// Gradient, in grey levels of 0...255 a cell, that has heat 1/2.
    public var halfHeat = 30.0

    public init() {}

    /// The smallest gradient whose direction is safe: rho = q / sin(tau).
    public var minimumGradient: Double { quantization / sin(angleTolerance * .pi / 180) }
  }

  public let options: Options
  /// One row of grey values.
  private var row: [Float] = []
  /// All rows, smoothed and sampled across.
  private var columns: [Float] = []
  private var corners: [Float] = []

  public init(options: Options = Options()) {
    self.options = options
  }

  /// Size of the field of an image: it covers the whole image.
  public func gridSize(imageWidth: Int, imageHeight: Int) -> (width: Int, height: Int) {
    func cells(_ pixels: Int) -> Int {
      pixels > 0 ? max(1, Int((Double(pixels) * min(max(options.scale, 1e-3), 1)).rounded())) : 0
    }
    return (cells(imageWidth), cells(imageHeight))
  }

  /// Fills a field from an image; the field takes the size that `gridSize` says.
  ///
  /// - Complexity: linear in the pixels.
  public mutating func fill(_ field: inout LineField, from image: RGBImage) {
    let (width, height) = gridSize(imageWidth: image.width, imageHeight: image.height)
    field.resize(width: width, height: height)
    guard width > 0, height > 0 else { return }
    sampleCorners(of: image, width: width, height: height)
    differentiate(into: &field)
  }

  /// Grey values smoothed by the Gaussian at the corners of the cells, `(width + 1) * (height + 1)` of them: the
  /// 2x2 mask on four corners then gives the gradient at the very centre of a cell.
  private mutating func sampleCorners(of image: RGBImage, width: Int, height: Int) {
    let across = GaussianTaps(pixels: image.width, cells: width, sigma: options.sigma)
    let down = GaussianTaps(pixels: image.height, cells: height, sigma: options.sigma)
    let stride = width + 1
    row.resize(to: image.width + 2 * across.margin)
    columns.resize(to: image.height * stride)
    for y in 0..<image.height {
      readGrey(of: image, y, margin: across.margin)
      for i in 0..<stride {
        let first = across.first[i] + across.margin
        var sum: Float = 0
        for tap in 0..<across.count { sum += across.weights[i * across.count + tap] * row[first + tap] }
        columns[y * stride + i] = sum
      }
    }
    corners.resize(to: (height + 1) * stride)
    columns.withUnsafeBufferPointer { columns in
      corners.withUnsafeMutableBufferPointer { corners in
        guard let source = columns.baseAddress, let target = corners.baseAddress else { return }
        for j in 0...height {
          let sum = target + j * stride
          sum.update(repeating: 0, count: stride)
          for tap in 0..<down.count {
            let weight = down.weights[j * down.count + tap]
            let added = source + min(max(down.first[j] + tap, 0), image.height - 1) * stride
            for i in 0..<stride { sum[i] += weight * added[i] }
          }
        }
      }
    }
  }

  /// Reads a row of an image as grey values; beside it, on both sides, the edge goes on.
  private mutating func readGrey(of image: RGBImage, _ y: Int, margin: Int) {
    image.pixels.withUnsafeBufferPointer { pixels in
      let start = 3 * y * image.width
      for x in 0..<image.width {
        let i = start + 3 * x
        row[margin + x] = 0.299 * Float(pixels[i]) + 0.587 * Float(pixels[i + 1]) + 0.114 * Float(pixels[i + 2])
      }
    }
    for i in 0..<margin {
      row[i] = row[margin]
      row[margin + image.width + i] = row[margin + image.width - 1]
    }
  }

  private func differentiate(into field: inout LineField) {
    let width = field.width
    let stride = width + 1
    let minimum = Float(options.minimumGradient)
    let half = Float(options.halfHeat)
    for y in 0..<field.height {
      for x in 0..<width {
        let i = y * stride + x
        let rising = corners[i + stride + 1] - corners[i]
        let falling = corners[i + 1] - corners[i + stride]
        let gx = (rising + falling) / 2
        let gy = (rising - falling) / 2
        let square = gx * gx + gy * gy
        let magnitude = square.squareRoot()
        let cell = y * width + x
        guard magnitude > minimum else {
          field.heat[cell] = 0
          field.cos2[cell] = 0
          field.sin2[cell] = 0
          continue
        }
        field.heat[cell] = magnitude / (magnitude + half)
        // The tangent (-gy, gx) at twice its angle.
        field.cos2[cell] = (gy * gy - gx * gx) / square
        field.sin2[cell] = -2 * gx * gy / square
      }
    }
  }
}

/// The weights of a Gaussian around each corner of a row of cells that covers a row of pixels.
private struct GaussianTaps {
  /// Taps a corner.
  let count: Int
  /// `count` for each of the `cells + 1` corners, with sum 1.
  private(set) var weights: [Float] = []
  /// The pixel under the first tap of each corner; the outer corners' lie outside of the row.
  private(set) var first: [Int] = []
  /// How many pixels outside of the row the taps reach at most.
  let margin: Int

  init(pixels: Int, cells: Int, sigma: Double) {
    let scale = Double(pixels) / Double(cells)
    let deviation = max(sigma * scale, 0.1)
    let reach = max(1, (3 * deviation).rounded(.up))
    count = 2 * Int(reach)
    margin = Int(reach) + 1
    for corner in 0...cells {
      let center = scale * Double(corner) - 0.5
      let start = (center - reach).rounded(.down) + 1
      let raw = (0..<count).map { tap in
        let distance = start + Double(tap) - center
        return exp(-distance * distance / (2 * deviation * deviation))
      }
      let sum = raw.reduce(0, +)
      weights += raw.map { Float($0 / sum) }
      first.append(Int(start))
    }
  }
}

extension [Float] {
  /// Gives the array another size, keeping its storage where it is large enough.
  fileprivate mutating func resize(to count: Int) {
    if count < self.count {
      removeLast(self.count - count)
    } else {
      append(contentsOf: repeatElement(0, count: count - self.count))
    }
  }
}
