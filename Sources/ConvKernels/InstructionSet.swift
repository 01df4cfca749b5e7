import KernelInterface

// What the instruction set that this module is compiled for offers. The tiles are as large as its registers allow:
// 24 of 32 accumulate on AVX-512, 12 of 16 on AVX2, the others hold weights and broadcast inputs.

#if AVX512
  let instructionSet = "avx512"
  typealias Vector = SIMD16<Float>
  typealias Bits = SIMD16<Int32>
  typealias WideTile = Twice<Twice<Thrice<Pixel<Two>>>>
  typealias SlimTile = Twice<Twice<Twice<Thrice<Pixel<One>>>>>
  typealias DotTile = Twice<Twice<DotPixel>>
#elseif AVX2
  let instructionSet = "avx2"
  typealias Vector = SIMD8<Float>
  typealias Bits = SIMD8<Int32>
  typealias WideTile = Twice<Thrice<Pixel<Two>>>
  typealias SlimTile = Twice<Twice<Thrice<Pixel<One>>>>
  typealias DotTile = Twice<DotPixel>
#elseif arch(arm64)
  let instructionSet = "neon"
  typealias Vector = SIMD4<Float>
  typealias Bits = SIMD4<Int32>
  typealias WideTile = Twice<Twice<Twice<Pixel<Two>>>>
  typealias SlimTile = Twice<Twice<Twice<Pixel<One>>>>
  typealias DotTile = Twice<DotPixel>
#else
  let instructionSet = "sse2"
  typealias Vector = SIMD4<Float>
  typealias Bits = SIMD4<Int32>
  typealias WideTile = Twice<Twice<Pixel<Two>>>
  typealias SlimTile = Twice<Twice<Twice<Pixel<One>>>>
  typealias DotTile = Twice<DotPixel>
#endif
