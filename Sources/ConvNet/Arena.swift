#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The memory of all activations: 64-byte aligned, all zero to begin with.
struct Arena: ~Copyable {
  let base: UnsafeMutableRawPointer
  let byteCount: Int

  /// Bytes past the end that a kernel may read, and never uses, when it reads whole vectors.
  private static let slack = 256

  /// Nil if the system has no memory for it.
  init?(byteCount: Int) {
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, 64, byteCount + Arena.slack) == 0, let memory else { return nil }
    memset(memory, 0, byteCount + Arena.slack)
    base = memory
    self.byteCount = byteCount
  }

  deinit { free(base) }
}
