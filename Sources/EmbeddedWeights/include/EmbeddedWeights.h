#pragma once
#include <stddef.h>

/// A model file as it lies in `Weights/`, 64-byte aligned.
typedef struct {
  const void *_Nonnull start;
  size_t size;
} EmbeddedModel;

extern const EmbeddedModel lsdnet_fast;
extern const EmbeddedModel lsdnet_accurate;
