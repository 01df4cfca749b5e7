#pragma once
#include <stddef.h>

/// A file as it lies in `Weights/`, 64-byte aligned.
typedef struct {
  const void *_Nonnull start;
  size_t size;
} EmbeddedFile;

extern const EmbeddedFile lsdnet_fast;
extern const EmbeddedFile lsdnet_accurate;
extern const EmbeddedFile lsdnet_end_network;
