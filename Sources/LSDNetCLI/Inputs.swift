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
  /// The folder of the image below the folder that was named, empty or `a/b`: outputs repeat it.
  var subfolder = ""

  var isStandardInput: Bool { path == "-" }
  /// Extensions of the images that are found in folders.
  static let extensions = ["png", "jpg", "jpeg", "pgm", "ppm", "pnm"]

  /// For messages.
  var displayName: String { isStandardInput ? "standard input" : path }
  /// The file's name, for the outputs.
  var name: String { isStandardInput ? "stdin" : Path.name(path) }
  /// The file's path below the folder that was named: tells images of one name apart.
  var label: String { Path.join(subfolder, name) }
  var identity: FileIdentity? { isStandardInput ? File.standardInputIdentity : File.identity(path) }

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
          let found = try Self.images(in: path, isRecursive: isRecursive)
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

  /// The images in a folder by name, those of the folders inside it after them.
  private static func images(in folder: String, isRecursive: Bool) throws(FileError) -> [Input] {
    var images: [Input] = []
    // Links may lead back to a folder above.
    var visited: Set<FileIdentity> = []
    func search(_ folder: String, _ subfolder: String) throws(FileError) {
      guard let identity = File.identity(folder), visited.insert(identity).inserted else { return }
      var inner: [String] = []
      for name in try Directory.list(folder) {
        if File.isDirectory(Path.join(folder, name)) {
          inner.append(name)
        } else if Input.extensions.contains(Path.fileExtension(name)) {
          images.append(Input(path: Path.join(folder, name), subfolder: subfolder))
        }
      }
      guard isRecursive else { return }
      for name in inner { try search(Path.join(folder, name), Path.join(subfolder, name)) }
    }
    try search(folder, "")
    return images
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
