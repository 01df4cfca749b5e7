#define _GNU_SOURCE
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

#if defined(__linux__)
#include <sched.h>

int cpu_count(void) {
  cpu_set_t granted;
  return sched_getaffinity(0, sizeof granted, &granted) == 0 ? CPU_COUNT(&granted) : 1;
}
#else
#include <unistd.h>

int cpu_count(void) {
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? (int)count : 1;
}
#endif
