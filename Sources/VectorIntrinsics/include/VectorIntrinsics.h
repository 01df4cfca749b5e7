// What Swift's SIMD types cannot say: a fused multiply-add of whole vectors (Swift's is one of single lanes, which the
// optimiser only sometimes puts together again; without FMA it is a library call per lane). Everything is inlined, so
// it means what the instruction set of the importing module offers.
#pragma once

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX2__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

typedef float vector_float __attribute__((vector_size(VECTOR_BYTES)));

#define INLINED static inline __attribute__((always_inline))

/// sum + a * b: with one rounding where the instruction set has FMA, with two where not.
INLINED vector_float multiply_add(vector_float sum, vector_float a, vector_float b) {
#if defined(__FMA__) || defined(__aarch64__)
  return __builtin_elementwise_fma(a, b, sum);
#else
  return sum + a * b;
#endif
}

#undef INLINED
