/*
 * Compressed images as layers: reading, writing, tidying. See cckd.h.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dasd/cckd.h"
#include "dasd/compress.h"

/* More units than this are not left expanded. 512 tracks of a 3350: 10 MB. */
#define EXPANDED_MAX      512
#define COMPRESS_MIN      512 /* smaller images stay as they are, as in Hercules */
#define UNIT_HEADER_SIZE  5   /* method, and CC HH or the group's number */
#define STORED_MAX        (UNIT_HEADER_SIZE + UNIT_SIZE_MAX)

static struct cckd *cckd_of(struct layer *l)
{
	return CONTAINER_OF(l, struct cckd, layer);
}

/* Bytes before the first one that is compressed: the home address is among data. */
static uint32_t lead_of(const struct layer *l)
{
	return l->fixed_block ? 0 : UNIT_HEADER_SIZE;
}

/* How far a unit's byte 0 lies behind the beginning of its stored image. */
static uint32_t skew_of(const struct layer *l)
{
	return UNIT_HEADER_SIZE - lead_of(l);
}

static void unit_header(const struct layer *l, uint32_t unit, uint8_t *header)
{
	header[0] = COMPRESS_NONE;
	if (l->fixed_block) {
		put_be32(header + 1, unit);
	} else {
		put_be16(header + 1, (uint16_t)(unit / l->heads));
		put_be16(header + 3, (uint16_t)(unit % l->heads));
	}
}

/* ---- reading ---- */

static bool corrupt(const struct layer *l, uint32_t unit, const char *what, struct error *err)
{
	error_set(err, EIO, "%s", what);
	layer_place(l, unit, err);
	return false;
}

/* Turn a stored image of n bytes into data. */
static bool decode(struct cckd *c, uint32_t unit, const uint8_t *stored, uint32_t n,
		   uint8_t *data, uint32_t *available, struct error *err)
{
	const struct layer *l = &c->layer;
	uint8_t header[UNIT_HEADER_SIZE];
	uint32_t lead = lead_of(l);
	size_t length;

	unit_header(l, unit, header);
	if (n < UNIT_HEADER_SIZE || memcmp(stored + 1, header + 1, 4) != 0)
		return corrupt(l, unit, "stored with the address of another one", err);
	memcpy(data, header, lead);
	if (stored[0] == COMPRESS_NONE) {
		length = n - UNIT_HEADER_SIZE;
		if (length > l->unit_size - lead)
			length = l->unit_size - lead;
		memcpy(data + lead, stored + UNIT_HEADER_SIZE, length);
	} else if (stored[0] > COMPRESS_BZIP2 ||
		   !decompress_bytes(&c->workspace, (enum compression)stored[0],
				     stored + UNIT_HEADER_SIZE, n - UNIT_HEADER_SIZE,
				     data + lead, l->unit_size - lead, &length)) {
		return corrupt(l, unit, "the compressed data is damaged", err);
	}
	*available = lead + (uint32_t)length;
	return true;
}

static bool read_null(const struct layer *l, uint32_t unit, unsigned format, uint8_t *data,
		      uint32_t *length, struct error *err)
{
	if (l->fixed_block) {
		memset(data, 0, l->unit_size);
		*length = l->unit_size;
		return true;
	}
	if (format < NULL_FORMATS)
		*length = track_make_null(data, l->unit_size, format, unit / l->heads,
					  unit % l->heads);
	if (format < NULL_FORMATS && *length)
		return true;
	return corrupt(l, unit, "a null track of a format that is not known", err);
}

static bool read_stored(struct cckd *c, uint32_t unit, struct cckd_entry e, uint8_t *data,
			uint32_t *length, bool *damaged, struct error *err)
{
	struct layer *l = &c->layer;
	uint8_t stored[STORED_MAX];
	uint32_t available = 0;
	size_t got;

	if (e.offset > INT64_MAX - STORED_MAX)
		return corrupt(l, unit, "stored at an impossible place", err);
	if (!file_read(c->fd, l->path, (off_t)e.offset, stored, e.length, &got, err) ||
	    !decode(c, unit, stored, (uint32_t)got, data, &available, err))
		return false;
	if (l->fixed_block) {
		*length = l->unit_size;
		if (available != l->unit_size)
			return corrupt(l, unit, "the group is too short", err);
		return true;
	}
	*length = track_make_sound(data, available, l->unit_size, unit / l->heads,
				   unit % l->heads, damaged);
	return true;
}

