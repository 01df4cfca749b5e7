import ArgumentParser

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@main
struct LSDNetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lsdnet",
    abstract: "Line segments in photographs.",
    discussion: """
      Results go to the standard output, words to the standard error. The exit status is 0 when all went well, also when \
      there are no segments in an image; 1 when an input or the output failed; 64 when the command line is wrong.
      """,
    subcommands: [
      DetectCommand.self, FieldsCommand.self, BenchCommand.self, EvaluateCommand.self, ConvertCommand.self,
      QuantizeCommand.self, EvidenceCommand.self, RunCommand.self,
    ])

  @Flag(help: "Show the version, the instruction set in use and the digest of the built-in weights.")
  var version = false

  static func main() {
    // A reader that has gone shows as an error of `write`, which ends the program quietly; the signal would not tell
    // apart a closed output from any other trouble.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let error as UsageError {
      var console = Console()
      console.report(error)
      exit(withError: ExitCode.validationFailure)
    } catch {
      exit(withError: error)
    }
  }

  func run() throws {
    guard version else { throw CleanExit.helpRequest(self) }
    try printResult(versionText() + "\n")
  }
}
