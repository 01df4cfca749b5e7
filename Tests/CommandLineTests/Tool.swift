import Files
import Foundation
import Images
import Testing

/// Runs the real binary, as a shell would.
enum Tool {
  struct Outcome {
    var status: Int32
    var output: [UInt8]
    var errors: String

    var text: String { String(decoding: output, as: UTF8.self) }
    var lines: [Substring] { text.split(separator: "\n") }
  }

  /// Where the standard output and the standard error go.
  enum Sink {
    case captured
    case path(String)
    /// A pipe that nobody reads any more.
    case closedPipe
  }

  /// The binary lies beside the tests.
  static let path: String = {
    let bundle = Bundle.allBundles.map(\.bundlePath).first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    return Path.join(Path.parent(bundle), "lsdnet")
  }()

  static func run(
    _ arguments: [String], input: [UInt8] = [], output: Sink = .captured, errors: Sink = .captured,
    environment: [String: String?] = [:], in folder: String? = nil
  ) throws -> Outcome {
    let scratch = try Scratch()
    let inputFile = try scratch.file("stdin", input)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment
    for (name, value) in environment { process.environment?[name] = value }
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    process.standardInput = FileHandle(forReadingAtPath: inputFile)
    func open(_ sink: Sink, _ name: String) throws -> FileHandle {
      switch sink {
      case .captured: return try #require(FileHandle(forWritingAtPath: scratch.file(name, [])))
      case .path(let path): return try #require(FileHandle(forWritingAtPath: path))
      case .closedPipe:
        let pipe = Pipe()
        try pipe.fileHandleForReading.close()
        return pipe.fileHandleForWriting
      }
    }
    let (outputHandle, errorHandle) = (try open(output, "stdout"), try open(errors, "stderr"))
    process.standardOutput = outputHandle
    process.standardError = errorHandle
    try process.run()
    process.waitUntilExit()
    // A signal shows as the shell shows it.
    let status = process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
    func contents(_ name: String) throws -> [UInt8] {
      let path = scratch.path(name)
      return File.exists(path) ? try File.read(path) : []
    }
    return Outcome(
      status: status, output: try contents("stdout"), errors: String(decoding: try contents("stderr"), as: UTF8.self))
  }
}

/// A test's argument that is shown by name.
struct Named<Value: Sendable>: Sendable, CustomTestStringConvertible {
  let name: String
  let value: Value
  var testDescription: String { name }
}

/// A folder of its own for one test, gone with the object.
final class Scratch {
  let folder: String

  init() throws {
    folder = Path.join(
      FileManager.default.temporaryDirectory.path, "lsdnet-" + String(UInt64.random(in: 0 ... .max), radix: 36))
    try Directory.create(folder)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { Path.join(folder, name) }

  @discardableResult func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Directory.create(Path.parent(path(name)))
    try File.write(bytes, to: path(name))
    return path(name)
  }

  @discardableResult func file(_ name: String, _ image: RGBImage) throws -> String {
    try file(name, Path.fileExtension(name) == "ppm" ? image.ppmBytes() : image.pngBytes())
  }

  /// Paths of all files below the folder, relative to it.
  func files() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).filter { !File.isDirectory(path($0)) }.sorted()
  }
}

extension RGBImage {
  /// A bright rectangle on a dark ground.
  static func rectangle(
    width: Int = 96, height: Int = 80, x: Range<Int> = 20..<70, y: Range<Int> = 15..<60
  ) -> RGBImage {
    make(width, height) { x.contains($0) && y.contains($1) ? 220 : 30 }
  }

  static func noise(width: Int, height: Int) -> RGBImage {
    var state: UInt32 = 1
    return make(width, height) { _, _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
  }

  static func make(_ width: Int, _ height: Int, _ value: (_ x: Int, _ y: Int) -> UInt8) -> RGBImage {
    var image = RGBImage(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width {
        let value = value(x, y)
        for channel in 0..<3 { image.pixels[3 * (y * width + x) + channel] = value }
      }
    }
    return image
  }
}
