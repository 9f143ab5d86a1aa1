/*
 * Changing a volume. A change is made in the cache first and is pending until
 * volume_settle() has written it; all pending changes of a track go to the file
 * together. `pending` of a unit is guarded by its lock for writing.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "dasd/volume_int.h"

static bool may_write(const struct volume *vol, struct error *err)
{
	if (!vol->info.read_only)
		return true;
	error_set(err, EROFS, "%s: the volume is read-only", vol->info.path);
	return false;
}

/*
 * What the file holds of a damaged track is not what the cache holds of it: a
 * change of a part must not be stored into the former.
 */
static bool heal(struct volume *vol, struct track *t, struct error *err)
{
	const struct layer_ops *ops = top_of(vol)->ops;

	if (t->damaged && !(ops->mend ? ops->mend : ops->replace)(top_of(vol), t->number,
								  t->data, t->length, err))
		return false;
	t->damaged = false;
	return true;
}

/* Offset of the record (R0 included) that byte at is in, or of the end. */
static uint32_t record_of(const uint8_t *data, uint32_t at)
{
	uint32_t record = TRACK_R0;

	while ((record == TRACK_R0 || !count_is_end(data + record)) &&
	       record + count_record_size(data + record) <= at)
		record += count_record_size(data + record);
	return record;
}

/*
 * May these bytes be replaced? Key and data of one record; of a count field only
 * that of R0, with its lengths as they are; the home address by itself. All that
 * walk a track rely on it.
 */
static bool keeps_shape(const struct track *t, uint32_t offset, const uint8_t *bytes,
			uint32_t n)
{
	uint32_t record;

	if (n == 0)
		return true;
	if (offset < TRACK_HA_SIZE)
		return n <= TRACK_HA_SIZE - offset && memcmp(t->data + offset, bytes, n) == 0;
	record = record_of(t->data, offset);
	if (n > record + count_record_size(t->data + record) - offset)
		return false;
	if (offset >= record + TRACK_COUNT_SIZE)
		return true;
	/* From here to the data: the record's number and its lengths. */
	for (uint32_t i = offset; i < TRACK_R0 + TRACK_COUNT_SIZE && i < offset + n; i++)
		if (i >= TRACK_R0 + 4 && bytes[i - offset] != t->data[i])
			return false;
	return record == TRACK_R0;
}

/* ---- what the file does not have yet ---- */

/*
 * Two changed places with no more than this between them are written in one piece:
 * a call of the host costs as much as copying so many bytes.
 */
#define GAP_MAX 8192

static const struct change no_change = { .format_from = NO_FORMAT };

static bool nothing(const struct change *c)
{
	return c->from == c->to && c->format_from == NO_FORMAT;
}

/* Is [from, to) too far from the other changed bytes to be written with them? */
static bool far_apart(const struct change *c, uint32_t from, uint32_t to)
{
	return c->from < c->to && (from > c->to + GAP_MAX || to + GAP_MAX < c->from);
}

static void note_update(struct change *c, uint32_t from, uint32_t to)
{
	if (from >= c->format_from || from == to)
		return;
	if (c->from == c->to) {
		c->from = from;
		c->to = to;
		return;
	}
	c->from = from < c->from ? from : c->from;
	c->to = to > c->to ? to : c->to;
}

static void note_format(struct change *c, uint32_t from, bool at_end)
{
	if (from >= c->format_from)
		return;
	c->at_end = at_end && c->format_from == NO_FORMAT;
	c->format_from = from;
	if (c->to > from)
		c->to = from;
	if (c->from >= c->to)
		c->from = c->to = 0;
}

/*
 * A write failed: the cache shall hold what the file holds. If that cannot be read
 * either, nobody may use the unit before somebody pins and reads it again.
 */
static void undo(struct volume *vol, struct track *t)
{
	struct cached *e = cached_of(t);

	t->version++;
	t->lost++;
	if (volume_load(vol, t, NULL))
		return;
	atomic_store_explicit(&e->valid, false, memory_order_release);
	t->damaged = true;
	if (!vol->info.fixed_block)
		t->length = track_make_empty(t->data, t->number / vol->info.heads,
					     t->number % vol->info.heads);
}

/* May the track be changed now? */
static bool changeable(struct volume *vol, struct track *t, struct error *err)
{
	if (!may_write(vol, err))
		return false;
	if (atomic_load_explicit(&cached_of(t)->valid, memory_order_relaxed))
		return true;
	error_set(err, EIO, "not read again since a write failed");
	layer_place(top_of(vol), t->number, err);
	return false;
}

bool volume_settle(struct volume *vol, struct track *t, struct error *err)
{
	struct cached *e = cached_of(t);
	struct change c = e->pending;
	struct layer *top = top_of(vol);

	if (nothing(&c))
		return true;
	e->pending = no_change;
	if (!top->ops->write(top, t->number, t->data, t->length, &c, err)) {
		undo(vol, t);
		return false;
	}
	atomic_store_explicit(&e->wrote, true, memory_order_relaxed);
	atomic_fetch_add_explicit(&vol->writes, 1, memory_order_relaxed);
	return true;
}

