/// A fraction as percent with the given number of decimals: 0.65514 is "65.5".
func percent(_ fraction: Double, decimals: Int = 1) -> String { fixed(100 * fraction, decimals: decimals) }

/// A number with a fixed number of decimals, half away from zero.
func fixed(_ value: Double, decimals: Int = 1) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let rounded = Int((abs(value) * scale).rounded())
  let digits = decimals == 0 ? "" : String(rounded % Int(scale))
  let fraction = String(repeating: "0", count: decimals - digits.count) + digits
  return (value < 0 && rounded != 0 ? "-" : "") + "\(rounded / Int(scale))" + (decimals == 0 ? "" : "." + fraction)
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
