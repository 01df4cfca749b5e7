import ArgumentParser
import CPUFeatures

/// The option of every command that computes on as many threads as there are processors.
struct ThreadArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Threads to compute with; all processors if not given. The result is the same for any number.")
  var threads: Int?

  func validate() throws {
    if let threads { try Self.validate(threads) }
  }

  /// The number to compute with.
  var count: Int { threads ?? processorCount }

  static func validate(_ threads: Int) throws {
    guard (1...1024).contains(threads) else {
      throw ValidationError("--threads is \(threads); it must be a whole number from 1 to 1024.")
    }
  }
}

/// The number of processors that this process may use.
var processorCount: Int { Int(cpu_count()) }
