import ArgumentParser
import Files
import LSDNet
import LineGrowing
import SegmentFormats

struct EvidenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evidence",
    abstract: "Write what is known of where lines may end: what scores are fitted to.",
    discussion: """
      One line of JSON an image, {"file", "width", "height", "regions"}. A region is one straight line of heat, {"breaks", \
      "stretches"}; a break is x and y in the image and what speaks for an end of a line after it (16 numbers), of one \
      before it (16), and for a line that passes (8); a stretch is the numbers of its first and its last break in the \
      region and what speaks for a line between them (4). The model must know where lines end. Weights/README.md says how \
      `recipe score` makes the weights of the evidence from it.
      """)

  @Argument(help: "Images, or folders of them, searched throughout.", completion: .file())
  var images: [String]

  @Option(name: .shortAndLong, help: "The file to write.", completion: .file(extensions: ["ndjson"]))
  var output: String

  @OptionGroup var detection: DetectorArguments

  func validate() throws {
    if detection.method == .gradient {
      throw ValidationError("The image gradient does not know where lines end; leave out --method.")
    }
    try detection.refuseSegments()
  }

  func run() throws {
    let found = Inputs(images, isRecursive: true)
    if let failure = found.failures.first { throw failure }
    try check(output: output, replacing: found.images.map(\.path) + [detection.weights].compactMap(\.self))
    let detector = try detection.makeDetector(detection.options())
    var grower = LineGrower()
    var console = Console()
    var text = TextBuffer()
    for (index, input) in found.images.enumerated() {
      console.showProgress(index, of: found.images.count, input.name)
      let image = try input.load()
      let (field, transform) = try naming(input.displayName) { try detector.field(of: image) }
      guard !field.ends.isEmpty else {
        throw ValidationError("This model does not know where lines end: give one with an end map by --weights.")
      }
      text.append("{\"file\":")
      text.appendJSON(input.label)
      text.append(",\"width\":\(image.width),\"height\":\(image.height),\"regions\":[")
      for (index, region) in grower.endEvidence(of: field, transform: transform).enumerated() {
        if index > 0 { text.append(",") }
        append(region, to: &text)
      }
      text.append("]}\n")
    }
    console.clearProgress()
    try File.write(text.bytes, to: output)
  }

  private func append(_ region: EndEvidence, to text: inout TextBuffer) {
    func append(_ rows: [[Double]]) {
      for (index, row) in rows.enumerated() {
        text.append(index > 0 ? ",[" : "[")
        for (column, value) in row.enumerated() {
          if column > 0 { text.append(",") }
          text.append(value, places: 4)
        }
        text.append("]")
      }
    }
    func numbers<Vector: SIMD>(_ vector: Vector) -> [Double] where Vector.Scalar == Float {
      vector.indices.map { Double(vector[$0]) }
    }
    text.append("{\"breaks\":[")
    append(region.breaks.map { [$0.x, $0.y] + numbers($0.after) + numbers($0.before) + numbers($0.pass) })
    text.append("],\"stretches\":[")
    append(region.stretches.map { [Double($0.first), Double($0.last)] + numbers($0.line) })
    text.append("]}")
  }
}
