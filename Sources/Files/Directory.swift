#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Folders.
public enum Directory {
  /// The names in a folder, sorted, without those that start with a dot.
  ///
  /// - Throws: `FileError` if there is no such folder or it cannot be read.
  public static func list(_ path: String) throws(FileError) -> [String] {
    guard !path.utf8.contains(0) else { throw FileError(path: path, code: ENOENT) }
    guard let folder = opendir(path) else { throw FileError(path: path, code: errno) }
    defer { closedir(folder) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(folder) else {
        if errno != 0 { throw FileError(path: path, code: errno) }
        return names.sorted()
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
  }

  /// Makes a folder and those above it; one that is there already is left as it is.
  ///
  /// - Throws: `FileError` if a file is in the way or the place cannot be written to.
  public static func create(_ path: String) throws(FileError) {
    if File.isDirectory(path) { return }
    let parent = Path.parent(path)
    if parent != path { try create(parent) }
    guard !path.isEmpty, !path.utf8.contains(0) else { throw FileError(path: path, code: ENOENT) }
    if mkdir(path, 0o777) == 0 { return }
    let code = errno
    // Another process may have been first.
    guard code == EEXIST, File.isDirectory(path) else {
      throw code == EEXIST ? isFile(path) : FileError(path: path, code: code)
    }
  }

  /// Refuses a path where a file is in the way of a folder.
  ///
  /// - Throws: `FileError` if there is one.
  public static func refuseFile(_ path: String) throws(FileError) {
    if File.exists(path), !File.isDirectory(path) { throw isFile(path) }
  }

  private static func isFile(_ path: String) -> FileError {
    FileError(path: path, reason: "is a file, not a folder", nextStep: "choose another name for the folder")
  }
}
