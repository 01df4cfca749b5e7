#pragma once
#include <stdbool.h>

/// AVX2 and FMA, and an operating system that saves the registers.
bool cpu_has_avx2(void);
/// AVX-512 F, BW, CD, DQ, VL and VNNI, and an operating system that saves the registers.
bool cpu_has_avx512(void);
