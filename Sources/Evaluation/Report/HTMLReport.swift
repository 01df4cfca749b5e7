import Files
import Images
import Lines
import SegmentFormats

/// One page about an evaluation that needs nothing but itself: table, curves, and the images with hits, misses and false
/// alarms in colour, worst and best first.
public struct HTMLReport: Sendable {
  /// At most so many of the worst and of the best images are shown.
  public var shown = 12
  public var dataSet: DataSet
  public var evaluations: [MethodEvaluation]
  /// What the methods found, in the order of `evaluations`.
  public var predictions: [Predictions]
  public var notes: [String]

  public init(dataSet: DataSet, evaluations: [MethodEvaluation], predictions: [Predictions], notes: [String]) {
    self.dataSet = dataSet
    self.evaluations = evaluations
    self.predictions = predictions
    self.notes = notes
  }

  /// The page.
  ///
  /// - Throws: `FileError` or `ImageError` if an image cannot be read.
  public func html(threads: Int = 1) throws -> String {
    let order = imagesByF
    let worst = Array(order.prefix(min(shown, order.count / 2)))
    let best = Array(order.dropFirst(worst.count).suffix(shown).reversed())
    let cards = try parallelMap(count: worst.count + best.count, threads: threads) { index in
      try card(index < worst.count ? worst[index] : best[index - worst.count])
    }
    var body = """
      <header>
      <h1>\(escapedForHTML(dataSet.name))</h1>
      <p class="soft">\(dataSet.layout.rawValue) &middot; \(dataSet.images.count) images &middot; \
      \(dataSet.images.reduce(0) { $0 + $1.lines.count }) true lines</p>
      </header>
      <h2>Figures</h2>
      <div class="card scroll">\(figures)</div>

      """
    for note in notes { body += "<p class=\"note\">Note: \(escapedForHTML(note))</p>\n" }
    if evaluations.count > 1 {
      body += "<h2>Against \(name(0))</h2>\n<div class=\"card scroll\">\(differences)</div>\n"
    }
    body += """
      <h2>Curves</h2>
      <div class="plots">
      <div class="card"><h3>Precision over recall, pixels pooled</h3>\(CurvePlot(evaluations: evaluations).svg)</div>
      <div class="card"><h3>F of each image at the best threshold; below, F<sup>H</sup> and its 95 % interval</h3>\
      \(StripPlot(evaluations: evaluations, dataSet: dataSet).svg)\(legend)
      <h3 style="margin-top: 1.6rem">How to read the figures</h3>\(explanation)</div>
      </div>
      \(controls)
      <h2>Worst images <span class="soft">by F of \(name(0))</span></h2>
      <div class="gallery">\(cards.prefix(worst.count).joined())</div>
      <h2>Best images <span class="soft">by F of \(name(0))</span></h2>
      <div class="gallery">\(cards.dropFirst(worst.count).joined())</div>

      """
    body += "<details><summary>All images</summary>\n<div class=\"card scroll\">\(imageTable(order))</div></details>\n"
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(escapedForHTML(dataSet.name)): \(escapedForHTML(evaluations.map(\.name).joined(separator: ", ")))</title>
      <style>
      \(ReportStyle.css)</style>
      </head>
      <body style="--methods: \(evaluations.count)">
      \(body)<script>
      \(ReportStyle.script)
      </script>
      </body>
      </html>

      """
  }

  /// Indices of the images by rising F of the first method; ties by name.
  private var imagesByF: [Int] {
    guard let first = evaluations.first else { return [] }
    let f = first.images.map { $0.counts(above: first.best.threshold).f }
    return dataSet.images.indices.sorted { (f[$0], dataSet.images[$0].name) < (f[$1], dataSet.images[$1].name) }
  }

  private func name(_ index: Int) -> String { escapedForHTML(evaluations[index].name) }

  private func key(_ index: Int) -> String {
    let style = "m\(index % ReportStyle.colours)"
    return "<span class=\"key \(style)\" style=\"background: var(--c)\"></span>\(name(index))"
  }

  private var figures: String {
    var rows = """
      <table><tr><th>method</th><th>F<sup>H</sup></th><th>AP<sup>H</sup></th><th>F<sup>H</sup> image<br>average</th>\
      <th>precision</th><th>recall</th><th>score &gt;</th><th>sAP<sup>5</sup></th><th>sAP<sup>10</sup></th>\
      <th>sAP<sup>15</sup></th><th>msAP</th><th>segments<br>per image</th></tr>

      """
    func cell(_ estimate: Estimate, isLead: Bool = false) -> String {
      "<td\(isLead ? " class=\"lead\"" : "")>\(percent(estimate.value))<small>\(percent(estimate.low))&ndash;"
        + "\(percent(estimate.high))</small></td>"
    }
    for (index, evaluation) in evaluations.enumerated() {
      let best = evaluation.best
      rows += "<tr><td>\(key(index))</td>\(cell(evaluation.fH, isLead: true))\(cell(evaluation.apH))"
      rows += "<td>\(percent(evaluation.fHImageAverage))</td><td>\(percent(best.precision))</td>"
      rows += "<td>\(percent(best.recall))</td><td>\(scoreText(best.threshold))</td>"
      rows += evaluation.sAP.map { cell($0) }.joined() + cell(evaluation.msAP)
      rows += "<td>\(fixed(evaluation.segmentsPerImage))</td></tr>\n"
    }
    return rows + "</table>"
  }

  private var explanation: String {
    """
    <dl>
    <dt>F<sup>H</sup></dt><dd>Lines are drawn one pixel wide; predicted and true pixels are matched one to one within 1 % \
    of the image diagonal, as many as possible; counts are pooled over the images. The best F of all thresholds.</dd>
    <dt>AP<sup>H</sup></dt><dd>The area under that curve, its precision made monotone from the right. Precision and recall \
    of a threshold stay together: the two are not sorted apart.</dd>
    <dt>Image average</dt><dd>F<sup>H</sup> of the precision and recall averaged over the images.</dd>
    <dt>sAP<sup>5, 10, 15</sup></dt><dd>Average precision of segments whose ends fit a true line&rsquo;s, in images scaled \
    to 128 &times; 128: the sum of both squared distances is under 5, 10 or 15. msAP is their mean.</dd>
    <dt>Small figures</dt><dd>95 % bootstrap intervals over the images.</dd>
    </dl>
    """
  }

  private var differences: String {
    var rows = "<table><tr><th>method</th>"
    rows += "<th>F<sup>H</sup></th><th>AP<sup>H</sup></th><th>sAP<sup>5</sup></th><th>sAP<sup>10</sup></th>"
    rows += "<th>sAP<sup>15</sup></th><th>msAP</th></tr>\n"
    for index in evaluations.indices.dropFirst() {
      rows += "<tr><td>\(key(index))</td>"
      for estimate in evaluations[index].difference(from: evaluations[0]) {
        let isClear = estimate.low > 0 || estimate.high < 0
        rows += "<td\(isClear ? " class=\"lead\"" : "")>\(estimate.value > 0 ? "+" : "")\(percent(estimate.value))"
        rows += "<small>\(percent(estimate.low)) to \(percent(estimate.high))</small></td>"
      }
      rows += "</tr>\n"
    }
    return rows
      + "</table><p class=\"soft\">Differences in points, on the same resamples of the images; bold where the "
      + "interval leaves out 0.</p>"
  }

  private var legend: String {
    "<p class=\"soft\">" + evaluations.indices.map(key).joined(separator: " &nbsp; ") + "</p>"
  }

  private var controls: String {
    func colour(_ colour: (red: UInt8, green: UInt8, blue: UInt8)) -> String {
      "<span class=\"key\" style=\"background: rgb(\(colour.red) \(colour.green) \(colour.blue))\"></span>"
    }
    func control(_ id: String, _ label: String) -> String {
      "<label><input type=\"checkbox\" id=\"\(id)\" checked>\(label)</label>"
    }
    return """
      <div class="bar" style="margin-top: 2.4rem"><strong>Show</strong>\(control("photo", "photograph"))\
      \(control("hits", colour(ReportStyle.hit) + "hits"))\(control("misses", colour(ReportStyle.miss) + "misses"))\
      \(control("alarms", colour(ReportStyle.falseAlarm) + "false alarms"))\
      <span class="soft">click a picture to enlarge it</span></div>
      """
  }

  private func card(_ index: Int) throws -> String {
    let image = dataSet.images[index]
    // The photograph is in the page once, however many methods are laid over it.
    let photograph = try photographURI(image)
    var html = "<div class=\"card\"><div class=\"name\"><span>\(escapedForHTML(image.name))</span>"
    html += "<span class=\"soft\">\(image.width) &times; \(image.height), \(image.lines.count) lines</span></div>\n"
    html += "<style>.p\(index) { background-image: url(\(photograph)); }</style><div class=\"row\">\n"
    for (number, evaluation) in evaluations.enumerated() {
      let threshold = evaluation.best.threshold
      let segments = predictions[number].segments[index].filter { $0.score > threshold }
      let point = evaluation.images[index].counts(above: threshold)
      let verdicts = PixelVerdicts(width: image.width, height: image.height, truth: image.lines, segments: segments)
      html += "<figure><div class=\"layers\" style=\"aspect-ratio: \(image.width) / \(image.height)\">"
      html += "<div class=\"photo p\(index)\"></div>"
      for (style, colour, pixels) in [
        ("misses", ReportStyle.miss, verdicts.misses), ("alarms", ReportStyle.falseAlarm, verdicts.falseAlarms),
        ("hits", ReportStyle.hit, verdicts.hits),
      ] {
        let png = try PixelVerdicts.mask(pixels, width: image.width, height: image.height)
          .stencilPNGBytes(red: colour.red, green: colour.green, blue: colour.blue)
        html += "<img class=\"\(style)\" alt=\"\" src=\"\(SVGWriter.dataURI(png, mediaType: "image/png"))\">"
      }
      html += "</div><figcaption>\(evaluations.count > 1 ? key(number) + ": " : "")F \(percent(point.f)) &middot; "
      html += "precision \(percent(point.precision)) &middot; recall \(percent(point.recall)) &middot; "
      html += "\(segments.count) segments</figcaption></figure>\n"
    }
    return html + "</div></div>\n"
  }

  /// The photograph as it lies on disk, if browsers show such files.
  private func photographURI(_ image: AnnotatedImage) throws -> String {
    guard let path = image.path else { return "" }
    let bytes = try File.read(path)
    return switch bytes.first {
    case 0xff: SVGWriter.dataURI(bytes, mediaType: "image/jpeg")
    case 0x89: SVGWriter.dataURI(bytes, mediaType: "image/png")
    default: SVGWriter.dataURI(try ImageDecoder.decode(bytes, name: path).pngBytes(), mediaType: "image/png")
    }
  }

  private func imageTable(_ order: [Int]) -> String {
    var rows = "<table><tr><th>image</th>" + evaluations.indices.map { "<th>F \(name($0))</th>" }.joined() + "</tr>\n"
    for index in order {
      rows += "<tr><td>\(escapedForHTML(dataSet.images[index].name))</td>"
      for evaluation in evaluations {
        rows += "<td>\(percent(evaluation.images[index].counts(above: evaluation.best.threshold).f))</td>"
      }
      rows += "</tr>\n"
    }
    return rows + "</table>"
  }
}
