import Foundation
import KernelInterface
import Lines
import ModelFormat
import Testing

@testable import LineFields

@Suite struct FieldDecoderTests {
  /// Decodes pixels of the given channels, which lie `gap` floats apart in rows of `width`, row by row.
  private func decode(
    _ encoding: OutputEncoding, _ pixels: [[Float]], width: Int, gap: Int = 0
  ) -> (heat: [Float], cos2: [Float], sin2: [Float], ends: [Float]) {
    let channels = pixels[0].count
    let pitch = channels + gap
    let values = UnsafeMutableRawPointer.allocate(byteCount: 4 * pixels.count * pitch, alignment: 16)
      .bindMemory(to: Float.self, capacity: pixels.count * pitch)
    defer { values.deallocate() }
    values.initialize(repeating: .nan, count: pixels.count * pitch)
    for (index, pixel) in pixels.enumerated() { for c in 0..<channels { values[index * pitch + c] = pixel[c] } }
    let map = FeatureMap(
      base: values, height: pixels.count / width, width: width, channels: channels, pixelStride: pitch,
      rowStride: width * pitch)
    // Rows are three cells longer than the map's; what lies behind them stays as it is.
    let stride = width + 3
    var heat = [Float](repeating: -9, count: map.height * stride)
    var cells = [SIMD4<Float>](repeating: [-9, -9, -9, -9], count: map.height * stride)
    heat.withUnsafeMutableBufferPointer { heat in
      cells.withUnsafeMutableBufferPointer { cells in
        guard let heat = heat.baseAddress, let cells = cells.baseAddress else { return }
        let field = FieldCells(width: width, height: map.height, stride: stride, heat: heat, cells: cells)
        for y in 0..<map.height { FieldDecoder(encoding: encoding).decode(map, rows: y..<y + 1, into: field) }
      }
    }
    #expect(heat.map(\.bitPattern) == cells.map(\.x.bitPattern))
    let inside = cells.indices.filter { $0 % stride < width }
    #expect(cells.indices.allSatisfy { $0 % stride < width || cells[$0] == [-9, -9, -9, -9] })
    return (
      inside.map { cells[$0].x }, inside.map { cells[$0].y }, inside.map { cells[$0].z }, inside.map { cells[$0].w }
    )
  }

  @Test(arguments: [1, 7, 8, 9, 61])
  func anglesAreDoubled(width: Int) {
    let pixels = (0..<width * 3).map { [Float($0) / Float(width * 3 - 1), Float($0 * 37 % 101) / 100] }
    let field = decode(OutputEncoding(tangent: .angle), pixels, width: width, gap: 3)
    for (index, pixel) in pixels.enumerated() {
      let angle = 2 * Double.pi * Double(pixel[1])
      #expect(field.heat[index] == pixel[0])
      #expect(abs(Double(field.cos2[index]) - cos(angle)) < 1e-6)
      #expect(abs(Double(field.sin2[index]) - sin(angle)) < 1e-6)
    }
  }

  @Test func channelsMayComeInAnyOrder() {
    let encoding = OutputEncoding(heatChannel: 3, tangent: .doubledAngle, tangentChannel: 1)
    let field = decode(encoding, [[9, 0.6, -0.8, 0.25, 9], [9, 0, 0.5, 0.75, 9]], width: 2)
    #expect(field.heat == [0.25, 0.75])
    #expect(field.cos2 == [0.6, 0])
    #expect(field.sin2 == [-0.8, 0.5])
  }

  @Test(arguments: [false, true]) func endsAreDecoded(isLogit: Bool) {
    let ends: [Float] = [-3, 0, 0.25, 1, 4, .nan, 0.5, 0.75, 1, 0]
    let pixels = ends.map { [0.5, 0, 1, $0] as [Float] }
    let encoding = OutputEncoding(tangent: .doubledAngle, endChannel: 3, endIsLogit: isLogit)
    let (heat, _, sin2, decoded) = decode(encoding, pixels, width: 10)
    #expect(decode(OutputEncoding(tangent: .doubledAngle), pixels, width: 10).ends.allSatisfy { $0 == 0 })
    for (end, value) in zip(ends, decoded) {
      let expected = isLogit ? 1 / (1 + exp(-Double(end))) : Double(min(max(end, 0), 1))
      #expect(end.isNaN ? value == 0 : abs(Double(value) - expected) < 1e-6)
    }
    #expect(heat.allSatisfy { $0 == 0.5 } && sin2.allSatisfy { $0 == 1 })
  }

  @Test(arguments: [false, true]) func stopsAreDecodedAsLogits(isLogit: Bool) {
    let stops: [[Float]] = [[0.25, 0.5, 0.75, 0.9], [0.125, 1, 0, 0.5], [0.5, 0.5, .nan, 0.1]]
    var pixels: [Float] = stops.flatMap { [0, 0, 1, 0] + $0 + [7] as [Float] }
    let encoding = OutputEncoding(tangent: .doubledAngle, endChannel: 3, stopChannel: 4, stopIsLogit: isLogit)
    var decoded = [SIMD4<Float>](repeating: .one, count: 3)
    pixels.withUnsafeMutableBufferPointer { buffer in
      let map = FeatureMap(
        base: buffer.baseAddress!, height: 3, width: 1, channels: 9, pixelStride: 9, rowStride: 9)
      FieldDecoder(encoding: encoding).decodeStops(map, rows: 0..<3, into: &decoded)
    }
    for (values, found) in zip(stops, decoded) {
      for (i, value) in values.enumerated() {
        let expected = isLogit ? value : log(value / (1 - value))
        #expect(value.isNaN ? found[i].isNaN : found[i] == expected || abs(found[i] - expected) < 1e-6)
      }
    }
  }

