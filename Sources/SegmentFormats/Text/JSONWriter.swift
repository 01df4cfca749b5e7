/// One JSON object an image; every segment on a line of its own.
///
///     {"schema": "lsdnet.segments", "version": 1,
///      "image": "room.jpg", "width": 640, "height": 480, "pixel_centre": 0,
///      "detector": {"version": "0.1.0", "method": "network", "weights": "9f2c...", "isa": "avx2"},
///      "timings_ms": {"decode": 2.1, "resize": 0.2, "network": 5.5, "extract": 0.7, "total": 8.5},
///      "segments": [
///       {"x1": 12.5, "y1": 3.25, "x2": 200, "y2": 4, "score": 0.93, "width": 1.8, "meaningfulness": 24.1}
///      ]}
///
/// `version` grows when a field changes its meaning or goes; new fields may come at any time. `pixel_centre` is the
/// coordinate of the centre of the first pixel, 0 or 0.5. Without a network `weights` is null, and the time for the
/// fields is that of "gradient".
public struct JSONWriter: SegmentWriter {
  /// The schema's version.
  public static let version = 1
  public var pixelCentre: PixelCentre

  public init(pixelCentre: PixelCentre = .integer) {
    self.pixelCentre = pixelCentre
  }

  public func body(_ image: ImageSegments) -> [UInt8] {
    var text = TextBuffer()
    text.append(object: image, pixelCentre, lineBreak: "\n ")
    text.append("\n")
    return text.bytes
  }
}

extension TextBuffer {
  /// Appends the object of one image, with `lineBreak` between its parts.
  mutating func append(object image: ImageSegments, _ centre: PixelCentre, lineBreak: String) {
    append("{\"schema\": \"lsdnet.segments\", \"version\": \(JSONWriter.version),\(lineBreak)\"image\": ")
    appendJSON(image.name)
    append(", \"width\": \(image.width), \"height\": \(image.height), \"pixel_centre\": ")
    append(centre.rawValue, places: 1)
    if let provenance = image.provenance {
      append(",\(lineBreak)\"detector\": {\"version\": ")
      appendJSON(provenance.version)
      append(", \"method\": ")
      appendJSON(provenance.method)
      append(", \"weights\": ")
      if let hash = provenance.weightsHash { appendJSON(hash) } else { append("null") }
      append(", \"isa\": ")
      appendJSON(provenance.instructionSet)
      append(", \"precision\": ")
      if let precision = provenance.precision { appendJSON(precision) } else { append("null") }
      append("}")
    }
    if !image.timings.isEmpty {
      append(",\(lineBreak)\"timings_ms\": {")
      for (index, timing) in image.timings.enumerated() {
        if index > 0 { append(", ") }
        appendJSON(timing.stage)
        append(": ")
        appendJSON(timing.milliseconds, places: Decimals.milliseconds)
      }
      append("}")
    }
    append(",\(lineBreak)\"segments\": [")
    for (index, segment) in image.segments.enumerated() {
      append(index > 0 ? ",\(lineBreak) {" : "\(lineBreak) {")
      for (index, (key, value, places)) in [
        ("x1", segment.x1 + centre.rawValue, Decimals.pixels), ("y1", segment.y1 + centre.rawValue, Decimals.pixels),
        ("x2", segment.x2 + centre.rawValue, Decimals.pixels), ("y2", segment.y2 + centre.rawValue, Decimals.pixels),
        ("score", segment.score, Decimals.score), ("width", segment.width, Decimals.pixels),
        ("meaningfulness", segment.meaningfulness, Decimals.pixels),
      ].enumerated() {
        append(index > 0 ? ", \"\(key)\": " : "\"\(key)\": ")
        appendJSON(value, places: places)
      }
      append("}")
    }
    append(image.segments.isEmpty ? "]}" : "\(lineBreak)]}")
  }
}
