import RegisterTiles
import VectorIntrinsics

// What the instruction set that this module is compiled for offers. The tiles are as large as its registers allow:
// 24 of 32 accumulate on AVX-512, 12 of 16 on AVX2, the others hold weights and inputs.

/// Whether one instruction makes dot products of bytes. Where none does, bytes are widened to 16 bits, and Winograd's
/// convolution of 16 bits is faster.
#if AVX512 || arch(arm64)
  let hasByteDots = true
#else
  let hasByteDots = false
#endif

#if AVX512
  let instructionSet = "avx512"
  typealias Vector = SIMD16<Float>
  typealias Integers = SIMD16<Int32>
  typealias Bytes = SIMD16<UInt8>
  typealias Shorts = SIMD32<Int16>
  typealias HalfBytes = SIMD32<UInt8>
  typealias WideTile = Twice<Twice<Thrice<Pixel<Two<FloatArithmetic>>>>>
  typealias SlimTile = Twice<Twice<Twice<Thrice<Pixel<One<FloatArithmetic>>>>>>
  typealias DotTile = Twice<Twice<DotPixel<Four<FloatArithmetic>>>>
  typealias WideByteTile = Twice<Twice<Thrice<Pixel<Two<ByteArithmetic>>>>>
  typealias SlimByteTile = Twice<Twice<Twice<Thrice<Pixel<One<ByteArithmetic>>>>>>
  typealias WideShortTile = Twice<Twice<Thrice<Pixel<Two<ShortArithmetic>>>>>
  typealias SlimShortTile = Twice<Twice<Twice<Thrice<Pixel<One<ShortArithmetic>>>>>>
#elseif AVX2
  let instructionSet = "avx2"
  typealias Vector = SIMD8<Float>
  typealias Integers = SIMD8<Int32>
  typealias Bytes = SIMD8<UInt8>
  typealias Shorts = SIMD16<Int16>
  typealias HalfBytes = SIMD16<UInt8>
  typealias WideTile = Twice<Thrice<Pixel<Two<FloatArithmetic>>>>
  typealias SlimTile = Twice<Twice<Thrice<Pixel<One<FloatArithmetic>>>>>
  typealias DotTile = Twice<DotPixel<Four<FloatArithmetic>>>
  // Without a dot product of bytes the weights need twice the registers.
  typealias WideByteTile = Twice<Twice<Pixel<Two<ByteArithmetic>>>>
  typealias SlimByteTile = Twice<Twice<Twice<Pixel<One<ByteArithmetic>>>>>
  typealias WideShortTile = Twice<Thrice<Pixel<Two<ShortArithmetic>>>>
  typealias SlimShortTile = Twice<Twice<Thrice<Pixel<One<ShortArithmetic>>>>>
#else
  #if arch(arm64)
    let instructionSet = "neon"
    typealias WideTile = Twice<Twice<Twice<Pixel<Two<FloatArithmetic>>>>>
  #else
    let instructionSet = "sse2"
    typealias WideTile = Twice<Twice<Pixel<Two<FloatArithmetic>>>>
  #endif
  typealias Vector = SIMD4<Float>
  typealias Integers = SIMD4<Int32>
  typealias Bytes = SIMD4<UInt8>
  typealias Shorts = SIMD8<Int16>
  typealias HalfBytes = SIMD8<UInt8>
  typealias SlimTile = Twice<Twice<Twice<Pixel<One<FloatArithmetic>>>>>
  typealias DotTile = Twice<DotPixel<Four<FloatArithmetic>>>
  // Without a dot product of bytes the weights need twice the registers.
  typealias WideByteTile = Twice<Twice<Pixel<Two<ByteArithmetic>>>>
  typealias SlimByteTile = Twice<Twice<Twice<Pixel<One<ByteArithmetic>>>>>
  typealias WideShortTile = Twice<Twice<Pixel<Two<ShortArithmetic>>>>
  typealias SlimShortTile = Twice<Twice<Twice<Pixel<One<ShortArithmetic>>>>>
#endif
