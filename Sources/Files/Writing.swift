#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension File {
  /// Writes a whole file or nothing: a temporary file beside the target takes its place once it is safely on disk.
  ///
  /// A file that is replaced keeps its permissions, a new one gets what the umask allows; a symbolic link is followed.
  /// What cannot be replaced (`/dev/stdout`, a named pipe) is written to directly.
  ///
  /// - Throws: `FileError`; the target is then as it was before, and no temporary file is left.
  public static func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws(FileError) {
    var status = stat()
    let exists = !path.utf8.contains(0) && stat(path, &status) == 0
    guard exists else {
      // A dangling link has no place to resolve to; the rename takes the link's own place.
      return try replace(path, with: bytes, permissions: nil, naming: path)
    }
    guard status.kind == S_IFREG else { return try Descriptor(opening: path, flags: O_WRONLY).writeAll(bytes) }
    // The folder alone decides whether a rename is allowed: ask the file too.
    guard access(path, W_OK) == 0, let resolved = realpath(path, nil) else { throw FileError(path: path, code: errno) }
    defer { free(resolved) }
    try replace(String(cString: resolved), with: bytes, permissions: status.st_mode & 0o7777, naming: path)
  }

  /// Writes a whole file or nothing.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(FileError) in
      try write(UnsafeRawBufferPointer(buffer), to: path)
    }
  }

  /// Removes a file, if there is one.
  ///
  /// - Throws: `FileError` if it cannot be removed.
  public static func remove(_ path: String) throws(FileError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw FileError(path: path, code: errno) }
  }

  /// Writes a whole file or nothing, as UTF-8.
  public static func write(_ text: String, to path: String) throws(FileError) {
    try write(Array(text.utf8), to: path)
  }

  /// Writes all bytes to the standard output.
  ///
  /// - Throws: `FileError`; where `SIGPIPE` is ignored, also when the reader has gone.
  public static func writeToStandardOutput(_ bytes: [UInt8]) throws(FileError) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(FileError) in
      try Descriptor(borrowing: STDOUT_FILENO, name: "standard output").writeAll(UnsafeRawBufferPointer(buffer))
    }
  }

  private static func replace(
    _ target: String, with bytes: UnsafeRawBufferPointer, permissions: mode_t?, naming path: String
  ) throws(FileError) {
    // A name of its own, as the target's may be as long as the file system allows.
    let random = String(UInt64.random(in: .min ... .max), radix: 36)
    let temporary = Path.join(Path.parent(target), ".\(random).tmp")
    do throws(FileError) {
      try fill(temporary, with: bytes, permissions: permissions)
      guard rename(temporary, target) == 0 else { throw FileError(path: path, code: errno) }
    } catch {
      unlink(temporary)
      throw FileError(path: path, reason: error.reason, nextStep: error.nextStep)
    }
  }

  private static func fill(
    _ path: String, with bytes: UnsafeRawBufferPointer, permissions: mode_t?
  ) throws(FileError) {
    let file = try Descriptor(opening: path, flags: O_WRONLY | O_CREAT | O_EXCL)
    if let permissions, fchmod(file.number, permissions) != 0 { throw FileError(path: path, code: errno) }
    try file.writeAll(bytes)
    // Some file systems cannot: then there is nothing to wait for.
    if fsync(file.number) != 0, errno != EINVAL { throw FileError(path: path, code: errno) }
  }
}