  /// Logits that lie as vectors need no copy.
  @Test(arguments: [4, 8, 12]) func stopsAreReadWhereTheyAre(channels: Int) throws {
    let (height, width) = (3, 5)
    let rowStride = (width + 2) * channels
    let values = UnsafeMutableRawPointer.allocate(byteCount: 4 * height * rowStride, alignment: 16)
      .bindMemory(to: Float.self, capacity: height * rowStride)
    defer { values.deallocate() }
    for index in 0..<height * rowStride { values[index] = Float(index) }
    let map = FeatureMap(
      base: values, height: height, width: width, channels: channels, pixelStride: channels, rowStride: rowStride)
    let channel = channels - 4
    func encoding(channel: Int?, isLogit: Bool = true) -> OutputEncoding {
      OutputEncoding(tangent: .doubledAngle, endChannel: 3, stopChannel: channel, stopIsLogit: isLogit)
    }
    let stops = try #require(FieldDecoder(encoding: encoding(channel: channel)).stops(of: map))
    for y in 0..<height {
      for x in 0..<width {
        let first = Float(y * rowStride + x * channels + channel)
        #expect(stops.first[y * stops.rowPitch + x * stops.pitch] == [first, first + 1, first + 2, first + 3])
      }
    }
    #expect(FieldDecoder(encoding: encoding(channel: nil)).stops(of: map) == nil)
    #expect(FieldDecoder(encoding: encoding(channel: channel, isLogit: false)).stops(of: map) == nil)
    #expect(FieldDecoder(encoding: encoding(channel: channel + 1)).stops(of: map) == nil)
    var odd = map
    odd.base += 1
    #expect(FieldDecoder(encoding: encoding(channel: channel)).stops(of: odd) == nil)
  }

  /// Four maps side by side go a way of their own, to the same bits.
  @Test(arguments: [8, 9, 15, 16, 61], [false, true])
  func fourMapsComeToTheSameBits(width: Int, isLogit: Bool) {
    let odd: [Float] = [.nan, .infinity, -.infinity, 0, -0.0, 1e30, -1e30, 1, 100, -100, 1e-40]
    var state: UInt32 = 7
    func value() -> Float {
      state = state &* 1_664_525 &+ 1_013_904_223
      return state >> 28 == 0 ? odd[Int(state >> 8) % odd.count] : Float(Int32(bitPattern: state)) / 1e9
    }
    let height = 5
    let pixels = (0..<height * width).map { _ in (0..<4).map { _ in value() } }
    let encoding = OutputEncoding(heatIsLogit: isLogit, tangent: .doubledAngle, endChannel: 3, endIsLogit: !isLogit)
    func planes(gap: Int) -> [[UInt32]] {
      let (heat, cos2, sin2, ends) = decode(encoding, pixels, width: width, gap: gap)
      return [heat, cos2, sin2, ends].map { $0.map(\.bitPattern) }
    }
    #expect(planes(gap: 0) == planes(gap: 1))
    #expect(planes(gap: 4) == planes(gap: 1))
  }

  @Test func normsAreLimited() {
    let pixels: [[Float]] = [[0, 3, 4], [0, 0.3, 0.4], [0, -1e30, 1e30], [0, 0, 0], [0, 1, 1]]
    let field = decode(OutputEncoding(tangent: .doubledAngle), pixels, width: 5)
    #expect(abs(field.cos2[0] - 0.6) < 1e-6 && abs(field.sin2[0] - 0.8) < 1e-6)
    #expect(field.cos2[1] == 0.3 && field.sin2[1] == 0.4)
    // Too long to be measured: no direction.
    #expect(field.cos2[2] == 0 && field.sin2[2] == 0)
    #expect(field.cos2[3] == 0 && field.sin2[3] == 0)
    #expect(abs(field.cos2[4] * field.cos2[4] + field.sin2[4] * field.sin2[4] - 1) < 1e-6)
  }

  @Test func logitsGoThroughTheSigmoid() {
    let logits: [Float] = (-200...200).map { Float($0) / 2 } + [.infinity, -.infinity, 1e30, -1e30]
    let encoding = OutputEncoding(heatIsLogit: true, tangent: .angle, angleIsLogit: true)
    let field = decode(encoding, logits.map { [$0, $0] }, width: logits.count)
    for (index, logit) in logits.enumerated() {
      let probability = 1 / (1 + exp(-Double(logit)))
      #expect(abs(Double(field.heat[index]) - probability) < 1e-6)
      #expect(abs(Double(field.cos2[index]) - cos(2 * .pi * probability)) < 1e-5)
    }
  }

  @Test(arguments: [OutputEncoding.Tangent.angle, .doubledAngle], [false, true])
  func whatIsNoNumberIsNoLine(tangent: OutputEncoding.Tangent, isLogit: Bool) {
    let encoding = OutputEncoding(
      heatIsLogit: isLogit, tangent: tangent, angleIsLogit: isLogit && tangent == .angle)
    let nan = Float.nan
    let field = decode(encoding, [[nan, nan, nan], [nan, 0.5, nan], [0.5, nan, 0]], width: 3)
    #expect(field.heat[0] == 0 && field.heat[1] == 0)
    #expect(field.cos2[0] == 0 && field.sin2[0] == 0)
    #expect(field.cos2[2] == 0 && field.sin2[2] == 0)
  }

  @Test func heatIsClamped() {
    let field = decode(OutputEncoding(tangent: .angle), [[-0.5, 2], [1.5, -1], [.infinity, .infinity]], width: 3)
    #expect(field.heat == [0, 1, 1])
    // Angles beyond 0 and pi are horizontal.
    #expect(field.cos2.allSatisfy { abs($0 - 1) < 1e-6 })
  }
}
