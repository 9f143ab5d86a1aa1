/*
 * dasd/arena.h - storage for many buffers of one size that live as long as
 * their owner (inside dasd/ only).
 *
 * Buffers are cut from large pieces for which, but for the first, huge pages are asked: filling a
 * cache for the first time then costs no page fault for each 4096 bytes, which
 * took longer than reading the track did.
 */
#ifndef DASD_ARENA_H
#define DASD_ARENA_H

#include <pthread.h>
#include <stddef.h>

struct arena {
	pthread_mutex_t lock; /* guards what follows */
	void **piece;         /* of PIECE_SIZE bytes, or single buffers */
	size_t pieces, room;
	size_t used;          /* bytes of the last piece */
	size_t size;          /* of a buffer */
};

void arena_init(struct arena *a, size_t buffer_size);
void arena_release(struct arena *a);

/* One more buffer, zeros; NULL: no memory. Any thread. */
void *arena_take(struct arena *a);

#endif
