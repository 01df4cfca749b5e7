import LSDNet

/// The tool's version, by semantic versioning.
let toolVersion = "0.1.0"

/// What `--version` shows.
func versionText() throws -> String {
  let detector = try Detector()
  return """
    lsdnet \(toolVersion)
    instruction set: \(Detector.instructionSet)
    weights: \(detector.weightsHash ?? "none")
    """
}
