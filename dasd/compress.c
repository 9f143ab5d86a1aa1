#include "dasd/compress.h"

#include <bzlib.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/compiler.h"

#define BZIP2_USUAL_LEVEL 5

/* ---- what zlib works in */

static void free_stream(z_stream *z, int (*end)(z_stream *))
{
	if (z)
		end(z);
	free(z);
}

void workspace_release(struct workspace *w)
{
	free_stream(atomic_exchange(&w->deflate, NULL), deflateEnd);
	free_stream(atomic_exchange(&w->inflate, NULL), inflateEnd);
}

static z_stream *take_deflate(struct workspace *w, int level)
{
	z_stream *z = atomic_exchange(&w->deflate, NULL);

	if (z && deflateReset(z) == Z_OK)
		return z;
	free_stream(z, deflateEnd);
	z = calloc(1, sizeof(*z));
	if (z && deflateInit(z, level) == Z_OK)
		return z;
	free(z);
	return NULL;
}

static z_stream *take_inflate(struct workspace *w)
{
	z_stream *z = atomic_exchange(&w->inflate, NULL);

	if (z && inflateReset(z) == Z_OK)
		return z;
	free_stream(z, inflateEnd);
	z = calloc(1, sizeof(*z));
	if (z && inflateInit(z) == Z_OK)
		return z;
	free(z);
	return NULL;
}

/* ---- the methods */

/* From in to out in one step; false: it does not fit, or there is no more to be read. */
static bool run_stream(z_stream *z, int (*step)(z_stream *, int), const uint8_t *in, size_t n,
		       uint8_t *out, size_t room, size_t *length)
{
	z->next_in = (uint8_t *)(uintptr_t)in; /* zlib only reads it */
	z->avail_in = (uInt)n;
	z->next_out = out;
	z->avail_out = (uInt)room;
	if (step(z, Z_FINISH) != Z_STREAM_END)
		return false;
	*length = room - z->avail_out;
	return true;
}

static size_t compress_zlib(struct workspace *w, int level, const uint8_t *in, size_t n,
			    uint8_t *out, size_t room)
{
	z_stream *z = take_deflate(w, level < 0 || level > 9 ? Z_DEFAULT_COMPRESSION : level);
	size_t length = 0;
	bool ok;

	if (!z)
		return 0;
	ok = run_stream(z, deflate, in, n, out, room, &length);
	free_stream(atomic_exchange(&w->deflate, z), deflateEnd);
	return ok && length < room ? length : 0;
}

static bool decompress_zlib(struct workspace *w, const uint8_t *in, size_t n, uint8_t *out,
			    size_t room, size_t *length)
{
	z_stream *z = take_inflate(w);
	bool ok;

	if (!z)
		return false;
	ok = run_stream(z, inflate, in, n, out, room, length);
	free_stream(atomic_exchange(&w->inflate, z), inflateEnd);
	return ok;
}

static size_t compress_bzip2(int level, const uint8_t *in, size_t n, uint8_t *out,
			     size_t room)
{
	unsigned length = (unsigned)room;

	if (level < 1 || level > 9)
		level = BZIP2_USUAL_LEVEL;
	return BZ2_bzBuffToBuffCompress((char *)out, &length, (char *)in, (unsigned)n, level, 0,
					0) == BZ_OK &&
			       length < room
		       ? length
		       : 0;
}

size_t compress_bytes(struct workspace *w, enum compression method, int level,
		      const uint8_t *in, size_t n, uint8_t *out, size_t room)
{
	switch (method) {
	case COMPRESS_ZLIB: return compress_zlib(w, level, in, n, out, room);
	case COMPRESS_BZIP2: return compress_bzip2(level, in, n, out, room);
	case COMPRESS_NONE: break;
	}
	return 0;
}

bool decompress_bytes(struct workspace *w, enum compression method, const uint8_t *in,
		      size_t n, uint8_t *out, size_t room, size_t *length)
{
	unsigned bzip2_length = (unsigned)room;

	switch (method) {
	case COMPRESS_ZLIB: return decompress_zlib(w, in, n, out, room, length);
	case COMPRESS_BZIP2:
		if (BZ2_bzBuffToBuffDecompress((char *)out, &bzip2_length, (char *)in,
					       (unsigned)n, 0, 0) != BZ_OK)
			return false;
		*length = bzip2_length;
		return true;
	case COMPRESS_NONE: break;
	}
	return false;
}