static enum layer_result cckd_read(struct layer *l, uint32_t unit, uint8_t *data,
				   uint32_t *length, bool *damaged, struct error *err)
{
	struct cckd *c = cckd_of(l);
	struct cckd_entry e;
	bool ok;

	*damaged = false;
	pthread_mutex_lock(&c->lock);
	ok = cckd_lookup_locked(c, unit, &e, err);
	pthread_mutex_unlock(&c->lock);
	if (!ok)
		return LAYER_FAILED;
	if (e.offset == CCKD_NO_WHERE)
		return LAYER_ABSENT;
	if (e.offset == 0)
		ok = read_null(l, unit, e.length, data, length, err);
	else
		ok = read_stored(c, unit, e, data, length, damaged, err);
	return ok ? LAYER_READ : LAYER_FAILED;
}

/* ---- writing ---- */

static void mark_expanded_locked(struct cckd *c, uint32_t unit, bool expanded)
{
	if (c->expanded[unit] == expanded)
		return;
	c->expanded[unit] = expanded;
	if (expanded)
		c->expanded_count++;
	else
		c->expanded_count--;
}

/* Switch to a new entry and free the space of the old one. */
static bool switch_entry(struct cckd *c, uint32_t unit, struct cckd_entry e, bool expanded,
			 struct error *err)
{
	struct cckd_entry old;
	bool ok;

	pthread_mutex_lock(&c->lock);
	ok = cckd_lookup_locked(c, unit, &old, err) && cckd_enter_locked(c, unit, e, err);
	if (ok) {
		mark_expanded_locked(c, unit, expanded);
		if (old.offset != 0 && old.offset != CCKD_NO_WHERE)
			space_give(&c->space, old.offset, old.size);
	} else if (e.offset != 0) {
		space_give(&c->space, e.offset, e.size);
	}
	pthread_mutex_unlock(&c->lock);
	return ok;
}

/*
 * A place lies inside the file with all its slack, so that other programs do not
 * take it for damage after a crash.
 */
static bool extend_file_locked(struct cckd *c, uint64_t end, struct error *err)
{
	if (end <= c->file_size)
		return true;
	if (ftruncate(c->fd, (off_t)end) < 0) {
		error_errno(err, errno, "%s: cannot be extended", c->layer.path);
		return false;
	}
	c->file_size = end;
	return true;
}

/* Store n bytes in a new place, and switch to it. */
static bool store(struct cckd *c, uint32_t unit, const uint8_t *stored, uint32_t n,
		  bool expanded, struct error *err)
{
	struct cckd_entry e = { .length = (uint16_t)n };
	uint32_t slack = 0;
	bool ok, extended = false;

	/* The entry's size has 16 bits: close to that, slack cannot be taken. */
	pthread_mutex_lock(&c->lock);
	ok = space_take(&c->space, n, 1, cckd_limit(c), &e.offset,
			n + SPACE_MINIMUM <= UINT16_MAX ? &slack : NULL);
	extended = ok && extend_file_locked(c, e.offset + n + slack, err);
	pthread_mutex_unlock(&c->lock);
	if (!ok) {
		error_set(err, ENOSPC, "%s: the image has reached its greatest size",
			  c->layer.path);
		return false;
	}
	e.size = (uint16_t)(n + slack);
	if (extended && file_write(c->fd, c->layer.path, (off_t)e.offset, stored, n, err))
		return switch_entry(c, unit, e, expanded, err);
	pthread_mutex_lock(&c->lock);
	space_give(&c->space, e.offset, e.size);
	pthread_mutex_unlock(&c->lock);
	return false;
}

/* Store data uncompressed. */
static bool store_expanded(struct cckd *c, uint32_t unit, const uint8_t *data, uint32_t length,
			   struct error *err)
{
	uint8_t stored[STORED_MAX];
	uint32_t lead = lead_of(&c->layer);

	unit_header(&c->layer, unit, stored);
	memcpy(stored + UNIT_HEADER_SIZE, data + lead, length - lead);
	return store(c, unit, stored, UNIT_HEADER_SIZE + length - lead, true, err);
}