bool volume_update_later(struct volume *vol, struct track *t, uint32_t offset,
			 const void *bytes, uint32_t n, struct error *err)
{
	struct change *pending = &cached_of(t)->pending;
	uint32_t end = vol->info.fixed_block ? t->length : t->length - TRACK_END_SIZE;

	if (!changeable(vol, t, err))
		return false;
	if (offset > end || n > end - offset) {
		error_set(err, EINVAL, "bytes %u to %u are beyond the track's end", offset,
			  offset + n);
		layer_place(top_of(vol), t->number, err);
		return false;
	}
	if (!vol->info.fixed_block && !keeps_shape(t, offset, bytes, n)) {
		error_set(err, EINVAL, "%u bytes from byte %u on are not all key or data", n,
			  offset);
		layer_place(top_of(vol), t->number, err);
		return false;
	}
	if (!heal(vol, t, err) ||
	    (far_apart(pending, offset, offset + n) && !volume_settle(vol, t, err)))
		return false;
	memcpy(t->data + offset, bytes, n);
	t->version++;
	note_update(pending, offset, offset + n);
	return true;
}

bool volume_update(struct volume *vol, struct track *t, uint32_t offset, const void *bytes,
		   uint32_t n, struct error *err)
{
	return volume_update_later(vol, t, offset, bytes, n, err) &&
	       volume_settle(vol, t, err);
}

bool volume_format_later(struct volume *vol, struct track *t, uint32_t offset,
			 const void *record, uint32_t n, struct error *err)
{
	assert(!vol->info.fixed_block && offset >= TRACK_R1);
	assert(offset + TRACK_END_SIZE <= t->length);
	assert(record_of(t->data, offset) == offset);
	assert(n == 0 || n == count_record_size(record));
	if (!changeable(vol, t, err))
		return false;
	if (n > vol->info.unit_size || offset + n + TRACK_END_SIZE > vol->info.unit_size) {
		error_set(err, EOVERFLOW, "a record of %u bytes does not fit behind byte %u", n,
			  offset);
		layer_place(top_of(vol), t->number, err);
		return false;
	}
	if (!heal(vol, t, err))
		return false;
	note_format(&cached_of(t)->pending, offset, offset + TRACK_END_SIZE == t->length);
	if (n)
		memcpy(t->data + offset, record, n);
	memset(t->data + offset + n, 0xFF, TRACK_END_SIZE);
	t->length = offset + n + TRACK_END_SIZE;
	t->version++;
	return true;
}

bool volume_format(struct volume *vol, struct track *t, uint32_t offset, const void *record,
		   uint32_t n, struct error *err)
{
	return volume_format_later(vol, t, offset, record, n, err) &&
	       volume_settle(vol, t, err);
}

/* ---- whole units ---- */

/* Is data a unit of this volume? */
static bool acceptable(const struct volume *vol, uint32_t number, const uint8_t *data,
		       uint32_t length, struct error *err)
{
	uint32_t good;

	if (vol->info.fixed_block)
		return length == vol->info.unit_size;
	if (length <= vol->info.unit_size && track_check(data, length, &good) == length &&
	    data[0] == 0 && be16(data + 1) == number / vol->info.heads &&
	    be16(data + 3) == number % vol->info.heads)
		return true;
	error_set(err, EINVAL, "%u bytes are no image of this track", length);
	layer_place(top_of(vol), number, err);
	return false;
}

bool volume_write_track(struct volume *vol, uint32_t number, const void *data, uint32_t length,
			struct error *err)
{
	struct layer *top = top_of(vol);
	struct cached *e;
	bool ok;

	if (!may_write(vol, err) || number >= vol->info.units ||
	    !acceptable(vol, number, data, length, err))
		return false;
	e = cache_pin(vol->cache, number);
	if (!e) {
		error_errno(err, ENOMEM, "%s", vol->info.path);
		return false;
	}
	/* The old contents do not matter, nor whether they can be read. */
	pthread_rwlock_wrlock(&e->lock);
	ok = top->ops->replace(top, number, data, length, err);
	if (ok) {
		memcpy(e->track.data, data, length);
		e->track.length = length;
		e->track.damaged = false;
		e->track.version++;
		e->pending = no_change;
		atomic_store_explicit(&e->valid, true, memory_order_release);
		atomic_store_explicit(&e->wrote, true, memory_order_relaxed);
		atomic_fetch_add_explicit(&vol->writes, 1, memory_order_relaxed);
	}
	pthread_rwlock_unlock(&e->lock);
	volume_unpin(&e->track);
	return ok;
}
