import Files
import Foundation
import Images
import Testing

/// Pipes, devices and terminals.
@Suite struct StreamTests {
  let scratch: Scratch
  let image: String

  init() throws {
    scratch = try Scratch()
    image = try scratch.file("image.png", .rectangle())
  }

  @Test func aClosedPipeEndsQuietly() throws {
    let other = try scratch.file("other.png", .rectangle())
    for arguments in [[image], [image, other], [image, "--format", "png"], [image, other, "--format", "hawp"]] {
      let outcome = try Tool.run(["detect", "--method", "gradient"] + arguments, output: .closedPipe)
      #expect(outcome.status == 0)
      #expect(outcome.errors == "")
    }
    #expect(try Tool.run(["--help"], output: .closedPipe).errors == "")
  }

  @Test func imagesFromAPipeAreTimed() throws {
    let bytes = try File.read(image)
    let outcome = try Tool.run(["bench", "-", "--frames", "2", "--method", "gradient", "--json"], input: bytes)
    #expect(outcome.status == 0 && outcome.text.contains("\"image_size\" : \"96x80\""), "\(outcome.errors)")
  }

  @Test func moreThreadsThanProcessorsAreTimed() throws {
    let outcome = try Tool.run(["bench", image, "--frames", "9", "--method", "gradient", "--threads", "9", "--json"])
    #expect(outcome.status == 0 && outcome.text.contains("\"threads\" : 9"), "\(outcome.errors)")
  }

  @Test func devicesAreFiles() throws {
    let outcome = try Tool.run(["detect", image, "--method", "gradient", "-o", "/dev/null"])
    #expect(outcome.status == 0 && outcome.errors == "")
  }

  #if os(Linux)
    @Test func aFullDeviceIsAnError() throws {
      let other = try scratch.file("other.png", .rectangle())
      let outcome = try Tool.run(["detect", image, other, "--method", "gradient"], output: .path("/dev/full"))
      #expect(outcome.status == 1)
      #expect(outcome.errors.split(separator: "\n").count == 1, "it is said once")
      #expect(outcome.errors.contains("standard output") && outcome.errors.contains("space"))
      for arguments in [
        ["--version"], ["bench", image, "--frames", "1", "--method", "gradient"],
        ["evaluate", "--repeatability", scratch.folder, "--method", "gradient"],
      ] {
        let outcome = try Tool.run(arguments, output: .path("/dev/full"))
        #expect(outcome.status == 1 && outcome.errors.contains("standard output"), "\(outcome.errors)")
      }
    }
  #endif

  @Test func picturesStayOffTheTerminal() throws {
    let terminal = try Terminal()
    let outcome = try Tool.run(
      ["detect", image, "--method", "gradient", "--format", "png"], output: .path(terminal.path))
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("-o"))
    #expect(terminal.read() == "")
    let text = try Tool.run(["detect", image, "--method", "gradient"], output: .path(terminal.path))
    #expect(text.status == 0)
    #expect(terminal.read().split(whereSeparator: \.isNewline).count >= 4)
  }

  @Test func progressOnATerminalOnly() throws {
    let other = try scratch.file("other.png", .rectangle())
    let bad = try scratch.file("bad.png", Array("bad".utf8))
    let arguments = ["detect", image, bad, other, "--method", "gradient", "-o", scratch.path("out")]
    let terminal = try Terminal()
    let outcome = try Tool.run(
      arguments, errors: .path(terminal.path), environment: ["TERM": "xterm", "NO_COLOR": nil])
    #expect(outcome.status == 1)
    let shown = terminal.read()
    #expect(shown.contains("2/3 other.png") && shown.contains("\u{1B}[1;31mError:"))

    #expect(try Tool.run(arguments, errors: .path(terminal.path), environment: ["NO_COLOR": "1"]).status == 1)
    #expect(terminal.read().contains("Error: \(bad)"))
    #expect(try Tool.run(arguments + ["--quiet"], errors: .path(terminal.path)).status == 1)
    #expect(!terminal.read().contains("other.png"))
    #expect(try !Tool.run(arguments).errors.contains("other.png"))
  }
}

/// A pseudo-terminal.
private final class Terminal {
  let path: String
  private let controller: CInt

  init() throws {
    #if os(Linux)
      // The C library's functions for this are hidden from Swift.
      controller = open("/dev/ptmx", O_RDWR | O_NOCTTY)
      var (lock, number): (CInt, CUnsignedInt) = (0, 0)
      let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
      try #require(ioctl(controller, setLock, &lock) == 0 && ioctl(controller, getNumber, &number) == 0)
      path = "/dev/pts/\(number)"
    #else
      controller = posix_openpt(O_RDWR | O_NOCTTY)
      try #require(grantpt(controller) == 0 && unlockpt(controller) == 0)
      path = String(cString: try #require(ptsname(controller)))
    #endif
    // Reading is to end where there is nothing more, not to wait.
    _ = fcntl(controller, F_SETFL, O_NONBLOCK)
  }

  deinit { close(controller) }

  /// What has been shown since the last call.
  func read() -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = Foundation.read(controller, &chunk, chunk.count)
      if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }
}