/*
 * A record more or less changes the length, which is in the tables: to change
 * both in one step the whole track goes to a new place. Bytes of an expanded unit
 * are replaced where they are.
 */
static bool cckd_write(struct layer *l, uint32_t unit, const uint8_t *data, uint32_t length,
		       const struct change *ch, struct error *err)
{
	struct cckd *c = cckd_of(l);
	struct cckd_entry e;
	bool ok, expanded;
	off_t at;

	pthread_mutex_lock(&c->lock);
	ok = cckd_lookup_locked(c, unit, &e, err);
	expanded = c->expanded[unit];
	pthread_mutex_unlock(&c->lock);
	if (!ok)
		return false;
	if (!expanded || ch->format_from != NO_FORMAT)
		return store_expanded(c, unit, data, length, err);
	at = (off_t)e.offset + skew_of(l) + ch->from;
	return file_write(c->fd, l->path, at, data + ch->from, ch->to - ch->from, err);
}

/* The null format of the unit, or -1. */
static int null_of(const struct cckd *c, uint32_t unit, const uint8_t *data, uint32_t length)
{
	const struct layer *l = &c->layer;
	int format;

	if (l->fixed_block)
		return data[0] == 0 && memcmp(data, data + 1, length - 1) == 0 ? 0 : -1;
	format = track_null_format(data, length, unit / l->heads, unit % l->heads);
	/* Format 2 means something only where the header has it. */
	return format == 2 && c->header.null_format != 2 ? -1 : format;
}

/* Store the unit in its final form. */
static bool cckd_replace(struct layer *l, uint32_t unit, const uint8_t *data, uint32_t length,
			 struct error *err)
{
	struct cckd *c = cckd_of(l);
	uint8_t stored[STORED_MAX];
	uint32_t lead = lead_of(l);
	int null = null_of(c, unit, data, length);
	size_t n = 0;

	if (null >= 0) {
		struct cckd_entry e = { .length = (uint16_t)null, .size = (uint16_t)null };

		return switch_entry(c, unit, e, false, err);
	}
	unit_header(l, unit, stored);
	if (length + skew_of(l) >= COMPRESS_MIN)
		n = compress_bytes(&c->workspace, l->compression, c->header.level, data + lead, length - lead,
				   stored + UNIT_HEADER_SIZE, length - lead);
	if (n) {
		stored[0] = (uint8_t)l->compression;
		l->compressions++;
	} else {
		n = length - lead;
		memcpy(stored + UNIT_HEADER_SIZE, data + lead, n);
	}
	n += UNIT_HEADER_SIZE;
	return store(c, unit, stored, (uint32_t)n, false, err);
}

static bool cckd_tidy(struct layer *l, uint32_t unit, const uint8_t *data, uint32_t length,
		      struct error *err)
{
	struct cckd *c = cckd_of(l);
	bool expanded;

	pthread_mutex_lock(&c->lock);
	expanded = c->expanded[unit];
	pthread_mutex_unlock(&c->lock);
	return !expanded || cckd_replace(l, unit, data, length, err);
}

static uint32_t cckd_untidy(struct layer *l, bool all)
{
	struct cckd *c = cckd_of(l);
	uint32_t unit = NO_UNIT;
	const uint8_t *found;

	pthread_mutex_lock(&c->lock);
	if (c->expanded_count > (all ? 0 : EXPANDED_MAX)) {
		found = memchr(c->expanded + c->expanded_next, 1, l->units - c->expanded_next);
		if (!found)
			found = memchr(c->expanded, 1, l->units);
		unit = (uint32_t)(found - c->expanded);
		c->expanded_next = unit + 1;
	}
	pthread_mutex_unlock(&c->lock);
	return unit;
}

static bool cckd_flush(struct layer *l, struct error *err)
{
	return file_sync(cckd_of(l)->fd, l->path, err);
}

/* ---- opening and closing ---- */

static void cckd_release(struct cckd *c)
{
	for (uint32_t i = 0; c->l2 && i < c->header.l1_count; i++)
		free(c->l2[i]);
	free(c->l2);
	free(c->l1);
	free(c->expanded);
	space_release(&c->space);
	workspace_release(&c->workspace);
	pthread_mutex_destroy(&c->lock);
	file_close(c->fd);
	layer_free(&c->layer);
}

