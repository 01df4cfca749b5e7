import Files
import Images

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// One image to work on.
struct Input: Hashable {
  /// The file, or `-` for the standard input.
  var path: String
  /// Folder of the image below the folder that was named, empty or `a/b`: outputs repeat it.
  var subfolder = ""

  var isStandardInput: Bool { path == "-" }
  /// Extensions of the images that are found in folders.
  static let extensions = ["png", "jpg", "jpeg", "pgm", "ppm", "pnm"]

  /// For messages.
  var displayName: String { isStandardInput ? "standard input" : path }
  /// The file's name, for the outputs.
  var name: String { isStandardInput ? "stdin" : Path.name(path) }

  /// Reads and decodes the image.
  func load() throws -> RGBImage {
    try ImageDecoder.decode(File.read(path), name: displayName)
  }
}

/// What the command line names: files, folders, patterns, `-`.
struct Inputs {
  /// Images in the order they were named, folders in the order of their names; none twice.
  private(set) var images: [Input] = []
  /// What could not be resolved.
  private(set) var failures: [FileError] = []

  /// - Parameter isRecursive: whether the folders inside folders are searched too.
  init(_ arguments: [String], isRecursive: Bool) {
    var seen: Set<String> = []
    func add(_ input: Input) {
      if seen.insert(input.path).inserted { images.append(input) }
    }
    for argument in arguments {
      for path in Self.matches(argument) {
        guard path != "-", File.isDirectory(path) else {
          add(Input(path: path))
          continue
        }
        do throws(FileError) {
          var found: [Input] = []
          try Self.search(path, subfolder: "", isRecursive: isRecursive, into: &found)
          if found.isEmpty {
            throw FileError(
              path: path, reason: "no \(Input.extensions.joined(separator: ", ")) files in this folder",
              nextStep: isRecursive ? "name a folder with images" : "name a folder with images, or add --recursive")
          }
          found.forEach(add)
        } catch {
          failures.append(error)
        }
      }
    }
  }

  private static func search(
    _ folder: String, subfolder: String, isRecursive: Bool, into found: inout [Input]
  ) throws(FileError) {
    for name in try Directory.list(folder) {
      let path = Path.join(folder, name)
      if File.isDirectory(path) {
        if isRecursive {
          try search(path, subfolder: Path.join(subfolder, name), isRecursive: true, into: &found)
        }
      } else if Input.extensions.contains(Path.fileExtension(name)) {
        found.append(Input(path: path, subfolder: subfolder))
      }
    }
  }

  /// The files a pattern stands for, where the shell has not expanded it; otherwise the argument itself.
  private static func matches(_ argument: String) -> [String] {
    guard !File.exists(argument), argument.contains(where: { "*?[".contains($0) }) else { return [argument] }
    var matches = glob_t()
    defer { globfree(&matches) }
    guard glob(argument, 0, nil, &matches) == 0 else { return [argument] }
    return (0..<Int(matches.gl_pathc)).compactMap { matches.gl_pathv[$0].map { String(cString: $0) } }
  }
}
