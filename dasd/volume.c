#include "dasd/volume.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "dasd/label.h"
#include "dasd/volume_int.h"

/* ---- opening ---- */

struct layer *layer_open(const char *path, bool read_only, struct error *err)
{
	int fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	char id[8] = "";
	size_t got;

	if (fd < 0) {
		error_errno(err, errno, "%s", path);
		return NULL;
	}
	if (!file_lock(fd, path, !read_only, err) ||
	    !file_read(fd, path, 0, id, sizeof(id), &got, err)) {
		file_close(fd);
		return NULL;
	}
	if (memcmp(id, "CKD_P370", 8) == 0 || memcmp(id, "CKD_P064", 8) == 0)
		return ckd_layer_open(fd, path, read_only, err);
	if ((memcmp(id, "CKD_", 4) == 0 || memcmp(id, "FBA_", 4) == 0) &&
	    (memcmp(id + 5, "370", 3) == 0 || memcmp(id + 5, "064", 3) == 0))
		return cckd_layer_open(fd, path, read_only, err);
	return fba_layer_open(fd, path, read_only, err);
}

bool volume_shadow_name(char *out, size_t size, const char *pattern, unsigned n)
{
	const char *slash = strrchr(pattern, '/');
	const char *name = slash ? slash + 1 : pattern;
	const char *dot = strrchr(name, '.');
	size_t length = strlen(pattern);
	size_t at;

	if (!dot || dot == name)
		dot = name + strlen(name);
	if (length >= size || dot == name)
		return false;
	memcpy(out, pattern, length + 1);
	at = (size_t)(dot - pattern) - 1;
	out[at] = (char)('0' + n);
	return true;
}

static bool same_shape(const struct layer *a, const struct layer *b)
{
	return a->fixed_block == b->fixed_block && a->units == b->units &&
	       a->heads == b->heads && a->unit_size == b->unit_size;
}

static bool add_layer(struct volume *vol, const char *path, bool read_only, struct error *err)
{
	struct layer *l = layer_open(path, read_only, err);

	if (!l)
		return false;
	vol->layer[vol->layers++] = l;
	if (same_shape(l, vol->layer[0]))
		return true;
	error_set(err, EINVAL, "%s: not a shadow file of %s: another size", path,
		  vol->layer[0]->path);
	return false;
}

static bool make_shadow(const char *path, const struct layer *below, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	bool ok;

	if (fd < 0) {
		error_errno(err, errno, "%s", path);
		return false;
	}
	ok = cckd_shadow_create(fd, path, below, err);
	file_close(fd);
	if (!ok)
		unlink(path);
	return ok;
}

/* Open base and shadow files; vol->layers counts what is to be closed again. */
static bool open_layers(struct volume *vol, const char *path, const struct volume_options *o,
			struct error *err)
{
	char name[VOLUME_SHADOWS_MAX + 2][1024];
	bool make = o->new_shadow;
	unsigned shadows = 0;

	while (o->shadow && shadows < VOLUME_SHADOWS_MAX &&
	       volume_shadow_name(name[shadows], sizeof(name[0]), o->shadow, shadows + 1) &&
	       access(name[shadows], F_OK) == 0)
		shadows++;
	if (o->shadow && shadows == 0 && !o->read_only && access(path, W_OK) != 0)
		make = true; /* a base that cannot be written wants a shadow file */
	if (make && (!o->shadow || o->read_only || shadows == VOLUME_SHADOWS_MAX)) {
		error_set(err, EINVAL, "%s: no further shadow file can be made", path);
		return false;
	}
	if (!add_layer(vol, path, o->read_only || shadows || make, err))
		return false;
	for (unsigned i = 0; i < shadows; i++)
		if (!add_layer(vol, name[i], o->read_only || make || i + 1 < shadows, err))
			return false;
	return !make || (make_shadow(name[shadows], top_of(vol), err) &&
			 add_layer(vol, name[shadows], false, err));
}

static void describe(struct volume *vol)
{
	const struct layer *base = vol->layer[0];
	struct volume_info *i = &vol->info;

	i->path = base->path;
	i->format = base->format;
	i->compression = top_of(vol)->compression;
	i->fixed_block = base->fixed_block;
	i->read_only = top_of(vol)->read_only;
	i->shadows = vol->layers - 1;
	i->geometry = base->geometry;
	i->fba = base->fba;
	i->cylinders = base->cylinders;
	i->heads = base->heads;
	i->units = base->units;
	i->unit_size = base->unit_size;
	i->blocks = base->blocks;
}

