/*
 * SIMH .tap: a block lies between two copies of its length (32 bits, little-
 * endian), padded to an even number of bytes. Length 0 is a tape mark.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dasd/layer.h"
#include "dasd/tape_format.h"

#define WORD          4
#define SIMH_MARK     0u
#define SIMH_END      0xFFFFFFFFu
#define SIMH_GAP      0xFFFFFFFEu
#define CLASS(w)      ((w) >> 28)
#define LENGTH(w)     ((w) & 0x0FFFFFFF)
#define CLASS_GOOD    0
#define CLASS_MARKER  7 /* private markers: a word alone */
#define CLASS_BAD     8 /* a block that was read with an error */
#define CLASS_OTHER   15

static uint64_t padded(uint32_t length)
{
	return (uint64_t)length + (length & 1);
}

bool tape_is_simh(const uint8_t *head, size_t n, uint64_t size)
{
	uint32_t word, length;

	if (n < WORD)
		return false;
	word = le32(head);
	length = LENGTH(word);
	if (word == SIMH_MARK || word == SIMH_GAP)
		return true;
	if ((CLASS(word) != CLASS_GOOD && CLASS(word) != CLASS_BAD) || length > TAPE_BLOCK_MAX)
		return false;
	if (2 * WORD + length > size)
		return false;
	if (n < 2 * WORD + padded(length))
		return n < 2 * WORD + length || le32(head + WORD + length) == word;
	return le32(head + WORD + padded(length)) == word ||
	       le32(head + WORD + length) == word;
}

static bool read_word(struct tape *t, uint64_t at, uint32_t *word, struct error *err)
{
	uint8_t b[WORD];

	if (!file_read_all(t->fd, t->path, (off_t)at, b, sizeof(b), err))
		return false;
	*word = le32(b);
	return true;
}

/*
 * Bytes between the two words of a block at at; some writers leave out the
 * padding. 0: the second word is not where it should be.
 */
static enum tape_status body_size(struct tape *t, uint64_t at, uint32_t word, uint64_t *body,
				  struct error *err)
{
	uint64_t sizes[2] = { padded(LENGTH(word)), LENGTH(word) };
	uint32_t again;

	for (int i = 0; i < 2; i++) {
		if (at + 2 * WORD + sizes[i] > t->size)
			continue;
		if (!read_word(t, at + WORD + sizes[i], &again, err))
			return TAPE_FAILED;
		*body = sizes[i];
		if (again == word)
			return TAPE_BLOCK;
	}
	if (at + 2 * WORD + LENGTH(word) > t->size)
		return TAPE_END; /* its writer died over it */
	return tape_damaged(t, at, "a block has two lengths", err);
}

static enum tape_status simh_look(struct tape *t, struct error *err)
{
	uint64_t at = t->at, body = 0;
	enum tape_status status;
	uint32_t word;

	t->raw_method = COMPRESS_NONE;
	for (;;) {
		if (at + WORD > t->size)
			return TAPE_END;
		if (!read_word(t, at, &word, err))
			return TAPE_FAILED;
		if (word == SIMH_END)
			return TAPE_END;
		if (word == SIMH_MARK) {
			t->after = at + WORD;
			return TAPE_MARK;
		}
		if (CLASS(word) == CLASS_OTHER || CLASS(word) == CLASS_MARKER) {
			at += WORD; /* gaps and private markers */
			continue;
		}
		status = body_size(t, at, word, &body, err);
		if (status != TAPE_BLOCK)
			return status;
		if (CLASS(word) == CLASS_GOOD || CLASS(word) == CLASS_BAD)
			break;
		at += 2 * WORD + body; /* private data */
	}
	t->after = at + 2 * WORD + body;
	t->raw_length = LENGTH(word);
	if (t->raw_length > TAPE_BLOCK_MAX)
		return tape_damaged(t, at, "a block is too long", err);
	if (!file_read_all(t->fd, t->path, (off_t)at + WORD, t->raw, t->raw_length, err))
		return TAPE_FAILED;
	return TAPE_BLOCK;
}

static enum tape_status simh_look_back(struct tape *t, struct error *err)
{
	uint64_t at = t->at;

	for (;;) {
		uint32_t word, first = 0;
		uint64_t body;

		if (at < WORD) {
			t->before = 0; /* only gaps before here */
			return TAPE_LOAD_POINT;
		}
		if (!read_word(t, at - WORD, &word, err))
			return TAPE_FAILED;
		if (word == SIMH_MARK) {
			t->before = at - WORD;
			return TAPE_MARK;
		}
		if (CLASS(word) == CLASS_OTHER || CLASS(word) == CLASS_MARKER) {
			at -= WORD;
			continue;
		}
		body = padded(LENGTH(word));
		if (at >= 2 * WORD + body && !read_word(t, at - 2 * WORD - body, &first, err))
			return TAPE_FAILED;
		if (at < 2 * WORD + body || first != word) {
			body = LENGTH(word);
			if (at >= 2 * WORD + body &&
			    !read_word(t, at - 2 * WORD - body, &first, err))
				return TAPE_FAILED;
			if (at < 2 * WORD + body || first != word)
				return tape_damaged(t, at, "a block has two lengths", err);
		}
		at -= 2 * WORD + body;
		t->before = at;
		if (CLASS(word) == CLASS_GOOD || CLASS(word) == CLASS_BAD)
			return TAPE_BLOCK;
	}
}

static bool simh_put(struct tape *t, const uint8_t *block, uint32_t length, struct error *err)
{
	size_t body = padded(length);
	uint8_t *out;
	bool ok;

	if (length == 0) {
		static const uint8_t mark[WORD];

		return tape_append(t, mark, sizeof(mark), err);
	}
	out = calloc(1, body + 2 * WORD);
	if (!out) {
		error_errno(err, ENOMEM, "%s", t->path);
		return false;
	}
	put_le32(out, length);
	memcpy(out + WORD, block, length);
	put_le32(out + WORD + body, length);
	ok = tape_append(t, out, body + 2 * WORD, err);
	free(out);
	return ok;
}

const struct tape_ops tape_simh_ops = {
	.look = simh_look,
	.look_back = simh_look_back,
	.put = simh_put,
};
