import Files

/// A command line that cannot be meant, found after its options had been read: exit status 64.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// Refuses to write over what is read, by whatever path or link it is named, or over a file in a folder that is read.
///
/// - Parameter inputs: files and folders; `-` for the standard input.
/// - Throws: `UsageError`.
func refuse(output: String, replacing inputs: [String]) throws {
  guard output != "-" else { throw UsageError("This output is a file: give its name in place of -.") }
  guard let identity = File.identity(output) else { return }
  let folders = File.identitiesOfFolders(above: output)
  for input in inputs {
    guard let found = Input(path: input).identity else { continue }
    if found == identity {
      throw UsageError("The output \(output) would replace the input \(input). Choose another name.")
    }
    if folders.contains(found) {
      throw UsageError("The output \(output) would replace a file of the input folder \(input). Choose another name.")
    }
  }
}

/// Refuses what `refuse` does, and a place where no file can be made: better before the work than after it.
///
/// - Throws: `UsageError`, `FileError`.
func check(output: String, replacing inputs: [String]) throws {
  try refuse(output: output, replacing: inputs)
  try requireFolder(of: output, orElse: "choose another name")
}

/// Refuses a file whose folder is missing.
///
/// - Parameter alternative: what to do if the folder is not to be made.
func requireFolder(of output: String, orElse alternative: String) throws(FileError) {
  let folder = Path.parent(output)
  guard File.isDirectory(folder) else {
    throw FileError(path: output, reason: "there is no folder \(folder)", nextStep: "make it, or \(alternative)")
  }
}
