import CPUFeatures
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Threads that wait for work that comes in short bursts, many times a frame.
///
/// A job is a number of parts, which the threads and the caller take one by one until none is left: whoever is held up by
/// other programs takes fewer. A thread without work spins for some microseconds, so that the next layer finds it awake,
/// and then sleeps. Handing out a job allocates nothing.
public final class ThreadPool: @unchecked Sendable {
  /// What is called for each part; `context` is what was given to `run`, `worker` the number of the thread, from 0 to
  /// `threads - 1`.
  public typealias Body = @convention(c) (_ context: UnsafeMutableRawPointer, _ part: Int, _ worker: Int) -> Void

  /// Threads that work on a job, the caller's included.
  public let threads: Int
  private let state = State()
  private var workers: [pthread_t] = []

  /// The most threads that a pool has.
  public static let maximumThreads = 256
  /// The most parts that a job has.
  public static let maximumParts = Int(UInt16.max)

  /// A pool of `threads` threads, the caller's own among them; as many as the system gives, if it gives fewer.
  public init(threads: Int) {
    let wanted = max(1, min(threads, ThreadPool.maximumThreads))
    for number in 1..<max(wanted, 1) {
      guard let worker = State.startWorker(state, number: number) else { break }
      workers.append(worker)
    }
    self.threads = workers.count + 1
  }

  deinit {
    state.stop()
    for worker in workers { pthread_join(worker, nil) }
  }

  /// Calls `body` once for each of `0..<parts`, on any thread and in any order, and returns when all are done. Only one
  /// thread may call it at a time.
  ///
  /// - Precondition: `parts <= maximumParts`.
  public func run(parts: Int, context: UnsafeMutableRawPointer, _ body: Body) {
    if threads == 1 || parts <= 1 {
      for part in 0..<parts { body(context, part, 0) }
    } else {
      state.run(parts: UInt64(parts), context: context, body)
    }
  }
}

/// What the threads of a pool share.
private final class State: @unchecked Sendable {
  /// Number of the job, its number of parts, and the next part to take: 32, 16 and 16 bits. Being one word, it cannot be
  /// taken from by a thread that was held up since an earlier job.
  private let ticket = Atomic<UInt64>(0)
  private let context = Atomic<UInt>(0)
  private let body = Atomic<UInt>(0)
  private let completed = Atomic<UInt64>(0)
  private let sleepers = Atomic<Int>(0)
  private let isStopping = Atomic<Bool>(false)
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// Pauses before a thread without work goes to sleep, and before a waiting caller gives up its time slice.
  private static let spins = 2000

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// What a new thread is given.
  private final class Start {
    let state: State
    let number: Int

    init(_ state: State, _ number: Int) { (self.state, self.number) = (state, number) }

    func run() { state.work(as: number) }
  }

  static func startWorker(_ state: State, number: Int) -> pthread_t? {
    let argument = Unmanaged.passRetained(Start(state, number))
    #if canImport(Darwin)
      var thread: pthread_t?
      let failure = pthread_create(
        &thread, nil,
        { argument in
          Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().run()
          return nil
        }, argument.toOpaque())
    #else
      var thread = pthread_t()
      let failure = pthread_create(
        &thread, nil,
        { argument in
          if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().run() }
          return nil
        }, argument.toOpaque())
    #endif
    if failure != 0 {
      argument.release()
      return nil
    }
    return thread
  }

  func run(parts: UInt64, context: UnsafeMutableRawPointer, _ body: ThreadPool.Body) {
    self.context.store(UInt(bitPattern: context), ordering: .relaxed)
    self.body.store(unsafeBitCast(body, to: UInt.self), ordering: .relaxed)
    completed.store(0, ordering: .relaxed)
    let job = (ticket.load(ordering: .relaxed) >> 32) &+ 1
    ticket.store(job << 32 | parts << 16, ordering: .sequentiallyConsistent)
    // A thread counts itself a sleeper before it looks at the ticket for the last time: one of the two sees the other.
    if sleepers.load(ordering: .sequentiallyConsistent) > 0 { wake() }
    takeParts(as: 0)
    var spins = 0
    while completed.load(ordering: .acquiring) < parts {
      spins += 1
      if spins < State.spins { cpu_relax() } else { sched_yield() }
    }
  }

  func stop() {
    isStopping.store(true, ordering: .sequentiallyConsistent)
    wake()
  }

  private func wake() {
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }

  private func takeParts(as worker: Int) {
    while true {
      let ticket = ticket.load(ordering: .acquiring)
      let part = ticket & 0xFFFF
      guard part < (ticket >> 16) & 0xFFFF else { return }
      let context = context.load(ordering: .relaxed)
      let body = body.load(ordering: .relaxed)
      // Only if the ticket is still the same do context and body belong to it.
      guard
        self.ticket.compareExchange(expected: ticket, desired: ticket + 1, ordering: .acquiringAndReleasing).exchanged,
        let context = UnsafeMutableRawPointer(bitPattern: context)
      else { continue }
      unsafeBitCast(body, to: ThreadPool.Body.self)(context, Int(part), worker)
      completed.add(1, ordering: .acquiringAndReleasing)
    }
  }

  private var hasWork: Bool {
    let ticket = ticket.load(ordering: .sequentiallyConsistent)
    return ticket & 0xFFFF < (ticket >> 16) & 0xFFFF
  }

  private func work(as worker: Int) {
    while !isStopping.load(ordering: .sequentiallyConsistent) {
      takeParts(as: worker)
      var spins = 0
      while spins < State.spins, !hasWork, !isStopping.load(ordering: .relaxed) {
        cpu_relax()
        spins += 1
      }
      if spins == State.spins { sleep() }
    }
  }

  private func sleep() {
    pthread_mutex_lock(mutex)
    sleepers.add(1, ordering: .sequentiallyConsistent)
    while !hasWork, !isStopping.load(ordering: .sequentiallyConsistent) { pthread_cond_wait(condition, mutex) }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
    pthread_mutex_unlock(mutex)
  }
}
