import LSDNet

/// The tool's version, by semantic versioning.
let toolVersion = "0.1.0"

/// What `--version` shows.
func versionText() throws -> String {
  let weights = try BuiltInModel.allCases.map { "\($0) \(try $0.weightsHash())" }
  return """
    lsdnet \(toolVersion)
    instruction set: \(Detector.instructionSet)
    weights: \(weights.joined(separator: ", "))
    """
}
