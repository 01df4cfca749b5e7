/// A region of ridge cells that share a direction, and its running statistics.
struct Region {
  /// Number of cells; they stand first in the grower's list of members.
  var count = 0
  /// Sum of the cells' unit vectors at twice their tangent: its direction is the region's mean tangent, doubled.
  var cos2: Float = 0
  var sin2: Float = 0
  var moments: Moments
  /// Fit to the cells so far; nil while they are too few.
  var axis: Axis?
  /// First and last position of the cells along the final axis.
  var low: Float = 0
  var high: Float = 0
}
