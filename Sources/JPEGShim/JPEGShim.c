#include "JPEGShim.h"

// In this order: jpeglib.h uses FILE and size_t without saying where they are from, jerror.h uses jpeglib.h likewise.
#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h>
#include <setjmp.h>
#include <stdbool.h>
#include <string.h>

_Static_assert(jpeg_message_size >= JMSG_LENGTH_MAX, "a message of the library may not fit");

// libjpeg reports an error by a callback that must not return; its own calls exit(). Swift cannot jump out of it, C can.
struct failure {
  struct jpeg_error_mgr manager;
  jmp_buf escape;
  char *message;
  bool reached_end;
  bool end_is_fatal;
};

static void escape(j_common_ptr cinfo) {
  struct failure *failure = (struct failure *)cinfo->err;
  cinfo->err->format_message(cinfo, failure->message);
  longjmp(failure->escape, 1);
}

// The library mends what is missing with grey and only warns: half a picture must not pass for a whole one.
static void judge(j_common_ptr cinfo, int level) {
  struct failure *failure = (struct failure *)cinfo->err;
  if (level >= 0) return;  // a trace, not a warning
  switch (cinfo->err->msg_code) {
    case JWRN_JPEG_EOF:
      failure->reached_end = true;
      if (failure->end_is_fatal) escape(cinfo);
      break;
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
      escape(cinfo);
      break;
    default:
      break;  // stray bytes between segments and the like: the picture is whole
  }
}

// A few bytes can ask for any number of passes over a large picture; no encoder makes more than some ten.
static void watch_scans(j_common_ptr cinfo) {
  struct failure *failure = (struct failure *)cinfo->err;
  if (((j_decompress_ptr)cinfo)->input_scan_number <= 500) return;
  strcpy(failure->message, "more than 500 progressive scans");
  longjmp(failure->escape, 1);
}

// Adobe's files store ink inverted, 255 for none.
static void cmyk_to_rgb(const JSAMPLE *cmyk, uint8_t *rgb, size_t count, bool inverted) {
  unsigned flip = inverted ? 0 : 255;
  for (size_t i = 0; i < count; i++) {
    unsigned light = cmyk[4 * i + 3] ^ flip;
    for (size_t c = 0; c < 3; c++) rgb[3 * i + c] = (uint8_t)(((cmyk[4 * i + c] ^ flip) * light + 127) / 255);
  }
}

enum jpeg_outcome jpeg_decode_rgb(
    const uint8_t *bytes, size_t count, unsigned denominator, uint8_t *rgb, size_t width, size_t height,
    char message[jpeg_message_size]) {
  struct jpeg_decompress_struct cinfo;
  struct failure failure = {.message = message};
  struct jpeg_progress_mgr progress = {.progress_monitor = watch_scans};
  memset(&cinfo, 0, sizeof cinfo);
  cinfo.err = jpeg_std_error(&failure.manager);
  failure.manager.error_exit = escape;
  failure.manager.emit_message = judge;

  if (setjmp(failure.escape)) {
    jpeg_destroy_decompress(&cinfo);
    return failure.reached_end ? jpeg_truncated : jpeg_refused;
  }
  jpeg_create_decompress(&cinfo);
  cinfo.progress = &progress;
  jpeg_mem_src(&cinfo, (unsigned char *)bytes, count);
  jpeg_read_header(&cinfo, TRUE);

  // In a picture of one scan every block that is missing is noticed, so that only the end marker may be. Later scans
  // refine a whole picture, and arithmetic coding may end in zeros that are not stored: there the end marker must come.
  failure.end_is_fatal = jpeg_has_multiple_scans(&cinfo) || cinfo.arith_code;

  bool four = cinfo.jpeg_color_space == JCS_CMYK || cinfo.jpeg_color_space == JCS_YCCK;
  cinfo.out_color_space = four ? JCS_CMYK : JCS_RGB;
  cinfo.scale_num = 1;
  cinfo.scale_denom = denominator;
  jpeg_start_decompress(&cinfo);
  if (cinfo.output_width != width || cinfo.output_height != height) {
    strcpy(message, "contradictory sizes");
    longjmp(failure.escape, 1);
  }

  JSAMPARRAY ink = NULL;
  if (four) ink = cinfo.mem->alloc_sarray((j_common_ptr)&cinfo, JPOOL_IMAGE, 4 * cinfo.output_width, 1);
  while (cinfo.output_scanline < cinfo.output_height) {
    uint8_t *row = rgb + 3 * width * cinfo.output_scanline;
    jpeg_read_scanlines(&cinfo, four ? ink : &row, 1);
    if (four) cmyk_to_rgb(ink[0], row, width, cinfo.saw_Adobe_marker);
  }
  jpeg_destroy_decompress(&cinfo);
  return jpeg_complete;
}
