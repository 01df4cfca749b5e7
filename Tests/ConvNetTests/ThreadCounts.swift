import AllocationCounter
import ConvNet
import Synchronization

/// How often the threads of a pool, together, have asked for memory. Asking allocates nothing.
final class ThreadCounts: Sendable {
  private let pool: ThreadPool
  private let present = Atomic<Int>(0)
  private let allocations = Atomic<UInt>(0)

  init(_ pool: ThreadPool) { self.pool = pool }

  func read() -> UInt {
    present.store(0, ordering: .relaxed)
    allocations.store(0, ordering: .relaxed)
    // Nobody leaves before all have come: so every thread takes one part.
    pool.run(parts: pool.threads, context: Unmanaged.passUnretained(self).toOpaque()) { context, _, _ in
      let count = UInt(allocation_count())
      Unmanaged<ThreadCounts>.fromOpaque(context).takeUnretainedValue().meet(count)
    }
    return allocations.load(ordering: .relaxed)
  }

  private func meet(_ count: UInt) {
    allocations.add(count, ordering: .relaxed)
    present.add(1, ordering: .acquiringAndReleasing)
    while present.load(ordering: .acquiring) < pool.threads {}
  }
}
