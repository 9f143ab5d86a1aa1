/* What the tables of a compressed image say, and how they are changed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dasd/cckd.h"

/* An entry of a unit that its table does not have. */
static struct cckd_entry no_entry(const struct cckd *c, bool absent)
{
	struct cckd_entry e = { .offset = CCKD_NO_WHERE, .length = UINT16_MAX,
				.size = UINT16_MAX };

	if (absent && c->shadow)
		return e;
	e.offset = 0;
	e.length = e.size = c->header.null_format;
	return e;
}

static struct cckd_entry *new_table(struct error *err)
{
	struct cckd_entry *table = calloc(L2_ENTRIES, sizeof(*table));

	if (!table)
		error_errno(err, ENOMEM, "a level-2 table");
	return table;
}

static bool load_table_locked(struct cckd *c, uint32_t index, struct error *err)
{
	struct cckd_entry *table;

	if (c->l2[index])
		return true;
	table = new_table(err);
	if (!table || !cckd_read_l2(c, c->l1[index], table, err)) {
		free(table);
		return false;
	}
	c->l2[index] = table;
	return true;
}

static bool has_table(const struct cckd *c, uint32_t index)
{
	return c->l1[index] != 0 && c->l1[index] != CCKD_NO_WHERE;
}

bool cckd_lookup_locked(struct cckd *c, uint32_t unit, struct cckd_entry *entry,
			struct error *err)
{
	uint32_t index = unit / L2_ENTRIES;

	if (!has_table(c, index)) {
		*entry = no_entry(c, c->l1[index] == CCKD_NO_WHERE);
		return true;
	}
	if (!load_table_locked(c, index, err))
		return false;
	*entry = c->l2[index][unit % L2_ENTRIES];
	if (entry->offset == CCKD_NO_WHERE)
		*entry = no_entry(c, true);
	return true;
}

/*
 * Write the table to an aligned place and switch the L1 entry to it. Aligned,
 * an entry lies within one page of the file, and its store is not torn when
 * the process dies.
 */
static bool place_table_locked(struct cckd *c, uint32_t index, struct error *err)
{
	uint64_t old = c->l1[index];
	uint64_t at;

	if (!space_take(&c->space, cckd_l2_size(c), cckd_l2_entry(c), cckd_limit(c), &at,
			NULL)) {
		error_set(err, ENOSPC, "%s: the image has reached its greatest size",
			  c->layer.path);
		return false;
	}
	c->l1[index] = at;
	if (cckd_write_l2(c, at, c->l2[index], err) && cckd_write_l1_entry(c, index, err)) {
		if (old != 0 && old != CCKD_NO_WHERE)
			return space_give(&c->space, old, cckd_l2_size(c));
		return true;
	}
	c->l1[index] = old;
	return false;
}

static bool make_table_locked(struct cckd *c, uint32_t index, struct error *err)
{
	struct cckd_entry *table = new_table(err);

	if (!table)
		return false;
	for (unsigned i = 0; i < L2_ENTRIES; i++)
		table[i] = no_entry(c, c->l1[index] == CCKD_NO_WHERE);
	c->l2[index] = table;
	if (place_table_locked(c, index, err))
		return true;
	c->l2[index] = NULL;
	free(table);
	return false;
}

bool cckd_enter_locked(struct cckd *c, uint32_t unit, struct cckd_entry entry,
		       struct error *err)
{
	uint32_t index = unit / L2_ENTRIES;
	struct cckd_entry *place, old;

	if (has_table(c, index)) {
		if (!load_table_locked(c, index, err))
			return false;
		if (c->l1[index] % cckd_l2_entry(c) != 0 &&
		    !place_table_locked(c, index, err))
			return false;
	} else if (!make_table_locked(c, index, err)) {
		return false;
	}
	place = &c->l2[index][unit % L2_ENTRIES];
	old = *place;
	*place = entry;
	if (cckd_write_l2_entry(c, unit, err))
		return true;
	*place = old;
	return false;
}

