import ArgumentParser
import Files
import Images
import LSDNet
import SegmentFormats

struct FieldsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fields",
    abstract: "Write the heat, the tangents and the ends of an image, from which segments are grown.",
    discussion: """
      These files go into the folder:
        heat.png     heat at the image's size, black is 0 and light yellow is 1
        tangent.png  angle as hue (red is horizontal), heat as brightness
        heat.npy     float32 (H, W): how likely a line passes there, 0 to 1
        tangent.npy  float32 (H, W): the line's angle in radians in [0, pi)
        ends.png, ends.npy  likewise how likely a line ends there; only of networks that say so
        stops.npy    float32 (4, H, W): how soon the line through a cell ends to its right, left, down and up, exp(-d / 5) \
      with d in cells; only of networks that say so

      The arrays have the field's own resolution: the centre of row i, column j lies at x = (j + 0.5) * width / W - 0.5, \
      y = (i + 0.5) * height / H - 0.5 in the image. Angles are those in the image, with x to the right and y down, also \
      where the network sees the image squashed.
      """)

  @Argument(help: "A PNG, JPEG, PGM or PPM file, or - for the standard input.", completion: .file())
  var image: String

  @Option(name: .shortAndLong, help: "The folder to write to; it is made if there is none.", completion: .directory)
  var output: String

  @OptionGroup var detection: DetectorArguments

  func validate() throws {
    if image.isEmpty { throw ValidationError("The name of the image is empty.") }
    if output.isEmpty { throw ValidationError("-o is empty; name a folder.") }
    try detection.refuseSegments()
  }

  func run() throws {
    let input = Input(path: image)
    for name in ["heat", "tangent", "ends", "stops"] {
      for file in ["\(name).png", "\(name).npy"] { try refuse(output: Path.join(output, file), replacing: [image]) }
    }
    let detector = try detection.makeDetector(detection.options())
    let picture = try input.load()
    let (field, transform) = try naming(input.displayName) { try detector.field(of: picture) }
    let shape = [field.height, field.width]
    var files = [
      ("heat.png", try field.heatPicture(width: picture.width, height: picture.height).pngBytes()),
      ("tangent.png", try field.tangentPicture(width: picture.width, height: picture.height, transform).pngBytes()),
      ("heat.npy", NumPyArray(shape: shape, values: field.heat).encoded),
      ("tangent.npy", NumPyArray(shape: shape, values: field.tangentAngles(transform)).encoded),
    ]
    if let ends = field.endsPicture(width: picture.width, height: picture.height) {
      files.append(("ends.png", try ends.pngBytes()))
      files.append(("ends.npy", NumPyArray(shape: shape, values: field.ends).encoded))
    }
    if !field.stops.isEmpty {
      files.append(("stops.npy", NumPyArray(shape: [4] + shape, values: field.stopPlanes).encoded))
    }
    try Directory.create(output)
    for (name, content) in files { try File.write(content, to: Path.join(output, name)) }
    // What another network left there would pass for this one's.
    for name in ["ends.png", "ends.npy", "stops.npy"] where !files.contains(where: { $0.0 == name }) {
      try File.remove(Path.join(output, name))
    }
  }
}
