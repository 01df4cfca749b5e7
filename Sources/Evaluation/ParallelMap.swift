import Dispatch
import Synchronization

/// Maps indices to values on several threads; the result does not depend on how many.
///
/// - Parameters:
///   - makeState: called once a thread, for what the calls on one thread share.
///   - body: must depend on its index alone.
/// - Throws: the error of the smallest index that failed.
public func parallelMap<State, Value: Sendable>(
  count: Int, threads: Int, makeState: @Sendable () throws -> State, body: @Sendable (inout State, Int) throws -> Value
) throws -> [Value] {
  let next = Atomic(0)
  let results = Mutex([Result<Value, any Error>?](repeating: nil, count: count))
  DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
    var state: State?
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      let result = Result {
        var current = try state ?? makeState()
        defer { state = current }
        return try body(&current, index)
      }
      results.withLock { $0[index] = result }
    }
  }
  return try results.withLock { results in try results.compactMap { try $0?.get() } }
}

/// Maps indices to values on several threads; the result does not depend on how many.
public func parallelMap<Value: Sendable>(
  count: Int, threads: Int, body: @Sendable (Int) throws -> Value
) throws -> [Value] {
  try parallelMap(count: count, threads: threads, makeState: {}, body: { (_: inout Void, index) in try body(index) })
}
