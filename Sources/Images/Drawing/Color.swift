#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An sRGB colour of 8 bits a channel.
public struct Color: Equatable, Sendable {
  public var red: UInt8
  public var green: UInt8
  public var blue: UInt8

  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  public static let black = Color(0, 0, 0)
  public static let white = Color(255, 255, 255)

  /// `#rrggbb`, as HTML and SVG write it.
  public var hexadecimal: String {
    "#"
      + [red, green, blue].map { value in
        let digits = String(value, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
      }.joined()
  }

  /// The colour darkened to a share of its stored values, 0 to 1.
  public func darkened(to share: Float) -> Color {
    func scaled(_ value: UInt8) -> UInt8 { byte(Float(value) / 255 * share) }
    return Color(scaled(red), scaled(green), scaled(blue))
  }
}

/// 0 to 1 as 0 to 255, rounded; what lies outside is clamped, and NaN is 0.
func byte(_ value: Float) -> UInt8 {
  value > 0 ? UInt8(min(value, 1) * 255 + 0.5) : 0
}

/// A colour in the OKLab space, in which equal distances look about equally large (B. Ottosson, A perceptual color space
/// for image processing, 2020), in polar coordinates.
struct OKLCh {
  /// 0 is black, 1 is white.
  var lightness: Double
  /// 0 is grey; sRGB reaches some 0.3.
  var chroma: Double
  /// In degrees: 30 is red, 110 yellow, 140 green, 265 blue.
  var hue: Double

  var lab: (l: Double, a: Double, b: Double) {
    let angle = hue * .pi / 180
    return (lightness, chroma * cos(angle), chroma * sin(angle))
  }

  /// sRGB values before rounding; outside 0...1 if the colour cannot be shown.
  private var components: (red: Double, green: Double, blue: Double) {
    let (l, a, b) = lab
    func cube(_ x: Double) -> Double { x * x * x }
    let long = cube(l + 0.3963377774 * a + 0.2158037573 * b)
    let medium = cube(l - 0.1055613458 * a - 0.0638541728 * b)
    let short = cube(l - 0.0894841775 * a - 1.2914855480 * b)
    func encoded(_ x: Double) -> Double { x <= 0.0031308 ? 12.92 * x : 1.055 * pow(x, 1 / 2.4) - 0.055 }
    return (
      encoded(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
      encoded(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
      encoded(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short)
    )
  }

  private var isShown: Bool {
    let (red, green, blue) = components
    return [red, green, blue].allSatisfy { -1e-4...1 + 1e-4 ~= $0 }
  }

  /// The same lightness and hue, with as much of the chroma as sRGB can show.
  var inGamut: OKLCh {
    if isShown { return self }
    var (low, high) = (self, self)
    low.chroma = 0
    for _ in 0..<20 {
      var middle = self
      middle.chroma = (low.chroma + high.chroma) / 2
      if middle.isShown { low = middle } else { high = middle }
    }
    return low
  }

  var color: Color {
    let (red, green, blue) = components
    return Color(byte(Float(red)), byte(Float(green)), byte(Float(blue)))
  }
}
