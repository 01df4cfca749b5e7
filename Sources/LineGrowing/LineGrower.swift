import Lines

/// The LSD stage: grows line segments from a field of line heat and tangent.
///
/// It knows nothing of where the field comes from, a network or an image gradient. Scratch memory is kept from frame to
/// frame; use one grower per thread.
public struct LineGrower: ~Copyable {
  public let options: GrowingOptions
  private var cells = RidgeCells()
  private var seeds = SeedOrder()
  private var growing: RegionGrowing

  public init(options: GrowingOptions = .network) {
    self.options = options
    growing = RegionGrowing(options: options)
  }

  /// Finds the segments of a field.
  ///
  /// - Parameters:
  ///   - field: heat and tangent on one grid; cells that hold no finite numbers have no heat.
  ///   - transform: where the grid lies in the image.
  ///   - segments: replaced by the segments, in pixels of the image, best score first.
  /// - Complexity: linear in the cells of the field.
  public mutating func grow(
    _ field: borrowing LineField, transform: GridTransform = .identity, into segments: inout [Segment]
  ) {
    segments.removeAll(keepingCapacity: true)
    guard field.width > 0, field.height > 0 else { return }
    cells.find(in: field, minimum: Float(options.growHeat), band: Float(options.ridgeBand))
    seeds.sort(heat: cells.heat.base, count: cells.count, minimum: Float(options.seedHeat))
    growing.reset(cells: cells.count)
    let logTests = FalseAlarms.logTests(width: field.width, height: field.height, precisions: 1)
    for i in 0..<seeds.count {
      let seed = Int(seeds.cells[i])
      guard !growing.used[seed] else { continue }
      let region = growing.grow(from: seed, in: cells)
      guard let axis = region.axis else { continue }
      let rectangle = Rectangle(of: region, axis: axis, growing, cells, field, options)
      guard rectangle.high > rectangle.low, rectangle.density >= Float(options.minDensity) else { continue }
      let nfa = FalseAlarms.log10NFA(
        cells: rectangle.cells, aligned: rectangle.aligned, probability: options.alignmentProbability,
        logTests: logTests)
      guard -nfa >= options.minMeaningfulness else { continue }
      let segment = rectangle.segment(transform, meaningfulness: -nfa, options)
      guard segment.length >= options.minLength else { continue }
      segments.append(segment)
    }
    segments.sort { $0.score > $1.score }
  }
}
