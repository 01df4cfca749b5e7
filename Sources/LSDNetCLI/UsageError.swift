import Files

/// A command line that cannot be meant, found after its options had been read: exit status 64.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// Refuses to write over what is read, by whatever path or link it is named.
///
/// - Throws: `UsageError`.
func refuse(output: String, replacing inputs: [String]) throws {
  guard let identity = File.identity(output) else { return }
  if let input = inputs.first(where: { File.identity($0) == identity }) {
    throw UsageError("The output \(output) would replace the input \(input). Choose another name.")
  }
}
