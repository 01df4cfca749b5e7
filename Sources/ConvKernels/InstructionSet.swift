import RegisterTiles
import VectorIntrinsics

// What the instruction set that this module is compiled for offers. The tiles are as large as its registers allow:
// 24 of 32 accumulate on AVX-512, 12 of 16 on AVX2, the others hold weights and inputs. AVX-512 comes twice, once with
// vectors of half its size, for layers whose output channels would leave many lanes of whole ones idle.

/// Whether one instruction makes dot products of bytes. Where none does, bytes are widened to 16 bits first, and Winograd's
/// convolution of 16 bits is faster still.
#if AVX512 || AVX512HALF || arch(arm64)
  let hasByteDots = true
  typealias DirectArithmetic = ByteArithmetic
#else
  let hasByteDots = false
  typealias DirectArithmetic = ShortArithmetic
#endif

#if AVX512
  let instructionSet = "avx512"
  typealias Vector = SIMD16<Float>
  typealias Integers = SIMD16<Int32>
  typealias Bytes = SIMD16<UInt8>
  typealias Shorts = SIMD32<Int16>
  typealias HalfBytes = SIMD32<UInt8>
#elseif AVX512HALF || AVX2
  #if AVX2
    let instructionSet = "avx2"
  #else
    let instructionSet = "avx512 half"
  #endif
  typealias Vector = SIMD8<Float>
  typealias Integers = SIMD8<Int32>
  typealias Bytes = SIMD8<UInt8>
  typealias Shorts = SIMD16<Int16>
  typealias HalfBytes = SIMD16<UInt8>
#else
  #if arch(arm64)
    let instructionSet = "neon"
  #else
    let instructionSet = "sse2"
  #endif
  typealias Vector = SIMD4<Float>
  typealias Integers = SIMD4<Int32>
  typealias Bytes = SIMD4<UInt8>
  typealias Shorts = SIMD8<Int16>
  typealias HalfBytes = SIMD8<UInt8>
#endif

#if AVX512 || AVX512HALF
  typealias WideTile = Twice<Twice<Thrice<Pixel<Two<FloatArithmetic>>>>>
  typealias SlimTile = Twice<Twice<Twice<Thrice<Pixel<One<FloatArithmetic>>>>>>
  typealias DotTile = Twice<Twice<DotPixel<Four<FloatArithmetic>>>>
  typealias WidestIntegerTile<Arithmetic: TileArithmetic> = Twice<Twice<Twice<Pixel<Three<Arithmetic>>>>>
  typealias WideIntegerTile<Arithmetic: TileArithmetic> = Twice<Twice<Thrice<Pixel<Two<Arithmetic>>>>>
  typealias SlimIntegerTile<Arithmetic: TileArithmetic> = Twice<Twice<Twice<Thrice<Pixel<One<Arithmetic>>>>>>
#elseif AVX2
  typealias WideTile = Twice<Thrice<Pixel<Two<FloatArithmetic>>>>
  typealias SlimTile = Twice<Twice<Thrice<Pixel<One<FloatArithmetic>>>>>
  typealias DotTile = Twice<DotPixel<Four<FloatArithmetic>>>
  typealias WidestIntegerTile<Arithmetic: TileArithmetic> = Twice<Twice<Pixel<Three<Arithmetic>>>>
  typealias WideIntegerTile<Arithmetic: TileArithmetic> = Twice<Thrice<Pixel<Two<Arithmetic>>>>
  typealias SlimIntegerTile<Arithmetic: TileArithmetic> = Twice<Twice<Thrice<Pixel<One<Arithmetic>>>>>
#else
  #if arch(arm64)
    typealias WideTile = Twice<Twice<Twice<Pixel<Two<FloatArithmetic>>>>>
  #else
    typealias WideTile = Twice<Twice<Pixel<Two<FloatArithmetic>>>>
  #endif
  typealias SlimTile = Twice<Twice<Twice<Pixel<One<FloatArithmetic>>>>>
  typealias DotTile = Twice<DotPixel<Four<FloatArithmetic>>>
  typealias WidestIntegerTile<Arithmetic: TileArithmetic> = Twice<Pixel<Three<Arithmetic>>>
  typealias WideIntegerTile<Arithmetic: TileArithmetic> = Twice<Twice<Pixel<Two<Arithmetic>>>>
  typealias SlimIntegerTile<Arithmetic: TileArithmetic> = Twice<Twice<Twice<Pixel<One<Arithmetic>>>>>
#endif
