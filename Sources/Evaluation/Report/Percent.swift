import SegmentFormats

/// A fraction as percent with the given number of decimals: 0.65514 is "65.5".
func percent(_ fraction: Double, decimals: Int = 1) -> String { fixed(100 * fraction, decimals: decimals) }

/// A number with a fixed number of decimals, half away from zero.
func fixed(_ value: Double, decimals: Int = 1) -> String {
  var text = TextBuffer()
  text.append(value, places: decimals, padded: true)
  return String(decoding: text.bytes, as: UTF8.self)
}

/// A score in a table: up to four decimals.
func scoreText(_ score: Double) -> String {
  var text = fixed(score, decimals: 4)
  while text.contains("."), let last = text.last, last == "0" || last == "." {
    text.removeLast()
    if last == "." { break }
  }
  return text
}
