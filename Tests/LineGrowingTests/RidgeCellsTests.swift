import Lines
import Testing

@testable import LineGrowing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct RidgeCellsTests {
  /// What `RidgeCells.find` does, cell by cell, with angles: the definition that the lanes are held to.
  private func reference(_ field: LineField, minimum: Double, band: Double) -> [Int: (x: Double, y: Double)] {
    func heat(_ x: Int, _ y: Int) -> Double {
      let value = field.heat[min(max(y, 0), field.height - 1) * field.width + min(max(x, 0), field.width - 1)]
      return value >= 0 && value < .infinity ? Double(min(value, 1)) : 0
    }
    var found: [Int: (x: Double, y: Double)] = [:]
    for y in 0..<field.height {
      for x in 0..<field.width {
        let i = y * field.width + x
        let norm = Double(field.cos2[i] * field.cos2[i] + field.sin2[i] * field.sin2[i]).squareRoot()
        guard heat(x, y) >= minimum, norm > 0.01, norm < .infinity else { continue }
        let tangent = atan2(Double(field.sin2[i]), Double(field.cos2[i])) / 2
        let (nx, ny) = (-sin(tangent), cos(tangent))
        // To the ring of neighbours, and the heat there by linear interpolation between two.
        let reach = 1 / max(abs(nx), abs(ny))
        func ring(_ sign: Double) -> Double {
          let (px, py) = (sign * reach * nx, sign * reach * ny)
          if abs(nx) > abs(ny) {
            let column = x + Int(px.rounded())
            let share = py - py.rounded(.down)
            let row = y + Int(py.rounded(.down))
            return heat(column, row) * (1 - share) + heat(column, row + 1) * share
          }
          let row = y + Int(py.rounded())
          let share = px - px.rounded(.down)
          let column = x + Int(px.rounded(.down))
          return heat(column, row) * (1 - share) + heat(column + 1, row) * share
        }
        let h = heat(x, y)
        let before = (h - ring(-1)) / (h + ring(-1))
        let after = (h - ring(1)) / (h + ring(1))
        guard before + after > 0 else { continue }
        let offset = reach * (before - after) / (2 * (before + after))
        guard abs(offset) <= band else { continue }
        found[i] = (
          min(max(Double(x) + offset * nx, 0), Double(field.width - 1)),
          min(max(Double(y) + offset * ny, 0), Double(field.height - 1))
        )
      }
    }
    return found
  }

  @Test(arguments: [(1, 1), (1, 9), (7, 21), (8, 8), (9, 5), (16, 3), (17, 4), (31, 33), (40, 40)])
  func equalsTheReference(width: Int, height: Int) {
    var generator = SplitMix(state: UInt64(width * 100 + height))
    var field = LineField(width: width, height: height)
    for i in 0..<field.heat.count {
      let angle = generator.unit() * 2 * .pi
      field.heat[i] = Float(generator.unit())
      field.cos2[i] = Float(cos(angle) * 0.8)
      field.sin2[i] = Float(sin(angle) * 0.8)
    }
    var planes = FieldPlanes()
    planes.copy(field)
    var ridge = RidgeCells()
    ridge.find(in: planes, minimum: 0.2, band: 0.9)
    let expected = reference(field, minimum: 0.2, band: 0.9)
    #expect(ridge.count == expected.count)
    #expect((0..<planes.count).count { ridge.free[$0] != 0 } == ridge.count)
    for number in 0..<ridge.count {
      let cell = ridge[number]
      let padded = Int(cell.index)
      let (row, column) = (padded / planes.stride - 1, padded % planes.stride - 1)
      let i = row * width + column
      let position = expected[i]
      #expect(position != nil)
      #expect(abs(Double(cell.x) - (position?.x ?? .infinity)) < 1e-3)
      #expect(abs(Double(cell.y) - (position?.y ?? .infinity)) < 1e-3)
      #expect(cell.heat == field.heat[i])
      #expect(abs(cell.cos2 - field.cos2[i] / 0.8) < 1e-5)
      #expect(abs(cell.sin2 - field.sin2[i] / 0.8) < 1e-5)
      #expect(ridge.numbers[padded] == Int32(number) && ridge.free[padded] == 1)
    }
  }

  @Test func positionsAreOnAGaussianRidge() {
    for degrees in stride(from: 0.0, to: 180, by: 7.3) {
      let dx = cos(degrees * .pi / 180)
      let dy = sin(degrees * .pi / 180)
      var drawn = DrawnField(width: 48, height: 48)
      drawn.draw(24.3 - 15 * dx, 23.6 - 15 * dy, 24.3 + 15 * dx, 23.6 + 15 * dy)
      var planes = FieldPlanes()
      planes.copy(drawn.field)
      var ridge = RidgeCells()
      ridge.find(in: planes, minimum: 0.3, band: 0.6)
      #expect(ridge.count > 20)
      for number in 0..<ridge.count {
        let (ex, ey) = (Double(ridge[number].x) - 24.3, Double(ridge[number].y) - 23.6)
        guard abs(ex * dx + ey * dy) < 13 else { continue }
        let distance = ey * dx - ex * dy
        #expect(abs(distance) < 0.1)
      }
    }
  }

  @Test func seedsFallInHeat() {
    var generator = SplitMix(state: 5)
    var drawn = DrawnField(width: 60, height: 60)
    for _ in 0..<12 {
      drawn.draw(
        generator.unit() * 60, generator.unit() * 60, generator.unit() * 60, generator.unit() * 60,
        heat: 0.3 + 0.7 * generator.unit())
    }
    var planes = FieldPlanes()
    planes.copy(drawn.field)
    var ridge = RidgeCells()
    ridge.find(in: planes, minimum: 0.15, band: 1)
    var seeds = SeedOrder()
    seeds.sort(ridge, minimum: 0.3)
    let heats = (0..<seeds.count).map { planes.heat[Int(seeds.cells[$0])] }
    #expect(heats.count == (0..<ridge.count).count { ridge[$0].heat >= 0.3 })
    #expect(Set((0..<seeds.count).map { seeds.cells[$0] }).count == seeds.count)
    // Equal but for the width of a bucket.
    for (a, b) in zip(heats, heats.dropFirst()) { #expect(a > b - 1 / Float(SeedOrder.buckets)) }
  }
}
