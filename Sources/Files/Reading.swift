#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Whole files, in and out.
public enum File {
  /// Reads a whole file; `-` is the standard input, and pipes are read to their end.
  ///
  /// - Parameter limit: the most bytes that are accepted; a longer file is an error, not a part of it.
  /// - Throws: `FileError` if the file is missing, a folder, unreadable or longer than `limit`.
  public static func read(_ path: String, limit: Int = 1 << 31) throws(FileError) -> [UInt8] {
    if path == "-" {
      return try read(Descriptor(borrowing: STDIN_FILENO, name: "standard input"), limit: limit)
    }
    return try read(Descriptor(opening: path, flags: O_RDONLY), limit: limit)
  }

  private static func read(_ file: borrowing Descriptor, limit: Int) throws(FileError) -> [UInt8] {
    let status = try file.status()
    if status.kind == S_IFDIR { throw FileError(path: file.path, code: EISDIR) }
    let tooLong = FileError(
      path: file.path, reason: "longer than the \(limit) bytes that are accepted", nextStep: "use a smaller file")
    // The size is only a hint: pipes and /proc have none, and files grow. One byte more finds the end in one call.
    let size = status.kind == S_IFREG ? Int(status.st_size) : 0
    if size > limit { throw tooLong }
    var bytes: [UInt8] = []
    var chunk = max(size + 1, 1 << 16)
    while true {
      let part = try readChunk(file, chunk)
      if bytes.isEmpty { bytes = part } else { bytes += part }
      if bytes.count > limit { throw tooLong }
      if part.count < chunk { return bytes }
      chunk = 1 << 20
    }
  }

  private static func readChunk(_ file: borrowing Descriptor, _ count: Int) throws(FileError) -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { (buffer, done) throws(FileError) in
      done = try file.readAll(into: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  /// Whether there is anything at the path.
  public static func exists(_ path: String) -> Bool { kind(path) != nil }

  /// Whether there is a folder at the path.
  public static func isDirectory(_ path: String) -> Bool { kind(path) == S_IFDIR }

  /// The type bits of what the path leads to, symbolic links followed; nil if there is nothing.
  static func kind(_ path: String) -> mode_t? {
    guard !path.utf8.contains(0) else { return nil }
    var status = stat()
    return stat(path, &status) == 0 ? status.kind : nil
  }
}
