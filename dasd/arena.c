#include "dasd/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE  ((size_t)2 << 20)
#define PIECE_SIZE (2 * HUGE_PAGE)
#define ALIGNMENT  64

/* Under address sanitizer each buffer is one of malloc's, with its red zones. */
#if defined(__SANITIZE_ADDRESS__)
#define SINGLE_BUFFERS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SINGLE_BUFFERS 1
#endif
#endif
#ifndef SINGLE_BUFFERS
#define SINGLE_BUFFERS 0
#endif

void arena_init(struct arena *a, size_t buffer_size)
{
	memset(a, 0, sizeof(*a));
	pthread_mutex_init(&a->lock, NULL);
	a->size = (buffer_size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	a->used = PIECE_SIZE;
}

void arena_release(struct arena *a)
{
	for (size_t i = 0; i < a->pieces; i++)
		if (SINGLE_BUFFERS)
			free(a->piece[i]);
		else
			munmap(a->piece[i], PIECE_SIZE);
	free(a->piece);
	pthread_mutex_destroy(&a->lock);
}

/*
 * A piece at a multiple of a huge page, which is what the kernel needs for one. Not
 * for the first piece of an arena: a thousand minidisk files of a few tracks in use
 * would each take two megabytes.
 */
static void *map_piece(bool huge)
{
	size_t size = PIECE_SIZE + HUGE_PAGE;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before;

	if (p == MAP_FAILED)
		return NULL;
	before = -(uintptr_t)p & (HUGE_PAGE - 1);
	if (before)
		munmap(p, before);
	if (before < HUGE_PAGE)
		munmap(p + before + PIECE_SIZE, HUGE_PAGE - before);
	if (huge)
		madvise(p + before, PIECE_SIZE, MADV_HUGEPAGE);
	return p + before;
}

static void *add_piece_locked(struct arena *a)
{
	void *piece;

	if (a->pieces == a->room) {
		size_t room = a->room ? 2 * a->room : 16;
		void **more = realloc(a->piece, room * sizeof(*more));

		if (!more)
			return NULL;
		a->piece = more;
		a->room = room;
	}
	piece = SINGLE_BUFFERS ? calloc(1, a->size) : map_piece(a->pieces > 0);
	if (piece)
		a->piece[a->pieces++] = piece;
	return piece;
}

void *arena_take(struct arena *a)
{
	void *buffer = NULL;

	pthread_mutex_lock(&a->lock);
	if (SINGLE_BUFFERS) {
		buffer = add_piece_locked(a);
	} else if (a->used + a->size <= PIECE_SIZE || add_piece_locked(a)) {
		if (a->used + a->size > PIECE_SIZE)
			a->used = 0;
		buffer = (char *)a->piece[a->pieces - 1] + a->used;
		a->used += a->size;
	}
	pthread_mutex_unlock(&a->lock);
	return buffer;
}
