#include "CPUFeatures.h"

#if defined(__x86_64__)
bool cpu_has_avx2(void) { return __builtin_cpu_supports("x86-64-v3"); }
bool cpu_has_avx512(void) {
  return __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512vnni");
}
#else
bool cpu_has_avx2(void) { return false; }
bool cpu_has_avx512(void) { return false; }
#endif
