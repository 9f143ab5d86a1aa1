#include "dasd/cache.h"

#include <assert.h>
#include <stdlib.h>

#include "dasd/arena.h"

#define SHARDS         64
#define SHARD_MINIMUM  4 /* units that a shard keeps however long they are */

struct shard {
	_Alignas(64) pthread_mutex_t lock; /* guards all of the shard, and its slots */
	struct cached **ring; /* every unit of the shard, for the clock hand */
	uint32_t count, room, hand, limit;
	uint64_t pins, misses;
};

struct cache {
	struct volume *volume;
	uint32_t units, unit_size;
	struct arena buffers;
	struct cached **slot; /* by unit number; guarded by the unit's shard */
	struct shard shard[SHARDS];
};

struct cache *cache_new(struct volume *vol, uint32_t units, uint32_t unit_size, size_t bytes)
{
	struct cache *c = aligned_alloc(64, sizeof(*c));

	if (!c)
		return NULL;
	*c = (struct cache){ .volume = vol, .units = units, .unit_size = unit_size };
	c->slot = calloc((size_t)units + 1, sizeof(struct cached *));
	if (!c->slot) {
		free(c);
		return NULL;
	}
	arena_init(&c->buffers, unit_size);
	for (unsigned i = 0; i < SHARDS; i++) {
		pthread_mutex_init(&c->shard[i].lock, NULL);
		c->shard[i].limit = (uint32_t)(bytes / unit_size / SHARDS);
		if (c->shard[i].limit < SHARD_MINIMUM)
			c->shard[i].limit = SHARD_MINIMUM;
	}
	return c;
}

static void cached_free(struct cached *e)
{
	if (!e)
		return;
	assert(e->pins == 0);
	pthread_rwlock_destroy(&e->lock);
	free(e);
}

void cache_free(struct cache *c)
{
	if (!c)
		return;
	for (unsigned i = 0; i < SHARDS; i++) {
		for (uint32_t j = 0; j < c->shard[i].count; j++)
			cached_free(c->shard[i].ring[j]);
		free(c->shard[i].ring);
		pthread_mutex_destroy(&c->shard[i].lock);
	}
	arena_release(&c->buffers);
	free(c->slot);
	free(c);
}

static struct cached *add_locked(struct cache *c, struct shard *s)
{
	struct cached *e;

	if (s->count == s->room) {
		uint32_t room = s->room ? 2 * s->room : 16;
		struct cached **more = realloc(s->ring, room * sizeof(struct cached *));

		if (!more)
			return NULL;
		s->ring = more;
		s->room = room;
	}
	e = calloc(1, sizeof(*e));
	if (!e || !(e->track.data = arena_take(&c->buffers))) {
		free(e);
		return NULL;
	}
	e->volume = c->volume;
	e->pending.format_from = NO_FORMAT;
	pthread_rwlock_init(&e->lock, NULL);
	s->ring[s->count++] = e;
	return e;
}

/* A unit that nobody has pinned and that was not used lately; NULL: none. */
static struct cached *victim_locked(struct cache *c, struct shard *s)
{
	for (uint32_t i = 0; i < 2 * s->count; i++) {
		struct cached *e = s->ring[s->hand];

		s->hand = (s->hand + 1) % s->count;
		if (atomic_load_explicit(&e->pins, memory_order_acquire) != 0)
			continue;
		if (!e->used) {
			c->slot[e->track.number] = NULL;
			return e;
		}
		e->used = false;
	}
	return NULL;
}

static struct cached *miss_locked(struct cache *c, struct shard *s, uint32_t number)
{
	struct cached *e = s->count >= s->limit ? victim_locked(c, s) : NULL;

	if (!e)
		e = add_locked(c, s);
	if (!e)
		return NULL;
	e->track.number = number;
	e->track.version = 0;
	atomic_store_explicit(&e->valid, false, memory_order_relaxed);
	c->slot[number] = e;
	s->misses++;
	return e;
}

struct cached *cache_pin(struct cache *c, uint32_t number)
{
	struct shard *s = &c->shard[number % SHARDS];
	struct cached *e;

	pthread_mutex_lock(&s->lock);
	e = c->slot[number];
	if (UNLIKELY(!e))
		e = miss_locked(c, s, number);
	if (LIKELY(e)) {
		e->used = true;
		atomic_fetch_add_explicit(&e->pins, 1, memory_order_relaxed);
		s->pins++;
	}
	pthread_mutex_unlock(&s->lock);
	return e;
}

void cache_count(struct cache *c, uint64_t *pins, uint64_t *misses)
{
	*pins = *misses = 0;
	for (unsigned i = 0; i < SHARDS; i++) {
		pthread_mutex_lock(&c->shard[i].lock);
		*pins += c->shard[i].pins;
		*misses += c->shard[i].misses;
		pthread_mutex_unlock(&c->shard[i].lock);
	}
}
