// What Swift's SIMD types cannot say: a fused multiply-add of whole vectors (Swift's is one of single lanes, which the
// optimiser only sometimes puts together again; without FMA it is a library call per lane) and dot products of bytes.
// Everything is inlined, so it means what the instruction set of the importing module offers.
#pragma once

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// AVX-512 has instructions on vectors of half its size, too.
#if defined(__AVX512F__) && !defined(HALF_VECTORS)
#define VECTOR_BYTES 64
#elif defined(__AVX2__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

typedef float vector_float __attribute__((vector_size(VECTOR_BYTES)));
typedef int vector_int __attribute__((vector_size(VECTOR_BYTES)));

#define INLINED static inline __attribute__((always_inline))

/// sum + a * b: with one rounding where the instruction set has FMA, with two where not.
INLINED vector_float multiply_add(vector_float sum, vector_float a, vector_float b) {
#if defined(__FMA__) || defined(__aarch64__)
  return __builtin_elementwise_fma(a, b, sum);
#else
  return sum + a * b;
#endif
}

/// In each lane, sum + a.0 * b.0 + a.1 * b.1 + a.2 * b.2 + a.3 * b.3, exactly: `a` holds four unsigned bytes, `b` four
/// signed ones.
INLINED vector_int dot_bytes(vector_int sum, vector_int a, vector_int b) {
#if defined(__AVX512VNNI__) && VECTOR_BYTES == 64
  return (vector_int)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)a, (__m512i)b);
#elif defined(__AVX512VNNI__)
  return (vector_int)_mm256_dpbusd_epi32((__m256i)sum, (__m256i)a, (__m256i)b);
#elif defined(__ARM_FEATURE_MATMUL_INT8)
  return (vector_int)vusdotq_s32((int32x4_t)sum, (uint8x16_t)a, (int8x16_t)b);
#else
  typedef unsigned int vector_unsigned __attribute__((vector_size(VECTOR_BYTES)));
  for (int shift = 0; shift < 32; shift += 8) {
    vector_int byte = (vector_int)(((vector_unsigned)a >> shift) & 0xFF);
    sum += byte * ((vector_int)((vector_unsigned)b << (24 - shift)) >> 24);
  }
  return sum;
#endif
}

/// In each lane, sum + a.0 * b.0 + a.1 * b.1 modulo 2^32: `a` and `b` hold two signed 16-bit integers, neither all at -2^15.
INLINED vector_int dot_shorts(vector_int sum, vector_int a, vector_int b) {
#if VECTOR_BYTES == 64
  return sum + (vector_int)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return sum + (vector_int)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__x86_64__)
  return sum + (vector_int)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
  return sum + (a << 16 >> 16) * (b << 16 >> 16) + (a >> 16) * (b >> 16);
#endif
}

typedef short vector_short __attribute__((vector_size(VECTOR_BYTES)));
typedef unsigned char vector_half_byte __attribute__((vector_size(VECTOR_BYTES / 2)));

/// Each byte as a 16-bit integer.
INLINED vector_short short_of_byte(vector_half_byte x) { return __builtin_convertvector(x, vector_short); }

// The low bytes of 16-bit integers.
INLINED vector_half_byte byte_of_short(vector_short x) { return __builtin_convertvector(x, vector_half_byte); }

/// The larger of the two in each lane; b where a is not a number.
INLINED vector_float maximum(vector_float a, vector_float b) {
#if VECTOR_BYTES == 64
  return (vector_float)_mm512_max_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__)
  return (vector_float)_mm256_max_ps((__m256)a, (__m256)b);
#elif defined(__x86_64__)
  return (vector_float)_mm_max_ps((__m128)a, (__m128)b);
#else
  return (vector_float)(((a > b) & (vector_int)a) | (~(a > b) & (vector_int)b));
#endif
}

/// The smaller of the two in each lane; b where a is not a number.
INLINED vector_float minimum(vector_float a, vector_float b) {
#if VECTOR_BYTES == 64
  return (vector_float)_mm512_min_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__)
  return (vector_float)_mm256_min_ps((__m256)a, (__m256)b);
#elif defined(__x86_64__)
  return (vector_float)_mm_min_ps((__m128)a, (__m128)b);
#else
  return (vector_float)(((a < b) & (vector_int)a) | (~(a < b) & (vector_int)b));
#endif
}

/// Each integer as the nearest float.
INLINED vector_float float_of_int(vector_int x) { return __builtin_convertvector(x, vector_float); }

typedef unsigned char vector_byte __attribute__((vector_size(VECTOR_BYTES / 4)));

