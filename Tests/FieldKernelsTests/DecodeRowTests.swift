import CPUFeatures
import FieldKernels
import Testing

#if canImport(FieldKernelsAVX2)
  import FieldKernelsAVX2
#endif

@Suite struct DecodeRowTests {
  private typealias DecodeRow = (
    UnsafePointer<SIMD4<Float>>, Int, Int, Bool, Bool, Bool, UnsafeMutablePointer<Float>,
    UnsafeMutablePointer<SIMD4<Float>>
  ) -> Void

  private func planes(
    _ decodeRow: DecodeRow, _ maps: [SIMD4<Float>], pitch: Int = 1, isLogit: Bool, hasEnds: Bool
  ) -> [[Float]] {
    var heat = [Float](repeating: -9, count: maps.count + 1)
    var cells = [SIMD4<Float>](repeating: [-9, -9, -9, -9], count: maps.count + 1)
    let apart = maps.flatMap { [$0] + Array(repeating: .one, count: pitch - 1) }
    decodeRow(apart, pitch, maps.count, isLogit, hasEnds, isLogit, &heat, &cells)
    return [heat] + (0..<4).map { plane in cells.map { $0[plane] } }
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
        #expect(abs(made[2][x] - map.y / norm) < 1e-6 && abs(made[3][x] - map.z / norm) < 1e-6)
        if !isLogit { #expect(made[0][x] == min(max(map.x, 0), 1)) }
      }
      #expect(made.allSatisfy { $0.last == -9 })
      #expect(made[1] == made[0])
      #expect(hasEnds || made[4].dropLast().allSatisfy { $0 == 0 })
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
