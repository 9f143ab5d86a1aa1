#include "dasd/space.h"

#include <stdlib.h>
#include <string.h>

void space_init(struct space *s, uint64_t end)
{
	memset(s, 0, sizeof(*s));
	s->end = end;
}

void space_release(struct space *s)
{
	free(s->piece);
	s->piece = NULL;
	s->pieces = s->room = 0;
}

/* Index of the first piece behind offset. */
static size_t space_find(const struct space *s, uint64_t offset)
{
	size_t low = 0, high = s->pieces;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (s->piece[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool space_insert(struct space *s, size_t at, uint64_t offset, uint64_t size)
{
	if (s->pieces == s->room) {
		size_t room = s->room ? 2 * s->room : 64;
		struct space_piece *more = realloc(s->piece, room * sizeof(*more));

		if (!more)
			return false;
		s->piece = more;
		s->room = room;
	}
	memmove(s->piece + at + 1, s->piece + at, (s->pieces - at) * sizeof(*s->piece));
	s->piece[at].offset = offset;
	s->piece[at].size = size;
	s->pieces++;
	return true;
}

static void space_remove(struct space *s, size_t at)
{
	s->pieces--;
	memmove(s->piece + at, s->piece + at + 1, (s->pieces - at) * sizeof(*s->piece));
}

bool space_give(struct space *s, uint64_t offset, uint64_t size)
{
	size_t at = space_find(s, offset);
	bool joins_left = at > 0 && s->piece[at - 1].offset + s->piece[at - 1].size == offset;
	bool joins_right = at < s->pieces && offset + size == s->piece[at].offset;

	if (size == 0)
		return true;
	if (joins_left && joins_right) {
		s->piece[at - 1].size += size + s->piece[at].size;
		space_remove(s, at);
	} else if (joins_left) {
		s->piece[at - 1].size += size;
	} else if (joins_right) {
		s->piece[at].offset = offset;
		s->piece[at].size += size;
	} else {
		return space_insert(s, at, offset, size);
	}
	return true;
}

void space_trim(struct space *s)
{
	while (s->pieces) {
		struct space_piece *last = &s->piece[s->pieces - 1];

		if (last->offset + last->size != s->end)
			return;
		s->end = last->offset;
		s->pieces--;
	}
}

/*
 * Bytes to leave free before an aligned place at or behind offset: none, or
 * enough to be a piece of its own.
 */
static uint64_t space_lead(uint64_t offset, uint32_t align)
{
	uint64_t lead = -offset & (align - 1);

	while (lead && lead < SPACE_MINIMUM)
		lead += align;
	return lead;
}

static bool space_take_from(struct space *s, size_t at, uint64_t size, uint32_t align,
			    uint64_t *offset, uint32_t *slack)
{
	struct space_piece p = s->piece[at];
	uint64_t lead = space_lead(p.offset, align);
	uint64_t rest;

	if (p.size < size || p.size - size < lead)
		return false;
	rest = p.size - size - lead;
	if (rest && rest < SPACE_MINIMUM && !slack)
		return false;
	if (lead && rest >= SPACE_MINIMUM &&
	    !space_insert(s, at + 1, p.offset + lead + size, rest))
		return false;
	*offset = p.offset + lead;
	if (slack)
		*slack = rest < SPACE_MINIMUM ? (uint32_t)rest : 0;
	if (lead) {
		s->piece[at].size = lead;
	} else if (rest >= SPACE_MINIMUM) {
		s->piece[at].offset += size;
		s->piece[at].size = rest;
	} else {
		space_remove(s, at);
	}
	return true;
}

bool space_take(struct space *s, uint64_t size, uint32_t align, uint64_t limit,
		uint64_t *offset, uint32_t *slack)
{
	uint64_t lead;

	for (size_t i = 0; i < s->pieces; i++)
		if (space_take_from(s, i, size, align, offset, slack))
			return true;
	lead = space_lead(s->end, align);
	if (s->end + lead + size > limit || (lead && !space_give(s, s->end, lead)))
		return false;
	*offset = s->end + lead;
	s->end = *offset + size;
	if (slack)
		*slack = 0;
	return true;
}
