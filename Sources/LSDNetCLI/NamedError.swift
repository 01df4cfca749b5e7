import ConvNet

/// An error of a network, which does not know what it runs on, with the name of that.
struct NamedError: Error, CustomStringConvertible {
  var name: String
  var error: NetworkError

  var description: String { "\(name): \(error)" }
}

/// What `body` says; errors of a network say what they are about.
///
/// - Parameter name: the image, array or model, as it was named.
/// - Throws: `NamedError` for a `NetworkError`, and what else `body` throws.
func naming<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
  do { return try body() } catch let error as NetworkError { throw NamedError(name: name, error: error) }
}
