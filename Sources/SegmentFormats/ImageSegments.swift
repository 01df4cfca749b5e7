import Lines

/// The segments of one image and where they come from: what a segment file says.
public struct ImageSegments: Sendable {
  /// Name of the image, as files are to show it.
  public var name: String
  /// Size of the image in pixels.
  public var width: Int
  public var height: Int
  /// In pixels of the image, best score first; pixel centres lie at integers.
  public var segments: [Segment]
  public var provenance: Provenance?
  /// Milliseconds by stage, in the order of the stages.
  public var timings: [(stage: String, milliseconds: Double)]

  public init(
    name: String, width: Int, height: Int, segments: [Segment], provenance: Provenance? = nil,
    timings: [(stage: String, milliseconds: Double)] = []
  ) {
    self.name = name
    self.width = width
    self.height = height
    self.segments = segments
    self.provenance = provenance
    self.timings = timings
  }
}

/// Which detector found the segments.
public struct Provenance: Equatable, Sendable {
  /// Version of the tool.
  public var version: String
  /// "network" or "gradient".
  public var method: String
  /// Digest of the model file, in hexadecimal; nil when no model was used.
  public var weightsHash: String?
  /// The instruction set the kernels ran on, such as "avx2".
  public var instructionSet: String
  /// The numbers that the network computed with, "fp32" or "int8"; nil when no model was used.
  public var precision: String?

  public init(version: String, method: String, weightsHash: String?, instructionSet: String, precision: String?) {
    self.version = version
    self.method = method
    self.weightsHash = weightsHash
    self.instructionSet = instructionSet
    self.precision = precision
  }
}