static bool close_layers(struct volume *vol, bool clean, struct error *err)
{
	bool ok = true;

	while (vol->layers > 0) {
		struct layer *l = top_of(vol);

		vol->layers--;
		ok = l->ops->close(l, clean, ok ? err : NULL) && ok;
	}
	return ok;
}

struct volume *volume_open(const char *path, const struct volume_options *options,
			   struct error *err)
{
	static const struct volume_options usual;
	const struct volume_options *o = options ? options : &usual;
	struct volume *vol = calloc(1, sizeof(*vol));

	if (!vol) {
		error_errno(err, ENOMEM, "%s", path);
		return NULL;
	}
	if (!open_layers(vol, path, o, err))
		goto fail;
	describe(vol);
	vol->cache = cache_new(vol, vol->info.units, vol->info.unit_size,
			       o->cache_bytes ? o->cache_bytes : VOLUME_CACHE_DEFAULT);
	if (vol->cache) {
		pthread_mutex_init(&vol->reserving, NULL);
		return vol;
	}
	error_errno(err, ENOMEM, "%s", path);
fail:
	close_layers(vol, true, NULL);
	free(vol);
	return NULL;
}

const struct volume_info *volume_info(const struct volume *vol)
{
	return &vol->info;
}

struct reservations *volume_reservations_lock(struct volume *vol)
{
	pthread_mutex_lock(&vol->reserving);
	return &vol->reservations;
}

void volume_reservations_unlock(struct volume *vol)
{
	pthread_mutex_unlock(&vol->reserving);
}

bool volume_any_reserved(const struct volume *vol)
{
	return atomic_load(&vol->reservations.held) != 0;
}

/* ---- pins and locks ---- */

bool volume_load(struct volume *vol, struct track *t, struct error *err)
{
	for (unsigned i = vol->layers; i > 0; i--) {
		struct layer *l = vol->layer[i - 1];

		switch (l->ops->read(l, t->number, t->data, &t->length, &t->damaged, err)) {
		case LAYER_READ: return true;
		case LAYER_FAILED: return false;
		case LAYER_ABSENT: break;
		}
	}
	error_set(err, EIO, "%s: unit %u is in no file", vol->info.path, t->number);
	return false;
}

/* Whoever finds the unit not valid loads it; the others wait for the lock. */
static bool make_valid(struct volume *vol, struct cached *e, struct error *err)
{
	bool ok = true;

	pthread_rwlock_wrlock(&e->lock);
	if (!atomic_load_explicit(&e->valid, memory_order_relaxed)) {
		ok = volume_load(vol, &e->track, err);
		atomic_store_explicit(&e->valid, ok, memory_order_release);
	}
	pthread_rwlock_unlock(&e->lock);
	return ok;
}

static void unpin(struct cached *e)
{
	atomic_fetch_sub_explicit(&e->pins, 1, memory_order_release);
}

struct track *volume_pin(struct volume *vol, uint32_t number, struct error *err)
{
	struct cached *e;

	if (number >= vol->info.units) {
		error_set(err, EINVAL, "%s: unit %u is beyond the volume's %u", vol->info.path,
			  number, vol->info.units);
		return NULL;
	}
	e = cache_pin(vol->cache, number);
	if (!e) {
		error_errno(err, ENOMEM, "%s", vol->info.path);
		return NULL;
	}
	if (!atomic_load_explicit(&e->valid, memory_order_acquire) &&
	    !make_valid(vol, e, err)) {
		unpin(e);
		return NULL;
	}
	return &e->track;
}

/* Give one unit that lies about uncompressed its final form. */
static bool tidy(struct volume *vol, uint32_t number, struct error *err)
{
	struct layer *top = top_of(vol);
	struct track *t = volume_pin(vol, number, err);
	bool ok;

	if (!t)
		return false;
	track_lock(t, TRACK_WRITE);
	ok = top->ops->tidy(top, number, t->data, t->length, err);
	track_unlock(t);
	unpin(cached_of(t));
	return ok;
}

static bool tidy_all(struct volume *vol, bool all, struct error *err)
{
	struct layer *top = top_of(vol);
	uint32_t number;

	if (!top->ops->untidy || top->read_only)
		return true;
	while ((number = top->ops->untidy(top, all)) != NO_UNIT)
		if (!tidy(vol, number, err))
			return false;
	return true;
}

