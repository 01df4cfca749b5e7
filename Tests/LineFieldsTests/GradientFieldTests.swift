import Images
import Lines
import Testing

@testable import LineFields

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct GradientFieldTests {
  /// A half-plane: bright where the signed distance from the line through (x, y) with the given tangent is positive,
  /// with the coverage of each pixel as its grey value.
  private func edge(width: Int, height: Int, x: Double, y: Double, degrees: Double) -> RGBImage {
    let dx = cos(degrees * .pi / 180)
    let dy = sin(degrees * .pi / 180)
    var image = RGBImage(width: width, height: height)
    for row in 0..<height {
      for column in 0..<width {
        let distance = (Double(row) - y) * dx - (Double(column) - x) * dy
        let value = UInt8(40 + 160 * min(max(distance + 0.5, 0), 1))
        for channel in 0..<3 { image.pixels[3 * (row * width + column) + channel] = value }
      }
    }
    return image
  }

  private func field(of image: RGBImage, scale: Double) -> LineField {
    var options = GradientField.Options()
    options.scale = scale
    var gradient = GradientField(options: options)
    var field = LineField()
    gradient.fill(&field, from: image)
    return field
  }

  @Test(arguments: [0.0, 15, 45, 80, 90, 120, 179], [0.5, 0.8, 1])
  func heatAndTangentFollowAnEdge(degrees: Double, scale: Double) {
    let field = field(of: edge(width: 60, height: 50, x: 30.2, y: 24.6, degrees: degrees), scale: scale)
    #expect(field.width == Int((60 * scale).rounded()) && field.height == Int((50 * scale).rounded()))
    let transform = GridTransform(
      gridWidth: field.width, gridHeight: field.height, imageWidth: 60, imageHeight: 50)
    let dx = cos(degrees * .pi / 180)
    let dy = sin(degrees * .pi / 180)
    var weight = 0.0
    var moment = 0.0
    for row in 0..<field.height {
      for column in 0..<field.width {
        let i = row * field.width + column
        guard field.heat[i] > 0 else { continue }
        let at = transform.image(x: Double(column), y: Double(row))
        let distance = (at.y - 24.6) * dx - (at.x - 30.2) * dy
        #expect(abs(distance) < 4 / scale, "heat far from the edge")
        // Back from the heat to the gradient it stands for.
        let gradient = Double(field.heat[i] / (1 - field.heat[i]))
        weight += gradient
        moment += gradient * distance
        // Away from the image's rim, strong tangents are those of the edge.
        let inside = column > 3 && row > 3 && column < field.width - 4 && row < field.height - 4
        if inside, field.heat[i] > 0.4 {
          let cosine =
            Double(field.cos2[i]) * cos(2 * degrees * .pi / 180)
            + Double(field.sin2[i]) * sin(2 * degrees * .pi / 180)
          #expect(cosine > cos(2 * 10 * .pi / 180))
        }
      }
    }
    #expect(weight > 10)
    // The ridge of the heat lies on the edge, at every scale.
    #expect(abs(moment / weight) < 0.1)
  }

  @Test func vectorsHaveUnitNormWhereThereIsHeat() {
    let field = field(of: edge(width: 40, height: 40, x: 20, y: 20, degrees: 30), scale: 0.8)
    for i in 0..<field.heat.count {
      let norm = field.cos2[i] * field.cos2[i] + field.sin2[i] * field.sin2[i]
      #expect(abs(norm - (field.heat[i] > 0 ? 1 : 0)) < 1e-5)
      #expect(field.heat[i] >= 0 && field.heat[i] < 1)
    }
  }

  @Test func weakGradientsHaveNoHeat() {
    // q / sin(tau) = 5.2 grey levels a cell.
    #expect(abs(GradientField.Options().minimumGradient - 5.226) < 1e-3)
    var ramp = RGBImage(width: 40, height: 30)
    for i in 0..<40 * 30 {
      for channel in 0..<3 { ramp.pixels[3 * i + channel] = UInt8(4 * (i % 40)) }
    }
    #expect(field(of: ramp, scale: 0.8).heat.allSatisfy { $0 == 0 })  // 5 a cell
    for i in 0..<ramp.pixels.count { ramp.pixels[i] = UInt8(Int(ramp.pixels[i]) * 3 / 2) }
    #expect(field(of: ramp, scale: 0.8).heat[15 * 32 + 16] > 0)  // 7.5 a cell
  }

  @Test func smallAndEmptyImages() {
    #expect(field(of: RGBImage(width: 0, height: 0, pixels: []), scale: 0.8).heat.isEmpty)
    for (width, height) in [(1, 1), (1, 9), (9, 1), (2, 3)] {
      let field = field(of: RGBImage(width: width, height: height, red: 90), scale: 0.8)
      #expect(field.width >= 1 && field.height >= 1)
      #expect(field.heat.allSatisfy { $0 == 0 })
    }
  }

  @Test func scratchDoesNotRemember() {
    var gradient = GradientField()
    var reused = LineField()
    let small = edge(width: 31, height: 23, x: 12, y: 10, degrees: 70)
    gradient.fill(&reused, from: edge(width: 80, height: 66, x: 40, y: 30, degrees: 10))
    gradient.fill(&reused, from: small)
    let fresh = field(of: small, scale: 0.8)
    #expect(reused.heat == fresh.heat && reused.cos2 == fresh.cos2 && reused.sin2 == fresh.sin2)
  }
}