/// The low byte of each integer.
INLINED vector_byte low_bytes(vector_int x) {
#if defined(__AVX2__) && !defined(__AVX512F__)
  // Both halves at once; the compiler takes them apart first.
  __m256i bytes = _mm256_shuffle_epi8((__m256i)x, _mm256_set1_epi32(0x0C080400));
  __m128i joined = _mm_unpacklo_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1));
  return (vector_byte)_mm_cvtsi128_si64(joined);
#else
  return __builtin_convertvector(x, vector_byte);
#endif
}

/// Each value, none of them negative, as the nearest byte, 255 if larger; ties go to the even one.
INLINED vector_byte nearest_bytes(vector_float x) {
#if defined(__AVX512F__) && VECTOR_BYTES == 64
  // What is too large for an integer becomes 2^31, as an unsigned one.
  return (vector_byte)_mm512_cvtusepi32_epi8(_mm512_cvtps_epi32((__m512)x));
#elif defined(__AVX512VL__)
  __m128i bytes = _mm256_cvtusepi32_epi8(_mm256_cvtps_epi32((__m256)x));
  return (vector_byte)_mm_cvtsi128_si64(bytes);
#else
  // Added to 1.5 * 2^23, a value leaves the nearest integer in the low bits.
  vector_float shifted = minimum(x, (vector_float){} + 255) + 12582912;
  return low_bytes((vector_int)shifted);
#endif
}

/// The smaller of the two in each lane.
INLINED vector_byte smaller_bytes(vector_byte a, vector_byte b) { return __builtin_elementwise_min(a, b); }

/// Each byte as an integer.
INLINED vector_int int_of_byte(vector_byte x) { return __builtin_convertvector(x, vector_int); }

/// Asks for the cache line at an address, which need not exist.
INLINED void prefetch(const void *address) { __builtin_prefetch(address); }

// Eight lanes on every instruction set, for loops over the cells of a field.
typedef float float_lanes __attribute__((vector_size(32)));
typedef int int_lanes __attribute__((vector_size(32)));

/// The square root of each lane; Swift's own goes lane by lane, with a case for negative numbers.
INLINED float_lanes square_root(float_lanes x) { return __builtin_elementwise_sqrt(x); }

/// Each lane without its fraction.
INLINED int_lanes truncated(float_lanes x) { return __builtin_convertvector(x, int_lanes); }

/// Each integer as the nearest float.
INLINED float_lanes float_of_lanes(int_lanes x) { return __builtin_convertvector(x, float_lanes); }

/// The lanes whose bit is set, zero in the others.
INLINED float_lanes lanes_of(float_lanes x, unsigned bits) {
  int_lanes bit = {1, 2, 4, 8, 16, 32, 64, 128};
  return (float_lanes)((int_lanes)x & (((int)bits & bit) == bit));
}

// In either half of four lanes apart: the first two lanes of a and b in turn, or the last two; the first pair of lanes of
// a and then of b, or the second.
INLINED float_lanes lanes_in_turn_low(float_lanes a, float_lanes b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13);
}
INLINED float_lanes lanes_in_turn_high(float_lanes a, float_lanes b) {
  return __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15);
}
INLINED float_lanes pairs_low(float_lanes a, float_lanes b) {
  return __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
}
INLINED float_lanes pairs_high(float_lanes a, float_lanes b) {
  return __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
}

/// One bit for each lane with a <= b, the lowest for the first.
INLINED unsigned lanes_at_most(float_lanes a, float_lanes b) {
#if defined(__AVX2__)
  return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps((__m256)a, (__m256)b, _CMP_LE_OQ));
#elif defined(__x86_64__)
  const float *x = (const float *)&a, *y = (const float *)&b;
  return (unsigned)(_mm_movemask_ps(_mm_cmple_ps(_mm_loadu_ps(x), _mm_loadu_ps(y)))
                    | _mm_movemask_ps(_mm_cmple_ps(_mm_loadu_ps(x + 4), _mm_loadu_ps(y + 4))) << 4);
#else
  unsigned bits = 0;
  for (int lane = 0; lane < 8; lane++) bits |= (unsigned)(a[lane] <= b[lane]) << lane;
  return bits;
#endif
}

typedef short short_lanes __attribute__((vector_size(32)));

typedef unsigned char half_byte_lanes __attribute__((vector_size(16)));