void volume_unpin(struct track *t)
{
	struct cached *e = cached_of(t);
	struct volume *vol = e->volume;
	struct error err = { 0, "" };
	bool wrote = atomic_load_explicit(&e->wrote, memory_order_relaxed) &&
		     atomic_exchange(&e->wrote, false);

	unpin(e);
	/* What was written is safe already; compression can be tried again. */
	if (wrote && !tidy_all(vol, false, &err))
		log_warn(vol->info.path, "%s", err.text);
}

void track_lock(struct track *t, enum track_access access)
{
	if (access == TRACK_WRITE)
		pthread_rwlock_wrlock(&cached_of(t)->lock);
	else
		pthread_rwlock_rdlock(&cached_of(t)->lock);
}

void track_unlock(struct track *t)
{
	pthread_rwlock_unlock(&cached_of(t)->lock);
}

/* ---- blocks ---- */

static bool in_blocks(const struct volume *vol, uint32_t first, uint32_t count,
		      struct error *err)
{
	if (vol->info.fixed_block && first <= vol->info.blocks &&
	    count <= vol->info.blocks - first)
		return true;
	error_set(err, EINVAL, "%s: blocks %u and %u more are not all on the volume",
		  vol->info.path, first, count);
	return false;
}

/* The part of a transfer that lies in one group. */
static uint32_t part(uint32_t first, uint32_t count)
{
	uint32_t left = FBA_GROUP_BLOCKS - first % FBA_GROUP_BLOCKS;

	return left < count ? left : count;
}

bool volume_read_blocks(struct volume *vol, uint32_t first, uint32_t count, void *buffer,
			struct error *err)
{
	uint8_t *to = buffer;

	if (!in_blocks(vol, first, count, err))
		return false;
	while (count > 0) {
		uint32_t n = part(first, count);
		struct track *t = volume_pin(vol, first / FBA_GROUP_BLOCKS, err);

		if (!t)
			return false;
		track_lock(t, TRACK_READ);
		memcpy(to, t->data + first % FBA_GROUP_BLOCKS * FBA_BLOCK_SIZE,
		       n * FBA_BLOCK_SIZE);
		track_unlock(t);
		volume_unpin(t);
		to += n * FBA_BLOCK_SIZE;
		first += n;
		count -= n;
	}
	return true;
}

bool volume_write_blocks(struct volume *vol, uint32_t first, uint32_t count,
			 const void *buffer, struct error *err)
{
	const uint8_t *from = buffer;

	if (!in_blocks(vol, first, count, err))
		return false;
	while (count > 0) {
		uint32_t n = part(first, count);
		struct track *t = volume_pin(vol, first / FBA_GROUP_BLOCKS, err);
		bool ok;

		if (!t)
			return false;
		track_lock(t, TRACK_WRITE);
		ok = volume_update(vol, t, first % FBA_GROUP_BLOCKS * FBA_BLOCK_SIZE, from,
				   n * FBA_BLOCK_SIZE, err);
		track_unlock(t);
		volume_unpin(t);
		if (!ok)
			return false;
		from += n * FBA_BLOCK_SIZE;
		first += n;
		count -= n;
	}
	return true;
}

/* ---- flush, close, statistics ---- */

bool volume_flush(struct volume *vol, struct error *err)
{
	struct layer *top = top_of(vol);

	return top->read_only || top->ops->flush(top, err);
}

bool volume_close(struct volume *vol, struct error *err)
{
	bool tidied, closed;

	if (!vol)
		return true;
	tidied = tidy_all(vol, true, err);
	cache_free(vol->cache);
	closed = close_layers(vol, tidied, tidied ? err : NULL);
	assert(!vol->reservations.users);
	pthread_mutex_destroy(&vol->reserving);
	free(vol);
	return tidied && closed;
}

void volume_statistics(struct volume *vol, struct volume_statistics *out)
{
	cache_count(vol->cache, &out->pins, &out->misses);
	out->writes = vol->writes;
	out->compressions = top_of(vol)->compressions;
}

const char *volume_format_name(enum volume_format format)
{
	static const char *const names[] = { "CKD", "CCKD",  "CCKD64",
					     "FBA", "CFBA", "CFBA64" };

	return names[format];
}

const char *compression_name(enum compression compression)
{
	static const char *const names[] = { "none", "zlib", "bzip2" };

	return names[compression];
}
