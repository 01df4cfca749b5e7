import CPUFeatures
import FieldKernels
import Testing

#if canImport(FieldKernelsAVX2)
  import FieldKernelsAVX2
#endif

@Suite struct DecodeRowTests {
  private typealias DecodeRow = (
    UnsafePointer<SIMD4<Float>>, Int, Int, Bool, Bool, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>,
    UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>?
  ) -> Void

  private func planes(
    _ decodeRow: DecodeRow, _ maps: [SIMD4<Float>], pitch: Int = 1, isLogit: Bool, hasEnds: Bool
  ) -> [[Float]] {
    var heat = [Float](repeating: -9, count: maps.count + 1)
    var (cos2, sin2, ends) = (heat, heat, heat)
    let apart = maps.flatMap { [$0] + Array(repeating: .one, count: pitch - 1) }
    ends.withUnsafeMutableBufferPointer { ends in
      decodeRow(apart, pitch, maps.count, isLogit, isLogit, &heat, &cos2, &sin2, hasEnds ? ends.baseAddress : nil)
    }
    return [heat, cos2, sin2, ends]
  }

  @Test(arguments: [8, 11, 24], [false, true])
  func everyInstructionSetMakesTheSameBits(width: Int, isLogit: Bool) {
    var generator = SplitMix(state: UInt64(width))
    let maps = (0..<width).map { _ in SIMD4<Float>.random(in: -2...2, using: &generator) }
    for hasEnds in [false, true] {
      let made = planes(FieldKernels.decodeRow, maps, isLogit: isLogit, hasEnds: hasEnds)
      #expect(planes(FieldKernels.decodeRow, maps, pitch: 2, isLogit: isLogit, hasEnds: hasEnds) == made)
      for (x, map) in maps.enumerated() {
        let norm = max((map.y * map.y + map.z * map.z).squareRoot(), 1)
        #expect(abs(made[1][x] - map.y / norm) < 1e-6 && abs(made[2][x] - map.z / norm) < 1e-6)
        if !isLogit { #expect(made[0][x] == min(max(map.x, 0), 1)) }
      }
      #expect(made.allSatisfy { $0.last == -9 })
      #expect(hasEnds || made[3].allSatisfy { $0 == -9 })
      #if canImport(FieldKernelsAVX2)
        if cpu_has_avx2() {
          for pitch in [1, 2] {
            #expect(planes(FieldKernelsAVX2.decodeRow, maps, pitch: pitch, isLogit: isLogit, hasEnds: hasEnds) == made)
          }
        }
      #endif
    }
  }
}
