#pragma once
#include <stdbool.h>

/// Whether allocations are counted: on Linux with glibc, and not under a sanitizer, which has its own allocator.
bool allocations_are_counted(void);

/// How many times this thread has asked for memory.
unsigned long allocation_count(void);
