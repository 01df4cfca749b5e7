#pragma once
#include <stdbool.h>

/// AVX2 and FMA, and an operating system that saves the registers.
bool cpu_has_avx2(void);
/// AVX-512 F, BW, CD, DQ, VL and VNNI, and an operating system that saves the registers.
bool cpu_has_avx512(void);

/// The number of processors that this process may use: a container or `taskset` may grant fewer than the machine has.
int cpu_count(void);

/// Tells the processor that this thread waits for another one.
static inline void cpu_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
