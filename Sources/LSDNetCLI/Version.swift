import LSDNet

/// The tool's version, by semantic versioning.
let toolVersion = "0.1.0"

/// What `--version` shows.
func versionText() throws -> String {
  let weights = try BuiltInModel.allCases.map { model in
    var options = Detector.Options()
    options.model = model
    return "\(model) \(try Detector(options: options).weightsHash ?? "none")"
  }
  return """
    lsdnet \(toolVersion)
    instruction set: \(Detector.instructionSet)
    weights: \(weights.joined(separator: ", "))
    """
}
