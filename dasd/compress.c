#include "dasd/compress.h"

#include <bzlib.h>
#include <zlib.h>

#define BZIP2_USUAL_LEVEL 5

static size_t compress_zlib(int level, const uint8_t *in, size_t n, uint8_t *out, size_t room)
{
	uLongf length = room;

	if (level < 0 || level > 9)
		level = Z_DEFAULT_COMPRESSION;
	return compress2(out, &length, in, n, level) == Z_OK && length < room ? length : 0;
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

size_t compress_bytes(enum compression method, int level, const uint8_t *in, size_t n,
		      uint8_t *out, size_t room)
{
	switch (method) {
	case COMPRESS_ZLIB: return compress_zlib(level, in, n, out, room);
	case COMPRESS_BZIP2: return compress_bzip2(level, in, n, out, room);
	case COMPRESS_NONE: break;
	}
	return 0;
}

bool decompress_bytes(enum compression method, const uint8_t *in, size_t n, uint8_t *out,
		      size_t room, size_t *length)
{
	uLongf zlib_length = room;
	unsigned bzip2_length = (unsigned)room;

	switch (method) {
	case COMPRESS_ZLIB:
		if (uncompress(out, &zlib_length, in, n) != Z_OK)
			return false;
		*length = zlib_length;
		return true;
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