/* ---- survey of the whole file ---- */

struct extent {
	uint64_t offset, size;
	uint32_t owner; /* unit; or L2 table number, with is_table */
	bool is_table;
};

struct survey {
	struct cckd *c;
	struct cckd_audit *audit;
	struct extent *extent;
	size_t extents, room;
	uint64_t file_size;
	bool blanked; /* something is to be written when the survey is over */
	struct error *err;
};

/* Report a problem. true: go on (an audit is under way). */
static bool problem(struct survey *s, const char *what, bool is_table, uint32_t owner)
{
	char sentence[200];

	snprintf(sentence, sizeof(sentence), "%s %u: %s", is_table ? "level-2 table" : "unit",
		 owner, what);
	if (!s->audit) {
		error_set(s->err, EIO,
			  "%s: %s; \"dasd370 check --repair\" on a copy may save the rest",
			  s->c->layer.path, sentence);
		return false;
	}
	s->audit->problems++;
	s->audit->say(s->audit->context, sentence);
	return true;
}

/*
 * Make a bad table or entry null, when repairing; in storage only: while tables
 * overlap, writing one would change another.
 */
static void blank(struct survey *s, bool is_table, uint32_t owner)
{
	struct cckd *c = s->c;
	uint32_t index = is_table ? owner : owner / L2_ENTRIES;

	if (!s->audit->repair)
		return;
	s->blanked = true;
	if (is_table) {
		c->l1[index] = 0;
		free(c->l2[index]);
		c->l2[index] = NULL;
	} else if (c->l2[index]) {
		c->l2[index][owner % L2_ENTRIES] = no_entry(c, false);
	}
}

/* Report, and blank if that is wanted. false: the first problem is the end. */
static bool bad(struct survey *s, const char *what, bool is_table, uint32_t owner)
{
	if (!problem(s, what, is_table, owner))
		return false;
	blank(s, is_table, owner);
	return true;
}

/* Write the tables that are left; no two of them overlap now. */
static bool store_repaired(struct survey *s)
{
	struct cckd *c = s->c;

	for (uint32_t i = 0; i < c->header.l1_count; i++)
		if (!cckd_write_l1_entry(c, i, s->err) ||
		    (c->l2[i] && !cckd_write_l2(c, c->l1[i], c->l2[i], s->err)))
			return false;
	return true;
}

static bool note(struct survey *s, uint64_t offset, uint64_t size, bool is_table,
		 uint32_t owner)
{
	if (s->extents == s->room) {
		size_t room = s->room ? 2 * s->room : 1024;
		struct extent *more = realloc(s->extent, room * sizeof(*more));

		if (!more) {
			error_errno(s->err, ENOMEM, "%s", s->c->layer.path);
			return false;
		}
		s->extent = more;
		s->room = room;
	}
	s->extent[s->extents++] = (struct extent){ offset, size, owner, is_table };
	return true;
}

static bool inside(const struct survey *s, uint64_t offset, uint64_t size)
{
	return offset >= cckd_first_free(s->c) && size <= s->file_size &&
	       offset <= s->file_size - size;
}

static bool survey_entry(struct survey *s, uint32_t unit, struct cckd_entry *e)
{
	if (e->offset == CCKD_NO_WHERE)
		return true;
	if (e->offset == 0) {
		if (e->length < NULL_FORMATS)
			return true;
		return bad(s, "unknown null format", false, unit);
	}
	/* The slack of the last unit may lie behind the end of the file. */
	if (e->size < e->length)
		e->size = e->length;
	if (!inside(s, e->offset, e->length) || e->length <= TRACK_HA_SIZE)
		return bad(s, "lies outside of the file", false, unit);
	return note(s, e->offset, e->size, false, unit);
}

