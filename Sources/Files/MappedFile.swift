#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file seen as memory, read-only; pages are read when they are touched.
///
/// The memory starts on a page boundary and is valid for as long as the object lives. The file must not be cut short
/// meanwhile: the operating system ends a program that touches a page that is gone.
public final class MappedFile: Sendable {
  /// The whole file.
  public nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  /// - Throws: `FileError` if the file is missing, unreadable, or not a regular file.
  public init(_ path: String) throws(FileError) {
    let file = try Descriptor(opening: path, flags: O_RDONLY)
    let status = try file.status()
    if status.kind == S_IFDIR { throw FileError(path: path, code: EISDIR) }
    guard status.kind == S_IFREG else {
      throw FileError(path: path, reason: "is not a regular file", nextStep: "save it to one and name that")
    }
    let size = Int(status.st_size)
    // An empty mapping is refused.
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE, file.number, 0)
    guard let memory, memory != MAP_FAILED else { throw FileError(path: path, code: errno) }
    bytes = UnsafeRawBufferPointer(start: memory, count: size)
  }

  deinit {
    if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
  }
}
