/// Why an ONNX file could not be converted.
public enum ONNXError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The bytes are not an ONNX model, or break off.
  case damaged
  /// A tensor that is too short for its shape, of a type that is not read, or kept in another file.
  case tensor(name: String, reason: String)
  /// Nodes of operators that the runtime does not have.
  case operators([UnsupportedNode])
  /// A node whose operator the runtime has, but not with these attributes or inputs.
  case node(operation: String, name: String, reason: String)
  /// The graph as a whole is not what a line network is.
  case graph(reason: String, nextStep: String)

  public struct UnsupportedNode: Equatable, Sendable {
    public var operation: String
    public var name: String
  }

  public var description: String { "\(reason); \(nextStep)" }

  /// What is wrong, in lower case and without a full stop.
  public var reason: String {
    switch self {
    case .damaged: return "not an ONNX model, or damaged"
    case .tensor(let name, let reason): return "tensor '\(name)' \(reason)"
    case .operators(let nodes):
      let names = Set(nodes.map(\.operation)).sorted().map { operation in
        let first = nodes.first { $0.operation == operation }
        let count = nodes.count { $0.operation == operation }
        return "\(operation) ('\(first?.name ?? "")'\(count > 1 ? " and \(count - 1) more" : ""))"
      }
      return "operators that are not supported: " + names.joined(separator: ", ")
    case .node(let operation, let name, let reason): return "\(operation) node '\(name)' \(reason)"
    case .graph(let reason, _): return reason
    }
  }

  /// What to do about it, in the imperative.
  public var nextStep: String {
    switch self {
    case .damaged: "check the file, or export the network again"
    case .tensor: "export the network again in one file with float32 parameters"
    case .operators, .node:
      "build the network of Conv 3x3 and 1x1, depthwise Conv 3x3, BatchNormalization, Relu, Sigmoid, MaxPool 2x2, "
        + "Resize x2, DepthToSpace, Concat, Add and Slice along the channels"
    case .graph(_, let nextStep): nextStep
    }
  }
}
