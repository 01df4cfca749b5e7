import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Prints results to the standard output; a reader that has gone has seen enough.
///
/// - Throws: `FileError` if they do not get there.
func printResult(_ text: String) throws {
  do throws(FileError) { try File.writeToStandardOutput(Array(text.utf8)) } catch  where error.isClosedPipe {}
}

/// The standard error: words for the person, never results.
struct Console {
  private static let isTerminal = isatty(STDERR_FILENO) == 1
  /// https://no-color.org
  private static let isColoured =
    isTerminal && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
    && getenv("TERM").map { String(cString: $0) } != "dumb"

  /// Whether there is a progress line to be wiped before something else is written.
  private var showsProgress = false
  private let isQuiet: Bool

  init(isQuiet: Bool = false) {
    self.isQuiet = isQuiet
  }

  /// Reports a failure; the run goes on.
  mutating func report(_ error: any Error) {
    clearProgress()
    show(Self.isColoured ? "\u{1B}[1;31mError:\u{1B}[0m \(error)\n" : "Error: \(error)\n")
  }

  /// Tells what the reader of the results should know.
  mutating func note(_ text: String) {
    clearProgress()
    show("Note: \(text)\n")
  }

  /// Shows how far the work is, on a terminal, in place of what was shown before.
  mutating func showProgress(_ done: Int, of count: Int, _ name: String) {
    guard Self.isTerminal, !isQuiet else { return }
    var size = winsize()
    let columns = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    let width = min(20, columns / 4)
    let filled = count > 0 ? done * width / count : 0
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    show("\r\u{1B}[K" + "[\(bar)] \(done)/\(count) \(name)".prefix(columns - 1))
    showsProgress = true
  }

  mutating func clearProgress() {
    guard showsProgress else { return }
    show("\r\u{1B}[K")
    showsProgress = false
  }

  private func show(_ text: String) {
    let bytes = Array(text.utf8)
    // Where nobody can be told, there is nobody to tell that.
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }
}

/// Whether the standard output is a terminal, where bytes that are no text do harm.
var standardOutputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
