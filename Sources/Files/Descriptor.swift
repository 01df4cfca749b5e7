#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An open file; closed when it goes out of scope.
struct Descriptor: ~Copyable {
  let number: CInt
  /// For messages.
  let path: String
  private let closes: Bool

  init(opening path: String, flags: CInt, mode: mode_t = 0o666) throws(FileError) {
    // A C string ends at the first zero: a longer path would silently name another file.
    guard !path.isEmpty, !path.utf8.contains(0) else { throw FileError(path: path, code: ENOENT) }
    number = try Descriptor.retrying(path) { open(path, flags | O_CLOEXEC, mode) }
    self.path = path
    closes = true
  }

  /// A descriptor that belongs to someone else and stays open.
  init(borrowing number: CInt, name: String) {
    self.number = number
    path = name
    closes = false
  }

  deinit {
    if closes { close(number) }
  }

  borrowing func status() throws(FileError) -> stat {
    var status = stat()
    guard fstat(number, &status) == 0 else { throw FileError(path: path, code: errno) }
    return status
  }

  /// Fills `buffer` as far as the file goes, and says how far.
  borrowing func readAll(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    let number = number
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = try Descriptor.retrying(path) { read(number, rest.baseAddress, min(rest.count, 1 << 30)) }
      if count == 0 { break }
      done += count
    }
    return done
  }

  borrowing func writeAll(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    let number = number
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      done += try Descriptor.retrying(path) { write(number, rest.baseAddress, min(rest.count, 1 << 30)) }
    }
  }

  /// Calls the operating system again for as long as a signal interrupts it.
  private static func retrying<Value: SignedInteger>(
    _ path: String, _ call: () -> Value
  ) throws(FileError) -> Value {
    while true {
      let value = call()
      if value >= 0 { return value }
      if errno != EINTR { throw FileError(path: path, code: errno) }
    }
  }
}

extension stat {
  var kind: mode_t { st_mode & S_IFMT }
}
