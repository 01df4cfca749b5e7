import Images
import Lines
import SegmentFormats
import Testing

/// Two segments with awkward values and a name that every format has to escape.
let sample = ImageSegments(
  name: "a \"b\" <c>, d&e.png", width: 640, height: 480,
  segments: [
    Segment(x1: 1.25, y1: -0.5, x2: 639.0001, y2: 1e-9, score: 0.875, width: 1.5, meaningfulness: 12.34567),
    Segment(x1: 0, y1: 2.0 / 3, x2: 100, y2: 479.4999999, score: 0.5),
  ],
  provenance: Provenance(
    version: "1.2.3", method: "network", weightsHash: "abc123", instructionSet: "avx2", precision: "int8"),
  timings: [("decode", 1.5), ("total", 2.34567)])
let empty = ImageSegments(name: "empty.png", width: 3, height: 2, segments: [])

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Suite struct TextFormats {
  @Test func txt() {
    #expect(
      text(TextWriter().file([sample])) == """
        1.250000 -0.500000 639.000100 0.000000 0.875000
        0.000000 0.666667 100.000000 479.500000 0.500000

        """)
    #expect(text(TextWriter().file([empty])) == "")
  }

  @Test func txtWithHalfPixelCentres() {
    #expect(
      text(TextWriter(pixelCentre: .half).file([sample]))
        == """
        1.750000 0.000000 639.500100 0.500000 0.875000
        0.500000 1.166667 100.500000 480.000000 0.500000

        """)
  }

  @Test func txtOfSeveralImagesNamesThem() {
    var hostile = empty
    hostile.name = "x\n1 2 3 4 5"
    #expect(text(TextWriter(isHeaded: true).file([empty, hostile])) == "# 3x2 empty.png\n# 3x2 x?1 2 3 4 5\n")
  }

  @Test func csv() {
    #expect(
      text(CSVWriter().file([sample, empty])) == """
        x1,y1,x2,y2,score,width,meaningfulness,image
        1.25,-0.5,639,0,0.875,1.5,12.346,"a ""b"" <c>, d&e.png"
        0,0.667,100,479.5,0.5,0,0,"a ""b"" <c>, d&e.png"

        """)
  }

  @Test func limap() {
    #expect(
      text(LIMAPWriter().file([sample])) == """
        2
        1.250000 -0.500000 639.000100 0.000000 0.875000
        0.000000 0.666667 100.000000 479.500000 0.500000

        """)
    #expect(text(LIMAPWriter().file([empty])) == "0\n")
  }

  @Test func numbersThatDoNotFit() {
    let image = ImageSegments(
      name: "n", width: 1, height: 1,
      segments: [Segment(x1: 1e20, y1: .nan, x2: -.infinity, y2: -0.0000001, score: 0.9999996)])
    #expect(text(TextWriter().file([image])) == "1e+20 nan -inf 0.000000 1.000000\n")
    #expect(text(NDJSONWriter().file([image])).contains(#""x1": 1e+20, "y1": null, "x2": null, "y2": 0, "score": 1,"#))
    #expect(text(HAWPWriter().file([image])).contains(#""lines_pred": []"#))
    #expect(!text(SVGWriter().file([image])).contains("<line"))
  }
}

