import Lines

/// What is known of where the lines of one region may end: what `EndWeights` weighs, to fit them.
public struct EndEvidence: Sendable {
  public struct Break: Sendable {
    /// In pixels of the image.
    public var x: Double
    public var y: Double
    /// For a line that lies after the break, for one that lies before it, and for one that passes.
    public var after: SIMD16<Float>
    public var before: SIMD16<Float>
    public var pass: SIMD8<Float>
  }

  /// A stretch between two breaks.
  public struct Stretch: Sendable {
    public var first: Int
    public var last: Int
    public var line: SIMD4<Float>
  }

  /// Along the region's axis.
  public var breaks: [Break]
  public var stretches: [Stretch]
}

extension LineGrower {
  /// The evidence of each region of a field that has ends; of other fields there is none.
  public mutating func endEvidence(
    of field: borrowing LineField, transform: GridTransform = .identity
  ) -> [EndEvidence] {
    var evidence: [EndEvidence] = []
    read(field) { grower in
      if grower.planes.hasEnds { evidence = grower.endEvidence(transform) }
    }
    return evidence
  }

  private mutating func endEvidence(_ transform: GridTransform) -> [EndEvidence] {
    var evidence: [EndEvidence] = []
    var seed = 0
    while let region = nextRegion(from: &seed), let axis = region.axis {
      findBreaks(of: region, axis)
      var found: [EndEvidence.Break] = []
      var stretches: [EndEvidence.Stretch] = []
      for last in 0..<breaks.count {
        let item = breaks[last]
        let point = transform.image(
          x: Double(axis.x + item.position * axis.dx), y: Double(axis.y + item.position * axis.dy))
        found.append(
          EndEvidence.Break(
            x: point.x, y: point.y, after: item.afterFeatures, before: item.beforeFeatures, pass: item.passFeatures))
        var stretch = Stretch()
        for first in stride(from: last - 1, through: 0, by: -1) {
          stretch.add(breaks[first])
          if item.position - breaks[first].position > LineBreaks.shortestStretch {
            stretches.append(EndEvidence.Stretch(first: first, last: last, line: stretch.features))
          }
          stretch.pass(breaks[first])
        }
      }
      if !stretches.isEmpty { evidence.append(EndEvidence(breaks: found, stretches: stretches)) }
    }
    return evidence
  }
}
