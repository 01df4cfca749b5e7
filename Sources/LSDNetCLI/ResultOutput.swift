import Files

/// Brings results, as they come, to where the plan says.
///
/// Files appear whole or not at all; what goes to the standard output goes there image by image.
struct ResultOutput {
  private let plan: OutputPlan
  private let encoder: ResultEncoder
  private var pending: [UInt8] = []
  private var isStarted = false

  /// Makes the folder for the results if need be.
  ///
  /// - Throws: `FileError` if there is no place for them: better now than after the work.
  init(_ plan: OutputPlan, _ encoder: ResultEncoder) throws(FileError) {
    self.plan = plan
    self.encoder = encoder
    switch plan.destination {
    case .standardOutput: break
    case .folder(let folder): try Directory.create(folder)
    case .file(let path): try requireFolder(of: path, orElse: "choose another -o")
    }
  }

  /// Adds the result of the image of that index.
  mutating func add(_ result: DetectionResult, index: Int) throws {
    switch plan.destination {
    case .folder:
      let file = plan.files[index]
      let bytes = try encoder.head + encoder.body(result, file: file) + encoder.tail
      try Directory.create(Path.parent(file))
      try File.write(bytes, to: file)
    case .file(let path):
      try pending += (isStarted ? encoder.separator : encoder.head) + encoder.body(result, file: path)
    case .standardOutput:
      let body = try encoder.body(result, file: nil)
      try File.writeToStandardOutput((isStarted ? encoder.separator : encoder.head) + body)
    }
    isStarted = true
  }

  /// Ends the output; there is none if no result was added.
  mutating func finish() throws(FileError) {
    guard isStarted else { return }
    switch plan.destination {
    case .folder: break
    case .file(let path): try File.write(pending + encoder.tail, to: path)
    case .standardOutput: try File.writeToStandardOutput(encoder.tail)
    }
  }
}