static bool survey_table(struct survey *s, uint32_t index)
{
	struct cckd *c = s->c;
	struct error err;

	if (!has_table(c, index))
		return true;
	if (!inside(s, c->l1[index], cckd_l2_size(c)) || !load_table_locked(c, index, &err))
		return bad(s, "lies outside of the file", true, index);
	if (!note(s, c->l1[index], cckd_l2_size(c), true, index))
		return false;
	for (unsigned i = 0; i < L2_ENTRIES && index * L2_ENTRIES + i < c->layer.units; i++)
		if (!survey_entry(s, index * L2_ENTRIES + i, &c->l2[index][i]))
			return false;
	return true;
}

static int by_offset(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	/* Of two claims to one place a table's is the better one. */
	return (int)y->is_table - (int)x->is_table;
}

/* Go through the extents in order: gaps are free, overlaps are problems. */
static bool survey_gaps(struct survey *s)
{
	struct cckd *c = s->c;
	uint64_t end = cckd_first_free(c);

	if (s->extents)
		qsort(s->extent, s->extents, sizeof(*s->extent), by_offset);
	for (size_t i = 0; i < s->extents; i++) {
		struct extent *x = &s->extent[i];

		if (!x->is_table && !c->l2[x->owner / L2_ENTRIES])
			continue; /* its table was bad */
		if (x->offset < end) {
			if (!bad(s, "overlaps with another one", x->is_table, x->owner))
				return false;
			continue;
		}
		if (!space_give(&c->space, end, x->offset - end)) {
			error_errno(s->err, ENOMEM, "%s", c->layer.path);
			return false;
		}
		end = x->offset + x->size;
	}
	c->space.end = end;
	return true;
}

/* One pass over all tables and what they point to. */
static bool survey_pass(struct survey *s)
{
	bool ok = true;

	s->extents = 0;
	s->blanked = false;
	s->c->space.pieces = 0;
	for (uint32_t i = 0; ok && i < s->c->header.l1_count; i++)
		ok = survey_table(s, i);
	return ok && survey_gaps(s);
}

/*
 * Read every table, find what is free (free space is never taken from the
 * file's own chain, which is stale after a crash) and what is wrong.
 */
bool cckd_survey(struct cckd *c, struct cckd_audit *audit, struct error *err)
{
	struct survey s = { .c = c, .audit = audit, .err = err };
	bool ok, repaired = false;
	struct stat st;

	if (fstat(c->fd, &st) < 0) {
		error_errno(err, errno, "%s", c->layer.path);
		return false;
	}
	c->file_size = s.file_size = (uint64_t)st.st_size;
	/* What was made null in one pass has left its space to the next. */
	do {
		ok = survey_pass(&s);
		repaired |= s.blanked;
	} while (ok && s.blanked);
	ok = ok && (!repaired || store_repaired(&s));
	free(s.extent);
	return ok;
}

/* Fill in the header's statistics, as Hercules' check computes them. */
void cckd_count(struct cckd *c)
{
	struct cckd_header *h = &c->header;

	h->used = cckd_first_free(c);
	h->free_slack = 0;
	for (uint32_t i = 0; i < h->l1_count; i++) {
		if (!has_table(c, i))
			continue;
		h->used += cckd_l2_size(c);
		for (uint32_t j = 0; j < L2_ENTRIES && i * L2_ENTRIES + j < c->layer.units;
		     j++) {
			const struct cckd_entry *e = &c->l2[i][j];

			if (e->offset == 0 || e->offset == CCKD_NO_WHERE)
				continue;
			h->used += e->length;
			h->free_slack += e->size - e->length;
		}
	}
	h->size = c->space.end;
	h->free_total = h->size - h->used;
	h->free_number = c->space.pieces;
	h->free_offset = c->space.pieces ? c->space.piece[0].offset : 0;
	h->free_largest = 0;
	for (size_t i = 0; i < c->space.pieces; i++)
		if (c->space.piece[i].size > h->free_largest)
			h->free_largest = c->space.piece[i].size;
}
