#pragma once
#include <stddef.h>

/// The default model file, as it lies in `Weights/`, 64-byte aligned.
extern const void *const lsdnet_weights;
extern const size_t lsdnet_weights_size;