/* Leave the file as a closed one: no gap at its end, chain, header, flag. */
static bool cckd_finish(struct cckd *c, struct error *err)
{
	space_trim(&c->space);
	if (!cckd_write_free_chain(c, err))
		return false;
	cckd_count(c);
	if (ftruncate(c->fd, (off_t)c->space.end) < 0) {
		error_errno(err, errno, "%s: cannot set its size", c->layer.path);
		return false;
	}
	if (!cckd_write_header(c, err) || !file_sync(c->fd, c->layer.path, err))
		return false;
	return cckd_set_options(c, c->header.options & (uint8_t)~CCKD_OPENED, err) &&
	       file_sync(c->fd, c->layer.path, err);
}

static bool cckd_close(struct layer *l, bool clean, struct error *err)
{
	struct cckd *c = cckd_of(l);
	bool ok = true;

	if (!l->read_only)
		ok = clean ? cckd_finish(c, err) : file_sync(c->fd, l->path, err);
	cckd_release(c);
	return ok;
}

static const struct layer_ops cckd_ops = {
	.read = cckd_read,
	.write = cckd_write,
	.replace = cckd_replace,
	.untidy = cckd_untidy,
	.tidy = cckd_tidy,
	.flush = cckd_flush,
	.close = cckd_close,
};

static bool allocate(struct cckd *c, struct error *err)
{
	c->l1 = calloc((size_t)c->header.l1_count + 1, sizeof(*c->l1));
	c->l2 = calloc((size_t)c->header.l1_count + 1, sizeof(struct cckd_entry *));
	c->expanded = calloc((size_t)c->layer.units + 1, 1);
	if (c->l1 && c->l2 && c->expanded)
		return true;
	error_errno(err, ENOMEM, "%s", c->layer.path);
	return false;
}

/* Units that a crash left expanded are to be compressed like those of this session. */
static void find_expanded(struct cckd *c)
{
	struct cckd_entry e;
	uint8_t method;
	size_t got;

	for (uint32_t unit = 0; unit < c->layer.units; unit++) {
		if (!cckd_lookup_locked(c, unit, &e, NULL) || e.offset == 0 ||
		    e.offset == CCKD_NO_WHERE || e.length < COMPRESS_MIN)
			continue;
		if (file_read(c->fd, c->layer.path, (off_t)e.offset, &method, 1, &got, NULL) &&
		    got == 1 && method == COMPRESS_NONE)
			mark_expanded_locked(c, unit, true);
	}
}

static bool begin_writing(struct cckd *c, struct cckd_audit *audit, struct error *err)
{
	bool crashed = c->header.options & CCKD_OPENED;

	if (c->swapped) {
		error_set(err, EROFS,
			  "%s: made on a big-endian host: open it read-only, or convert it",
			  c->layer.path);
		return false;
	}
	if (!cckd_survey(c, audit, err))
		return false;
	if (crashed && c->layer.compression != COMPRESS_NONE)
		find_expanded(c);
	return cckd_set_options(c, c->header.options | CCKD_OPENED | CCKD_READ_WRITE, err);
}

struct cckd *cckd_open(int fd, const char *path, bool read_only, struct cckd_audit *audit,
		       struct error *err)
{
	struct cckd *c = calloc(1, sizeof(*c));

	if (!c || !(c->layer.path = strdup(path))) {
		error_errno(err, ENOMEM, "%s", path);
		free(c);
		file_close(fd);
		return NULL;
	}
	c->fd = fd;
	c->layer.ops = &cckd_ops;
	c->layer.read_only = read_only;
	pthread_mutex_init(&c->lock, NULL);
	if (!cckd_read_header(c, err) || !allocate(c, err) || !cckd_read_l1(c, err))
		goto fail;
	space_init(&c->space, cckd_first_free(c));
	if (!read_only ? !begin_writing(c, audit, err)
		       : audit && !cckd_survey(c, audit, err))
		goto fail;
	return c;
fail:
	cckd_release(c);
	return NULL;
}

struct layer *cckd_layer_open(int fd, const char *path, bool read_only, struct error *err)
{
	struct cckd *c = cckd_open(fd, path, read_only, NULL, err);

	return c ? &c->layer : NULL;
}
