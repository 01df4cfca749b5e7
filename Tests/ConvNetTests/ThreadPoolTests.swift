import Synchronization
import Testing

@testable import ConvNet

@Suite struct ThreadPoolTests {
  /// Counts the calls for each part.
  private final class Counts: Sendable {
    let calls: [Counter]

    init(_ count: Int) { calls = (0..<count).map { _ in Counter() } }

    final class Counter: Sendable {
      let value = Atomic<Int>(0)
    }

    func run(on pool: ThreadPool, parts: Int) {
      pool.run(parts: parts, context: Unmanaged.passUnretained(self).toOpaque()) { context, part, _ in
        _ = Unmanaged<Counts>.fromOpaque(context).takeUnretainedValue().calls[part].value.add(1, ordering: .relaxed)
      }
    }
  }

  @Test(arguments: [1, 2, 3, 7])
  func everyPartRunsOncePerJob(threads: Int) {
    let pool = ThreadPool(threads: threads)
    #expect(pool.threads == threads)
    let counts = Counts(40)
    for parts in 0...40 { for _ in 0..<20 { counts.run(on: pool, parts: parts) } }
    for part in 0..<40 { #expect(counts.calls[part].value.load(ordering: .relaxed) == 20 * (40 - part)) }
  }

  @Test func workIsDoneWhenRunReturns() {
    let pool = ThreadPool(threads: 2)
    for round in 0..<2000 {
      let counts = Counts(3)
      counts.run(on: pool, parts: 3)
      #expect(counts.calls.allSatisfy { $0.value.load(ordering: .relaxed) == 1 }, "round \(round)")
    }
  }

  @Test func sleepersWake() async throws {
    let pool = ThreadPool(threads: 3)
    let counts = Counts(8)
    for _ in 0..<5 {
      // Long enough for the threads to fall asleep.
      try await Task.sleep(for: .milliseconds(20))
      counts.run(on: pool, parts: 8)
    }
    #expect(counts.calls.allSatisfy { $0.value.load(ordering: .relaxed) == 5 })
  }

  @Test func numbersOutOfRangeAreMadeUsable() {
    #expect(ThreadPool(threads: 0).threads == 1)
    #expect(ThreadPool(threads: -5).threads == 1)
  }
}
