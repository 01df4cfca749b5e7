/// A text document in the making, in UTF-8. Numbers do not depend on the locale.
public struct TextBuffer {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  public mutating func append(_ text: String) {
    bytes.append(contentsOf: text.utf8)
  }

  mutating func append(_ value: Int) {
    append(String(value))
  }

  /// Appends `value` rounded to at most `places` decimals, trailing zeros left out; with `padded` all decimals, as
  /// `%.*f` has them. Values too large for that (2^53 units of the last place) get their shortest exact form, NaN and
  /// infinities their Swift names.
  public mutating func append(_ value: Double, places: Int, padded: Bool = false) {
    var unit: UInt64 = 1
    for _ in 0..<places { unit *= 10 }
    let scaled = (value.magnitude * Double(unit)).rounded()
    guard scaled < 0x1p53 else { return append(String(describing: value)) }
    let units = UInt64(scaled)
    if value < 0, units > 0 { append("-") }
    append(String(units / unit))
    var fraction = units % unit
    var digits = places
    if !padded {
      while digits > 0, fraction % 10 == 0 {
        fraction /= 10
        digits -= 1
      }
    }
    guard digits > 0 else { return }
    let text = String(fraction)
    append("." + String(repeating: "0", count: digits - text.utf8.count) + text)
  }
}
