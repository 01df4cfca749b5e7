#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The memory of all activations: 64-byte aligned floats, all zero to begin with.
struct Arena: ~Copyable {
  let base: UnsafeMutablePointer<Float>
  let count: Int

  /// Floats past the end that a kernel may read, and never uses, when it reads whole vectors.
  private static let slack = 64

  /// Nil if the system has no memory for it.
  init?(count: Int) {
    var memory: UnsafeMutableRawPointer?
    let bytes = (count + Arena.slack) * MemoryLayout<Float>.stride
    guard posix_memalign(&memory, 64, bytes) == 0, let memory else { return nil }
    memset(memory, 0, bytes)
    base = memory.bindMemory(to: Float.self, capacity: count + Arena.slack)
    self.count = count
  }

  deinit { free(base) }
}
