#pragma once
#include <stddef.h>
#include <stdint.h>

/// Room for the longest message, its final zero included.
enum { jpeg_message_size = 256 };

enum jpeg_outcome {
  jpeg_complete,
  /// The data ends before the picture does.
  jpeg_truncated,
  /// The data is damaged, or of a kind that the library does not decode.
  jpeg_refused,
};

/// Decodes a JPEG picture as 8-bit RGB, whatever colours it is stored in; warnings are not printed.
///
/// `denominator` (1, 2, 4 or 8) shrinks inside the inverse DCT. `width` and `height`, the stored size divided by it and
/// rounded up, must be what the file says; `rgb` has room for 3 * width * height bytes. If the outcome is not
/// `jpeg_complete`, `message` says why, and `rgb` holds nothing of use.
enum jpeg_outcome jpeg_decode_rgb(
    const uint8_t *bytes, size_t count, unsigned denominator, uint8_t *rgb, size_t width, size_t height,
    char message[jpeg_message_size]);
