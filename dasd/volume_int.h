/*
 * dasd/volume_int.h - a volume from inside: what volume.c (opening, pins, blocks)
 * and volume_write.c (changes) share.
 */
#ifndef DASD_VOLUME_INT_H
#define DASD_VOLUME_INT_H

#include "dasd/cache.h"
#include "dasd/layer.h"

struct volume {
	struct volume_info info;
	struct layer *layer[1 + VOLUME_SHADOWS_MAX]; /* base first */
	unsigned layers;
	struct cache *cache;
	_Atomic uint64_t writes;
	pthread_mutex_t reserving; /* the reservations, but for the count */
	struct reservations reservations;
};

static inline struct layer *top_of(const struct volume *vol)
{
	return vol->layer[vol->layers - 1];
}

static inline struct cached *cached_of(struct track *t)
{
	return CONTAINER_OF(t, struct cached, track);
}

/* Fill the track from the first layer that has it. */
bool volume_load(struct volume *vol, struct track *t, struct error *err);

#endif
