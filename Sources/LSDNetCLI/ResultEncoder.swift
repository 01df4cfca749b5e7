import Files
import Images
import SegmentFormats

/// What was found in one input.
struct DetectionResult {
  var input: Input
  /// The whole picture, if the result is to show it: a PNG is drawn over it and an SVG carries it.
  var image: RGBImage?
  var segments: ImageSegments
}

/// Turns results into the bytes of one format, texts and pictures alike.
struct ResultEncoder {
  var format: SegmentFormat
  var pixelCentre = PixelCentre.integer
  /// Whether results follow each other in one text and have to be told apart.
  var isHeaded = false

  var head: [UInt8] { textWriter?.head ?? [] }
  var separator: [UInt8] { textWriter?.separator ?? [] }
  var tail: [UInt8] { textWriter?.tail ?? [] }

  /// - Parameter file: where the bytes will lie, nil for the standard output.
  func body(_ result: DetectionResult, file: String?) throws -> [UInt8] {
    if let textWriter { return textWriter.body(result.segments) }
    if format == .svg { return SVGWriter(background: try background(result, file: file)).body(result.segments) }
    return if let image = result.image {
      try result.segments.overlay(on: image).pngBytes()
    } else {
      try result.segments.mask().pngBytes()
    }
  }

  /// The writer of a format that needs nothing but segments.
  private var textWriter: (any SegmentWriter)? {
    switch format {
    case .txt: TextWriter(pixelCentre: pixelCentre, isHeaded: isHeaded)
    case .csv: CSVWriter(pixelCentre: pixelCentre)
    case .json: JSONWriter(pixelCentre: pixelCentre)
    case .ndjson: NDJSONWriter(pixelCentre: pixelCentre)
    case .hawp: HAWPWriter(pixelCentre: pixelCentre)
    case .limap: LIMAPWriter(pixelCentre: pixelCentre)
    case .svg, .png: nil
    }
  }

  /// What a drawing shows below its segments: the image's file as seen from the drawing's, or the image itself; nothing
  /// where there are no two files to relate.
  private func background(_ result: DetectionResult, file: String?) throws -> String? {
    if let image = result.image { return SVGWriter.dataURI(try image.pngBytes(), mediaType: "image/png") }
    guard let file, !result.input.isStandardInput,
      let path = File.relativePath(to: result.input.path, from: Path.parent(file))
    else { return nil }
    return SVGWriter.reference(toPath: path)
  }
}
