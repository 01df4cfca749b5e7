import CPUFeatures
import FieldKernels
import Testing

#if canImport(FieldKernelsAVX2)
  import FieldKernelsAVX2
#endif

/// The kernels of one instruction set.
struct KernelSet: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let copyRow:
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>?, Int,
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<SIMD4<Float>>
    ) -> Void
  let findRidge:
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<SIMD4<Float>>, Int, Int, Float, Float,
      (
        UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>,
        UnsafeMutablePointer<Float>
      ), UnsafeMutablePointer<UInt8>
    ) -> Void
  let sampleAxis:
    @Sendable (
      UnsafePointer<SIMD4<Float>>, Int, Int, Int, Float, Float, Float, Float, Float, Int, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void
  let sampleStops:
    @Sendable (
      UnsafePointer<SIMD4<Float>>, Int, Int, Int, Int, Float, Float, Float, Float, Float, Int,
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void
  let countAligned:
    @Sendable (
      UnsafePointer<SIMD4<Float>>, Int, Int, Int, Float, Float, Float, Float, Float, Float, Int, Int, Float,
      SIMD4<Float>, UnsafeMutablePointer<UInt8>
    ) -> (cells: Int, aligned: SIMD4<Int32>, onAxis: Float, inside: Float)

  /// Those that this machine can run.
  static let available: [KernelSet] = {
    var sets = [
      KernelSet(
        testDescription: "baseline", copyRow: FieldKernels.copyRow, findRidge: FieldKernels.findRidge,
        sampleAxis: FieldKernels.sampleAxis, sampleStops: FieldKernels.sampleStops,
        countAligned: FieldKernels.countAligned)
    ]
    #if canImport(FieldKernelsAVX2)
      if cpu_has_avx2() {
        sets.append(
          KernelSet(
            testDescription: "avx2", copyRow: FieldKernelsAVX2.copyRow, findRidge: FieldKernelsAVX2.findRidge,
            sampleAxis: FieldKernelsAVX2.sampleAxis, sampleStops: FieldKernelsAVX2.sampleStops,
            countAligned: FieldKernelsAVX2.countAligned))
      }
    #endif
    return sets
  }()
}

@Suite struct FieldKernelsTests {
  typealias Grid = PlainKernels.Grid

  /// Noise, a quarter of it cold, some of it without a tangent.
  private func noise(_ width: Int, _ height: Int, _ generator: inout SplitMix) -> Grid {
    let values = (0..<width * height).map { _ in
      SIMD4<Float>(
        max(0, generator.unit() * 1.33 - 0.33), generator.unit() * 2 - 1, generator.unit() * 2 - 1, generator.unit()
      )
      .replacing(with: 0, where: generator.unit() < 0.05 ? [false, true, true, false] : .init(repeating: false))
    }
    return Grid(width: width, height: height) { values[$1 * width + $0] }
  }

  @Test(arguments: KernelSet.available, [1, 7, 8, 9, 31])
  func rowsAreCleanedAndInterleaved(kernels: KernelSet, width: Int) {
    var generator = SplitMix(state: UInt64(width))
    let strange: [Float] = [.nan, .infinity, -.infinity, -1, 2, 1e7, -1e6, 0, 1]
    func row() -> [Float] {
      (0..<width).map { _ in generator.unit() < 0.3 ? strange[Int(generator.next() % 9)] : generator.unit() * 2 - 0.5 }
    }
    let (heat, cos2, sin2, ends) = (row(), row(), row(), row())
    for hasEnds in [false, true] {
      var heats = [Float](repeating: 7, count: width + 1)
      var cells = [SIMD4<Float>](repeating: SIMD4(repeating: 7), count: width + 1)
      ends.withUnsafeBufferPointer {
        kernels.copyRow(heat, cos2, sin2, hasEnds ? $0.baseAddress : nil, width, &heats, &cells)
      }
      let expected = (0..<width).map {
        PlainKernels.copy(heat: heat[$0], cos2: cos2[$0], sin2: sin2[$0], ends: hasEnds ? ends[$0] : nil)
      }
      #expect(cells == expected + [SIMD4(repeating: 7)])
      #expect(heats == expected.map { $0[0] } + [7])
    }
  }

  @Test(arguments: KernelSet.available, [(1, 1), (5, 4), (8, 3), (16, 5), (17, 6), (39, 20)])
  func ridgesAreFound(kernels: KernelSet, size: (width: Int, height: Int)) {
    var generator = SplitMix(state: UInt64(size.width))
    let grid = noise(size.width, size.height, &generator)
    let heat = grid.cells.map { $0[0] }
    let blocks = (size.width + 7) / 8
    var found = 0
    for y in 0..<size.height {
      let room = 8 * blocks
      var planes = [Float](repeating: 7, count: 4 * room)
      var kept = [UInt8](repeating: 0xAA, count: blocks + 1)
      let first = grid.index(0, y)
      heat.withUnsafeBufferPointer { heat in
        grid.cells.withUnsafeBufferPointer { cells in
          planes.withUnsafeMutableBufferPointer { planes in
            guard let heat = heat.baseAddress, let cells = cells.baseAddress, let row = planes.baseAddress else {
              return
            }
            kernels.findRidge(
              heat + first, cells + first, grid.stride, grid.width, 0.2, 0.8,
              (row, row + room, row + 2 * room, row + 3 * room), &kept)
          }
        }
      }
      #expect(kept[blocks] == 0xAA)
      for x in 0..<size.width {
        let expected = PlainKernels.ridge(in: grid, x, y, minimum: 0.2, band: 0.8)
        let isKept = kept[x / 8] >> UInt8(x % 8) & 1 != 0
        let isExpected = expected != nil
        #expect(isKept == isExpected)
        guard isKept, let expected else { continue }
        found += 1
        let made = PlainKernels.Ridge(
          dx: planes[x], dy: planes[room + x], cos2: planes[2 * room + x], sin2: planes[3 * room + x])
        #expect(made == expected)
      }
    }
    #expect(found > size.width * size.height / 20 || size.width * size.height < 20)
  }

  /// Axes in all directions, some of which leave the grid.
  private func axes(_ grid: Grid, _ generator: inout SplitMix) -> [(x: Float, y: Float, dx: Float, dy: Float)] {
    let directions: [(Float, Float)] = [(1, 0), (0, 1), (0.6, 0.8), (-0.8, 0.6), (0.28, -0.96), (0.96, 0.28)]
    return directions.map {
      (Float(grid.width) * generator.unit(), Float(grid.height) * generator.unit(), $0.0, $0.1)
    }
  }

  @Test(arguments: KernelSet.available, [(1, 1), (6, 9), (20, 13)])
  func axesAreSampled(kernels: KernelSet, size: (width: Int, height: Int)) {
    var generator = SplitMix(state: UInt64(size.width))
    let grid = noise(size.width, size.height, &generator)
    for axis in axes(grid, &generator) {
      for count in [1, 8, 27] {
        let start = -Float(count) / 2 + generator.unit()
        let room = (count + 7) / 8 * 8
        var heat = [Float](repeating: 7, count: room + 1)
        var (agreement, directed, ends) = (heat, heat, heat)
        grid.cells.withUnsafeBufferPointer { cells in
          guard let cells = cells.baseAddress else { return }
          kernels.sampleAxis(
            cells + grid.index(0, 0), grid.stride, grid.width, grid.height, axis.x, axis.y, axis.dx, axis.dy, start,
            count, &heat, &agreement, &directed, &ends)
        }
        for i in 0..<count {
          let expected = PlainKernels.sample(
            grid, x: axis.x, y: axis.y, dx: axis.dx, dy: axis.dy, t: Float(i) + start)
          // Its position along the axis is summed in another order.
          #expect(abs(heat[i] - expected.0) < 1e-4 && abs(agreement[i] - expected.1) < 1e-4)
          #expect(abs(ends[i] - expected.2) < 1e-4)
          #expect(directed[i] == heat[i] * min(max(agreement[i], 0), 1))
        }
        #expect(heat[room] == 7 && agreement[room] == 7 && directed[room] == 7 && ends[room] == 7)
      }
    }
  }

  /// Against a plain loop, with axes that leave the grid and logits that are no numbers or beyond the limits.
  @Test(arguments: KernelSet.available, [(1, 1, 1), (6, 9, 1), (20, 13, 1), (6, 9, 2), (20, 13, 3)])
  func stopsAreSampled(kernels: KernelSet, size: (width: Int, height: Int, pitch: Int)) {
    var generator = SplitMix(state: UInt64(size.width) + 5)
    let stops = (0..<size.width * size.height).map { cell in
      let logits = SIMD4(generator.unit(), generator.unit(), generator.unit(), generator.unit()) * 16 - 8
      return cell % 5 == 3 ? SIMD4(.nan, .infinity, -.infinity, 9) : logits
    }
    // As far apart as a network's output has them, whose rows have a halo.
    let rowPitch = size.pitch * (size.width + 2)
    var apart = [SIMD4<Float>](repeating: [7, 7, 7, 7], count: size.height * rowPitch)
    for (cell, logits) in stops.enumerated() {
      apart[cell / size.width * rowPitch + cell % size.width * size.pitch] = logits
    }
    for axis in axes(noise(size.width, size.height, &generator), &generator) {
      for count in [1, 8, 27] {
        let start = -Float(count) / 2 + generator.unit()
        let room = (count + 7) / 8 * 8
        var (ahead, behind) = ([Float](repeating: 7, count: room + 1), [Float](repeating: 7, count: room + 1))
        apart.withUnsafeBufferPointer { cells in
          guard let cells = cells.baseAddress else { return }
          kernels.sampleStops(
            cells, size.pitch, rowPitch, size.width, size.height, axis.x, axis.y, axis.dx, axis.dy, start, count,
            &ahead, &behind)
        }
        for i in 0..<count {
          let t = Float(i) + start
          let x = Int((axis.x + t * axis.dx).rounded(.toNearestOrAwayFromZero))
          let y = Int((axis.y + t * axis.dy).rounded(.toNearestOrAwayFromZero))
          let cell = stops[min(max(y, 0), size.height - 1) * size.width + min(max(x, 0), size.width - 1)]
          let sides = abs(axis.dx) >= abs(axis.dy) ? (cell[0], cell[1]) : (cell[2], cell[3])
          let isForward = abs(axis.dx) >= abs(axis.dy) ? axis.dx > 0 : axis.dy > 0
          func sound(_ logit: Float) -> Float { logit > -6 ? min(logit, 6) : -6 }
          #expect(ahead[i] == sound(isForward ? sides.0 : sides.1))
          #expect(behind[i] == sound(isForward ? sides.1 : sides.0))
        }
        #expect(ahead[room] == 7 && behind[room] == 7)
      }
    }
  }

  @Test func noNumberIsOutsideOfTheGrid() {
    var generator = SplitMix(state: 3)
    let grid = noise(5, 5, &generator)
    for kernels in KernelSet.available {
      var heat = [Float](repeating: 7, count: 8)
      var (agreement, directed, ends) = (heat, heat, heat)
      var covered: [UInt8] = [0xFF]
      grid.cells.withUnsafeBufferPointer { cells in
        guard let cells = cells.baseAddress else { return }
        kernels.sampleAxis(
          cells + grid.index(0, 0), grid.stride, 5, 5, .nan, 1, 1, 0, 0, 8, &heat, &agreement, &directed, &ends)
        let counts = kernels.countAligned(
          cells + grid.index(0, 0), grid.stride, 5, 5, 1, 1, .infinity, .nan, 0, 1, 8, 1, 0, .one, &covered)
        #expect(counts.cells == 0 && covered == [0])
      }
      #expect(heat == [Float](repeating: 0, count: 8) && directed == heat && ends == heat)
    }
  }

  @Test(arguments: KernelSet.available, [(1, 1), (6, 9), (20, 13)])
  func alignedCellsAreCounted(kernels: KernelSet, size: (width: Int, height: Int)) {
    var generator = SplitMix(state: UInt64(size.width))
    let grid = noise(size.width, size.height, &generator)
    let squaredCosines = SIMD4<Float>(0.5, 0.8, 0.95, 4)
    var aligned = 0
    for axis in axes(grid, &generator) {
      for (steps, halfWidth) in [(1, 0), (8, 1), (21, 1), (30, 3)] {
        let low = -Float(steps) / 2
        var covered = [UInt8](repeating: 0xAA, count: (steps + 7) / 8 + 1)
        grid.cells.withUnsafeBufferPointer { cells in
          guard let cells = cells.baseAddress else { return }
          let counts = kernels.countAligned(
            cells + grid.index(0, 0), grid.stride, grid.width, grid.height, axis.x, axis.y, axis.dx, axis.dy, low,
            0.97, steps, halfWidth, 0.3, squaredCosines, &covered)
          let expected = PlainKernels.count(
            grid, x: axis.x, y: axis.y, dx: axis.dx, dy: axis.dy, low: low, length: 0.97, steps: steps,
            halfWidth: halfWidth, minHeat: 0.3, squaredCosines: squaredCosines)
          #expect(counts.cells == expected.cells && counts.aligned == expected.aligned)
          #expect(abs(Double(counts.onAxis) - expected.onAxis) < 1e-4)
          #expect(abs(Double(counts.inside) - expected.inside) < 1e-4)
          let coveredSteps = (0..<steps).map { step in covered[step / 8] >> UInt8(step % 8) & 1 != 0 }
          #expect(coveredSteps == expected.covered)
          aligned += Int(counts.aligned[1])
        }
        #expect(covered.last == 0xAA)
      }
    }
    #expect(aligned > 10 || size.width == 1)
  }

  @Test func instructionSetsMakeTheSameBits() {
    var generator = SplitMix(state: 11)
    let grid = noise(30, 30, &generator)
    for axis in axes(grid, &generator) {
      let samples = KernelSet.available.map { kernels in
        var heat = [Float](repeating: 0, count: 40)
        var (agreement, directed, ends) = (heat, heat, heat)
        var sums: [Float] = []
        var covered = [UInt8](repeating: 0, count: 5)
        grid.cells.withUnsafeBufferPointer { cells in
          guard let cells = cells.baseAddress else { return }
          kernels.sampleAxis(
            cells + grid.index(0, 0), grid.stride, 30, 30, axis.x, axis.y, axis.dx, axis.dy, -17.3, 36, &heat,
            &agreement, &directed, &ends)
          let counts = kernels.countAligned(
            cells + grid.index(0, 0), grid.stride, 30, 30, axis.x, axis.y, axis.dx, axis.dy, -17.3, 1.02, 36, 1, 0.2,
            [0.5, 0.8, 0.95, 4], &covered)
          sums = [counts.onAxis, counts.inside]
        }
        return heat + agreement + directed + ends + sums
      }
      #expect(samples.allSatisfy { $0 == samples[0] })
    }
  }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// In [0, 1).
  mutating func unit() -> Float { Float(next() >> 40) / 0x1p24 }
}
