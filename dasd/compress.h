/*
 * dasd/compress.h - compression of a unit or a tape block (inside dasd/ only).
 */
#ifndef DASD_COMPRESS_H
#define DASD_COMPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dasd/volume.h"

/*
 * Compress n bytes; level -1: the method's usual one. Returns the length, or 0
 * if the result would not be shorter than room (bytes at out) or the method is
 * COMPRESS_NONE.
 */
size_t compress_bytes(enum compression method, int level, const uint8_t *in, size_t n,
		      uint8_t *out, size_t room);

/* Undo it; false: the bytes are damaged or give more than room. */
bool decompress_bytes(enum compression method, const uint8_t *in, size_t n, uint8_t *out,
		      size_t room, size_t *length);

#endif
