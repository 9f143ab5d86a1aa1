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
 * What zlib works in, a quarter of a megabyte, is kept from one call to the next: to
 * get it from the host takes as long as compressing a track. Belongs to a volume or
 * tape; all zero in the beginning. Threads: any; a second one at the same time makes
 * its own for that call.
 */
struct workspace {
	void *_Atomic deflate; /* z_stream of level, or NULL: none, or in use */
	void *_Atomic inflate;
};

void workspace_release(struct workspace *w);

/*
 * Compress n bytes; level -1: the method's usual one, and the same at each call with
 * this workspace. Returns the length, or 0 if the result would not be shorter than
 * room (bytes at out) or the method is COMPRESS_NONE.
 */
size_t compress_bytes(struct workspace *w, enum compression method, int level,
		      const uint8_t *in, size_t n, uint8_t *out, size_t room);

/* Undo it; false: the bytes are damaged or give more than room. */
bool decompress_bytes(struct workspace *w, enum compression method, const uint8_t *in,
		      size_t n, uint8_t *out, size_t room, size_t *length);

#endif
