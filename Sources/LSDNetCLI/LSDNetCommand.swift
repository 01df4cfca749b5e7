import ArgumentParser

@main
struct LSDNetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "lsdnet", abstract: "Line segments in photographs.")
}