/// In each lane, the byte times weight / 256, rounded down.
INLINED short_lanes weighted_bytes(half_byte_lanes bytes, unsigned short weight) {
  // The upper half of a product of 16 bits is one instruction.
#if defined(__AVX2__)
  __m256i x = _mm256_slli_epi16(_mm256_cvtepu8_epi16((__m128i)bytes), 8);
  return (short_lanes)_mm256_mulhi_epu16(x, _mm256_set1_epi16((short)weight));
#elif defined(__x86_64__)
  typedef short short_half __attribute__((vector_size(16)));
  __m128i zero = _mm_setzero_si128(), factor = _mm_set1_epi16((short)weight);
  short_half low = (short_half)_mm_mulhi_epu16(_mm_unpacklo_epi8(zero, (__m128i)bytes), factor);
  short_half high = (short_half)_mm_mulhi_epu16(_mm_unpackhi_epi8(zero, (__m128i)bytes), factor);
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#else
  typedef unsigned wide __attribute__((vector_size(64)));
  return __builtin_convertvector(__builtin_convertvector(bytes, wide) * weight >> 8, short_lanes);
#endif
}

/// In either half, of two pixels r g b r' g' b' and what follows: r r' g g' b b' and the same.
INLINED short_lanes pixel_pairs(short_lanes x) {
  return __builtin_shufflevector(x, x, 0, 3, 1, 4, 2, 5, 6, 7, 8, 11, 9, 12, 10, 13, 14, 15);
}

/// In each lane, sum + a.0 * b.0 + a.1 * b.1 modulo 2^32, as `dot_shorts`.
INLINED int_lanes dot_short_lanes(int_lanes sum, short_lanes a, short_lanes b) {
#if defined(__AVX2__)
  return sum + (int_lanes)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__x86_64__)
  typedef int int_half __attribute__((vector_size(16)));
#define LOW(x) ((__m128i)__builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7))
#define HIGH(x) ((__m128i)__builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15))
  int_half low = (int_half)_mm_madd_epi16(LOW(a), LOW(b)), high = (int_half)_mm_madd_epi16(HIGH(a), HIGH(b));
#undef LOW
#undef HIGH
  return sum + __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
#else
  int_lanes x = (int_lanes)a, y = (int_lanes)b;
  return sum + (x << 16 >> 16) * (y << 16 >> 16) + (x >> 16) * (y >> 16);
#endif
}

/// Each lane divided by 2^bits, rounded down.
INLINED int_lanes without_low_bits(int_lanes x, int bits) { return x >> bits; }

typedef unsigned char byte_lanes __attribute__((vector_size(32)));

/// Each lane, or the limit that it is beyond; the lower one for what is no number.
INLINED float_lanes limited(float_lanes x, float low, float high) {
#if defined(__AVX2__)
  return (float_lanes)_mm256_min_ps(_mm256_max_ps((__m256)x, _mm256_set1_ps(low)), _mm256_set1_ps(high));
#elif defined(__x86_64__)
  __m128 a = __builtin_shufflevector(x, x, 0, 1, 2, 3), b = __builtin_shufflevector(x, x, 4, 5, 6, 7);
  a = _mm_min_ps(_mm_max_ps(a, _mm_set1_ps(low)), _mm_set1_ps(high));
  b = _mm_min_ps(_mm_max_ps(b, _mm_set1_ps(low)), _mm_set1_ps(high));
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7);
#else
  for (int lane = 0; lane < 8; lane++) x[lane] = x[lane] > low ? (x[lane] < high ? x[lane] : high) : low;
  return x;
#endif
}

/// In either half apart: the four lanes of a as bytes, limited to 0...255, then those of b, c and d.
INLINED byte_lanes saturated_bytes(int_lanes a, int_lanes b, int_lanes c, int_lanes d) {
#if defined(__AVX2__)
  __m256i ab = _mm256_packs_epi32((__m256i)a, (__m256i)b), cd = _mm256_packs_epi32((__m256i)c, (__m256i)d);
  return (byte_lanes)_mm256_packus_epi16(ab, cd);
#elif defined(__x86_64__)
#define HALF(x, first) ((__m128i)__builtin_shufflevector(x, x, first, first + 1, first + 2, first + 3))
  __m128i low = _mm_packus_epi16(
      _mm_packs_epi32(HALF(a, 0), HALF(b, 0)), _mm_packs_epi32(HALF(c, 0), HALF(d, 0)));
  __m128i high = _mm_packus_epi16(
      _mm_packs_epi32(HALF(a, 4), HALF(b, 4)), _mm_packs_epi32(HALF(c, 4), HALF(d, 4)));
#undef HALF
  return (byte_lanes)__builtin_shufflevector(low, high, 0, 1, 2, 3);
#else
  byte_lanes bytes;
  for (int lane = 0; lane < 32; lane++) {
    int_lanes source = lane % 16 < 8 ? (lane % 16 < 4 ? a : b) : (lane % 16 < 12 ? c : d);
    int value = source[lane % 4 + lane / 16 * 4];
    bytes[lane] = value < 0 ? 0 : value > 255 ? 255 : value;
  }
  return bytes;
#endif
}

#undef INLINED
