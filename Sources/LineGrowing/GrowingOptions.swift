/// How lines are grown from a field. Lengths are in cells of the field unless they say pixels.
public struct GrowingOptions: Equatable, Sendable {
  /// A region starts at a ridge cell with at least this heat.
  public var seedHeat = 0.3
  /// A region grows into ridge cells with at least this heat; less counts as none.
  public var growHeat = 0.1
  /// Largest angle, in degrees, between a cell's tangent and the region's mean (tau of the LSD paper), under 45.
  public var angleTolerance = 20.0
  /// A cell belongs to the ridge if the maximum of the heat across the tangent lies within this distance of it.
  public var ridgeBand = 1.5
  /// Largest distance of a cell from the region's axis: what turns away further belongs to another line.
  public var lateralTolerance = 1.1
  /// Cells without heat that a line may jump over.
  public var maxGap = 2
  /// Cells with heat of another direction, as at a crossing, that a line may jump over, but no more than it is long.
  public var maxCrossing = 4
  /// The same where the field says where lines end: what was joined wrongly is cut again.
  public var maxCrossingWithEnds = 16
  /// Below it, the agreement of the tangent plus 2.6 times the continuity of the heat says that a line ends at a
  /// junction; 0 never cuts. 2.4 is where an end is as likely as not; a little less keeps more lines whole.
  public var junctionThreshold = 2.2
  /// Smallest share of the axis that is covered by aligned cells (D of the LSD paper).
  public var minDensity = 0.4
  /// Half the width of the rectangle whose cells are counted for the number of false alarms.
  public var rectangleHalfWidth = 1
  /// Segments with -log10(NFA) under this are dropped (-log10 epsilon of the LSD paper, which has 0). A network's heat
  /// has weighed more than tangents, and on its coarse grid a short line has too few cells to be meaningful by them.
  public var minMeaningfulness = -12.0
  /// A line ends where the heat falls under this share of the line's own.
  public var endHeat = 0.7
  /// Distance from there back to the end: the fields are blurred, and the blur reaches over the end.
  public var endShift = 0.7
  /// What makes the score, where the field does not say where lines end.
  public var scoreWeights = ScoreWeights.network
  /// What says where lines end, and makes the score, where the field has end evidence but no stops.
  public var endWeights = EndWeights.ends
  /// The same, where the field also has stops.
  public var stopWeights = EndWeights.network
  /// Segments with a smaller score are dropped.
  public var minScore = 0.0
  /// Whether other readings of the same lines, which overlap them, are listed, too, with scores under
  /// `BandedScore.otherReadings`; of fields that have end evidence.
  public var listsOtherReadings = false
  /// Shorter segments, in pixels of the image, are dropped.
  public var minLength = 6.0

  /// Probability that a tangent agrees with a rectangle by chance. Tangents have no sign, so that the tolerance takes
  /// 2 tau of pi; the LSD paper's level lines have one, and take 2 tau of 2 pi.
  public var alignmentProbability: Double { min(max(angleTolerance, 0.1), 45) / 90 }

  /// For the fields of a network: narrow soft ridges, reliable tangents.
  public static let network = GrowingOptions()

  /// For the fields of an image gradient: the classical LSD, with the tolerance and the density of its paper. Every
  /// cell that has heat at all takes part, for the gradient is already bounded from below.
  public static let gradient = {
    var options = GrowingOptions()
    options.seedHeat = 0.01
    options.growHeat = 0.01
    options.ridgeBand = 0.75
    options.angleTolerance = 22.5
    options.lateralTolerance = 1.6
    options.junctionThreshold = 0
    options.minDensity = 0.7
    options.maxGap = 1
    options.maxCrossing = 1
    options.endHeat = 0.3
    options.endShift = 0
    options.minMeaningfulness = 0
    options.scoreWeights = .gradient
    return options
  }()

  public init() {}
}