@Suite struct JSONFormats {
  @Test func json() {
    #expect(
      text(JSONWriter().file([sample])) == #"""
        {"schema": "lsdnet.segments", "version": 1,
         "image": "a \"b\" <c>, d&e.png", "width": 640, "height": 480, "pixel_centre": 0,
         "detector": {"version": "1.2.3", "method": "network", "weights": "abc123", "isa": "avx2", "precision": "int8"},
         "timings_ms": {"decode": 1.5, "total": 2.346},
         "segments": [
          {"x1": 1.25, "y1": -0.5, "x2": 639, "y2": 0, "score": 0.875, "width": 1.5, "meaningfulness": 12.346},
          {"x1": 0, "y1": 0.667, "x2": 100, "y2": 479.5, "score": 0.5, "width": 0, "meaningfulness": 0}
         ]}

        """#)
  }

  @Test func ndjsonHasOneLineAnImage() {
    #expect(
      text(NDJSONWriter(pixelCentre: .half).file([empty, empty]))
        == String(
          repeating:
            #"{"schema": "lsdnet.segments", "version": 1,"image": "empty.png", "width": 3, "height": 2, "#
            + "\"pixel_centre\": 0.5,\"segments\": []}\n", count: 2))
  }

  @Test func withoutWeights() {
    var image = empty
    image.provenance = Provenance(
      version: "1", method: "gradient", weightsHash: nil, instructionSet: "neon", precision: nil)
    #expect(
      text(JSONWriter().file([image])).contains(
        #""method": "gradient", "weights": null, "isa": "neon", "precision": null}"#))
  }

  @Test func namesAreEscaped() {
    var image = empty
    image.name = "\u{1}\t\r\n\\\u{1F}é\u{7F}🏠/"
    #expect(text(NDJSONWriter().file([image])).contains(#""image": "\u0001\t\r\n\\\u001fé"# + "\u{7F}🏠/\","))
  }

  @Test func hawp() {
    #expect(
      text(HAWPWriter().file([sample, empty])) == #"""
        [{"filename": "a \"b\" <c>, d&e.png", "width": 640, "height": 480,
         "lines_pred": [[1.25, -0.5, 639, 0], [0, 0.667, 100, 479.5]],
         "lines_score": [0.875, 0.5]},
        {"filename": "empty.png", "width": 3, "height": 2,
         "lines_pred": [],
         "lines_score": []}]

        """#)
    #expect(text(HAWPWriter().file([])) == "[]\n")
  }
}

@Suite struct SVGFormat {
  @Test func bestSegmentIsDrawnLast() {
    #expect(
      text(SVGWriter(background: "a%20b.png").file([sample])) == #"""
        <svg xmlns="http://www.w3.org/2000/svg" width="640" height="480" viewBox="0 0 640 480">
        <title>a &quot;b&quot; &lt;c&gt;, d&amp;e.png</title>
        <rect width="640" height="480"/>
        <image width="640" height="480" preserveAspectRatio="none" opacity="0.6" href="a%20b.png"/>
        <g transform="translate(0.5 0.5)" fill="none" stroke-linecap="round" stroke-width="1.5">
        <line x1="0" y1="0.667" x2="100" y2="479.5" stroke="\#(ColorMap.score.color(at: 0.5).hexadecimal)" data-score="0.5"/>
        <line x1="1.25" y1="-0.5" x2="639" y2="0" stroke="\#(ColorMap.score.color(at: 0.875).hexadecimal)" data-score="0.875"/>
        </g>
        </svg>

        """#)
  }

  @Test func withoutBackground() {
    #expect(!text(SVGWriter().file([sample])).contains("<image"))
  }

  @Test func references() {
    #expect(SVGWriter.reference(toPath: "../a b/é#1%:x.png") == "../a%20b/%C3%A9%231%25%3Ax.png")
    // RFC 4648, section 10.
    for (plain, encoded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
      #expect(SVGWriter.dataURI(Array(plain.utf8), mediaType: "a/b") == "data:a/b;base64," + encoded)
    }
    #expect(SVGWriter.dataURI([0xFF, 0xFE, 0xFB], mediaType: "a/b") == "data:a/b;base64,//77")
  }
}

@Test func formatsByExtension() {
  #expect(SegmentFormat(fileExtension: "txt") == .txt)
  #expect(SegmentFormat(fileExtension: "jsonl") == .ndjson)
  #expect(SegmentFormat(fileExtension: "json") == .json)
  #expect(SegmentFormat(fileExtension: "hawp") == nil)
  #expect(SegmentFormat(fileExtension: "jpg") == nil)
  for format in SegmentFormat.allCases { #expect(SegmentFormat(fileExtension: format.fileExtension) != nil) }
}
