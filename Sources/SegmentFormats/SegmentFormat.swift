/// The formats segments are written in.
public enum SegmentFormat: String, CaseIterable, Sendable {
  /// `x1 y1 x2 y2 score`, one segment a line.
  case txt
  /// A table with a header, all properties of a segment, and the image's name.
  case csv
  /// One object an image.
  case json
  /// One object an image, on one line.
  case ndjson
  /// A vector drawing.
  case svg
  /// A picture: the segments drawn over the image.
  case png
  /// The JSON list of HAWP.
  case hawp
  /// The text file of LIMAP.
  case limap

  /// The format that an extension, in lower case, stands for.
  public init?(fileExtension: String) {
    // `hawp` and `limap` have borrowed theirs: they must be asked for by name.
    guard let format = Self(rawValue: fileExtension == "jsonl" ? "ndjson" : fileExtension),
      format.fileExtension == format.rawValue
    else { return nil }
    self = format
  }

  /// Whether it says what found the segments.
  public var statesProvenance: Bool { self == .json || self == .ndjson }

  /// The extension of files of this format.
  public var fileExtension: String {
    switch self {
    case .hawp: "json"
    case .limap: "txt"
    default: rawValue
    }
  }

  /// Whether one file can hold the segments of several images.
  public var holdsSeveralImages: Bool {
    switch self {
    case .txt, .csv, .ndjson, .hawp: true
    case .json, .svg, .png, .limap: false
    }
  }
}
