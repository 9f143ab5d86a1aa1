/*
 * AWSTAPE and HET. Each chunk of a block has a header of 6 bytes: its length,
 * the length of the chunk before it (both little-endian), two bytes of flags.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dasd/compress.h"
#include "dasd/layer.h"
#include "dasd/tape_format.h"

#define HEADER        6
#define CHUNK_MAX     65535
#define NEW_BLOCK     0x80
#define MARK          0x40
#define END_OF_BLOCK  0x20
#define METHOD_ZLIB   0x01
#define METHOD_BZIP2  0x02
#define FLAG2_BUSTECH 0x80 /* zlib, of another maker */

struct chunk {
	uint16_t length, previous;
	uint8_t flags, flags2;
};

static struct chunk parse(const uint8_t *p)
{
	return (struct chunk){ le16(p), le16(p + 2), p[4], p[5] };
}

static bool sensible(struct chunk c)
{
	if (c.flags & MARK)
		return c.length == 0 && !(c.flags & (NEW_BLOCK | END_OF_BLOCK));
	return !(c.flags & 0x1C) && (c.flags & 3) != 3;
}

bool tape_is_aws(const uint8_t *head, size_t n, uint64_t size)
{
	struct chunk first, second;

	if (n < HEADER)
		return false;
	first = parse(head);
	if (first.previous != 0 || !sensible(first) || !(first.flags & (NEW_BLOCK | MARK)) ||
	    (!(first.flags & MARK) && first.length == 0))
		return false;
	if (HEADER + (uint64_t)first.length >= size)
		return true; /* nothing behind it; or not whole, which is no other format */
	if ((size_t)first.length + 2 * HEADER > n)
		return true;
	second = parse(head + HEADER + first.length);
	return second.previous == first.length && sensible(second);
}

static bool read_header(struct tape *t, uint64_t at, struct chunk *c, struct error *err)
{
	uint8_t b[HEADER];

	if (!file_read_all(t->fd, t->path, (off_t)at, b, sizeof(b), err))
		return false;
	*c = parse(b);
	return true;
}

static enum compression method_of(struct chunk c)
{
	if (c.flags & METHOD_ZLIB || c.flags2 & FLAG2_BUSTECH)
		return COMPRESS_ZLIB;
	return c.flags & METHOD_BZIP2 ? COMPRESS_BZIP2 : COMPRESS_NONE;
}

static enum tape_status aws_look(struct tape *t, struct error *err)
{
	uint64_t at = t->at;
	struct chunk c;

	t->raw_length = 0;
	do {
		bool first = at == t->at;

		if (at + HEADER > t->size)
			return TAPE_END;
		if (!read_header(t, at, &c, err))
			return TAPE_FAILED;
		if (!sensible(c))
			return tape_damaged(t, at, "not a tape header", err);
		if (first && c.flags & MARK) {
			t->after = at + HEADER;
			t->after_previous = 0;
			return TAPE_MARK;
		}
		if (first != !!(c.flags & NEW_BLOCK) || c.flags & MARK)
			return tape_damaged(t, at, "a block does not begin here", err);
		if (first)
			t->raw_method = method_of(c);
		if (at + HEADER + c.length > t->size)
			return TAPE_END; /* its writer died over it */
		if (t->raw_length + c.length > RAW_MAX)
			return tape_damaged(t, at, "a block is too long", err);
		if (!file_read_all(t->fd, t->path, (off_t)at + HEADER, t->raw + t->raw_length,
				   c.length, err))
			return TAPE_FAILED;
		t->raw_length += c.length;
		at += HEADER + c.length;
	} while (!(c.flags & END_OF_BLOCK));
	t->after = at;
	t->after_previous = c.length;
	return TAPE_BLOCK;
}

static enum tape_status aws_look_back(struct tape *t, struct error *err)
{
	uint64_t at = t->at;
	uint16_t length = t->previous;
	struct chunk c;

	do {
		if (at < (uint64_t)HEADER + length)
			return tape_damaged(t, at, "the chain of blocks is broken", err);
		at -= (uint64_t)HEADER + length;
		if (!read_header(t, at, &c, err))
			return TAPE_FAILED;
		if (!sensible(c) || c.length != length)
			return tape_damaged(t, at, "the chain of blocks is broken", err);
		length = c.previous;
	} while (!(c.flags & (NEW_BLOCK | MARK)));
	t->before = at;
	t->before_previous = c.previous;
	return c.flags & MARK ? TAPE_MARK : TAPE_BLOCK;
}

static void put_header(uint8_t *p, uint16_t length, uint16_t previous, uint8_t flags)
{
	put_le16(p, length);
	put_le16(p + 2, previous);
	p[4] = flags;
	p[5] = 0;
}

/* Cut n bytes into chunks with headers; returns the bytes made at out. */
static size_t make_chunks(struct tape *t, const uint8_t *bytes, size_t n, uint8_t method,
			  uint8_t *out)
{
	size_t made = 0;

	for (size_t at = 0; at < n;) {
		size_t part = n - at < CHUNK_MAX ? n - at : CHUNK_MAX;
		uint8_t flags = method;

		flags |= at == 0 ? NEW_BLOCK : 0;
		flags |= at + part == n ? END_OF_BLOCK : 0;
		put_header(out + made, (uint16_t)part, t->previous, flags);
		memcpy(out + made + HEADER, bytes + at, part);
		made += HEADER + part;
		at += part;
		t->previous = (uint16_t)part;
	}
	return made;
}

static bool put_mark(struct tape *t, struct error *err)
{
	uint8_t b[HEADER];

	put_header(b, 0, t->previous, MARK);
	if (!tape_append(t, b, sizeof(b), err))
		return false;
	t->previous = 0;
	return true;
}

static bool aws_put(struct tape *t, const uint8_t *block, uint32_t length, struct error *err)
{
	uint16_t previous = t->previous;
	uint8_t *out;
	size_t n = 0;
	bool ok;

	if (length == 0)
		return put_mark(t, err);
	if (t->format == TAPE_HET)
		n = compress_bytes(&t->workspace, t->compression, t->level, block, length, t->raw, length);
	out = malloc((size_t)length + ((size_t)length / CHUNK_MAX + 1) * HEADER);
	if (!out) {
		error_errno(err, ENOMEM, "%s", t->path);
		return false;
	}
	if (n)
		n = make_chunks(t, t->raw, n,
				t->compression == COMPRESS_ZLIB ? METHOD_ZLIB : METHOD_BZIP2,
				out);
	else
		n = make_chunks(t, block, length, 0, out);
	ok = tape_append(t, out, n, err);
	if (!ok)
		t->previous = previous;
	free(out);
	return ok;
}

const struct tape_ops tape_aws_ops = {
	.look = aws_look,
	.look_back = aws_look_back,
	.put = aws_put,
};
