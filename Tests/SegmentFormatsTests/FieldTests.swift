import Foundation
import Lines
import SegmentFormats
import Testing

@Suite struct FieldTests {
  /// One cell of a tangent at that angle on the grid.
  private func field(_ angles: [Double]) -> LineField {
    var field = LineField(width: angles.count, height: 1)
    for (index, angle) in angles.enumerated() {
      field.heat[index] = 1
      field.cos2[index] = Float(cos(2 * angle))
      field.sin2[index] = Float(sin(2 * angle))
    }
    return field
  }

  @Test func anglesStayBelowPi() {
    let given = [0, 0.5, .pi / 2, 2, 3.1415, .pi - 1e-9, .pi, .pi + 0.25, -1e-8, -0.5]
    let angles = field(given).tangentAngles(.identity).map(Double.init)
    for (angle, given) in zip(angles, given) {
      #expect(angle >= 0 && angle < .pi)
      #expect(abs(sin(angle - given)) < 1e-6)
    }
    #expect(LineField(width: 2, height: 1).tangentAngles(.identity) == [0, 0])
  }

  @Test func anglesAreTurnedBackWithTheGrid() {
    // On a grid squashed to half the width, 45 degrees are atan(1 / 2) in the image.
    let squashed = GridTransform(scaleX: 2, scaleY: 1)
    let angles = field([.pi / 4, 3 * .pi / 4, 0, .pi / 2]).tangentAngles(squashed).map(Double.init)
    for (angle, expected) in zip(angles, [atan(0.5), Double.pi - atan(0.5), 0, Double.pi / 2]) {
      #expect(abs(angle - expected) < 1e-6)
    }
  }

  @Test func picturesHaveTheAskedSizeAndMeaning() {
    var field = LineField(width: 2, height: 2)
    field.heat = [0, 1, 0, 1]
    field.cos2 = [1, 1, 1, 1]
    let heat = field.heatPicture(width: 8, height: 6)
    #expect(heat.width == 8 && heat.height == 6)
    let row = (0..<8).map { Int(heat.pixels[3 * $0]) }
    #expect(row.first == 0 && row.last! > 240 && row == row.sorted())
    // The hue is the angle's, opposite for a right angle; the brightness is the heat's.
    let horizontal = field.tangentPicture(width: 8, height: 6, .identity).pixels
    #expect(horizontal[..<3] == [0, 0, 0] && horizontal[21] > 200 && horizontal[21] > horizontal[23])
    field.cos2 = [-1, -1, -1, -1]
    let vertical = field.tangentPicture(width: 8, height: 6, .identity).pixels
    #expect(vertical[23] > vertical[21])
    #expect(LineField().heatPicture(width: 2, height: 1).pixels == [0, 0, 0, 0, 0, 0])
  }

  @Test func hostileValuesDoNotTrap() {
    var field = LineField(width: 3, height: 1)
    field.heat = [.nan, .infinity, -1]
    field.cos2 = [.nan, .infinity, 1]
    field.sin2 = [0, .nan, -.infinity]
    #expect(field.tangentAngles(.identity).allSatisfy { $0 >= 0 && Double($0) < .pi })
    #expect(field.heatPicture(width: 5, height: 5).pixels.count == 75)
    #expect(field.tangentPicture(width: 5, height: 5, .identity).pixels.count == 75)
  }
}
