/*
 * dasd/cache.h - the units of a volume in storage (inside dasd/ only).
 *
 * The cache is cut into shards by unit number; a shard's mutex is held for a
 * few instructions at a pin. A unit whose pin count is zero may be thrown out;
 * nothing in the cache is newer than the files, so that needs no writing.
 */
#ifndef DASD_CACHE_H
#define DASD_CACHE_H

#include <pthread.h>
#include <stdatomic.h>

#include "dasd/layer.h"

struct cache;

struct cached {
	struct track track;
	struct volume *volume;
	atomic_uint pins;
	atomic_bool valid;     /* track holds the unit; set under lock */
	atomic_bool wrote;     /* written to since the last look, see volume_unpin() */
	struct change pending; /* in track, not in the file yet; guarded by lock */
	bool used;             /* since the clock hand came by; guarded by the shard */
	pthread_rwlock_t lock; /* the contents of track */
};

struct cache *cache_new(struct volume *vol, uint32_t units, uint32_t unit_size, size_t bytes);
void cache_free(struct cache *cache);

/* The unit, pinned once more; perhaps not valid yet. NULL: no memory. */
struct cached *cache_pin(struct cache *cache, uint32_t number);

void cache_count(struct cache *cache, uint64_t *pins, uint64_t *misses);

#endif
