#include <stdlib.h>
#include <string.h>

#include "cms/toolchain/asm370/arena.h"

#define BLOCK_SIZE ((size_t)256 * 1024)
#define ALIGNMENT  (size_t)16

struct arena_block {
	struct arena_block *older;
	size_t size; /* of the whole block */
};

#define HEADER ((sizeof(struct arena_block) + ALIGNMENT - 1) & ~(ALIGNMENT - 1))

static void block_add(struct arena *arena, size_t n)
{
	size_t size = n + HEADER > BLOCK_SIZE ? n + HEADER : BLOCK_SIZE;
	struct arena_block *block = NULL;

	if (!arena->limit || arena->used + size <= arena->limit)
		block = malloc(size);
	if (!block)
		longjmp(*arena->out_of_memory, 1);
	block->older = arena->blocks;
	block->size = size;
	arena->blocks = block;
	arena->used += size;
	arena->next = (char *)block + HEADER;
	arena->end = (char *)block + size;
}

void *arena_alloc(struct arena *arena, size_t n)
{
	void *p;

	n = (n + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	if ((size_t)(arena->end - arena->next) < n)
		block_add(arena, n);
	p = arena->next;
	arena->next += n;
	return memset(p, 0, n);
}

char *arena_copy(struct arena *arena, const char *p, size_t n)
{
	char *copy;
	size_t room = (n + ALIGNMENT) & ~(ALIGNMENT - 1);

	if ((size_t)(arena->end - arena->next) < room)
		block_add(arena, room);
	copy = arena->next;
	arena->next += room;
	if (n)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

static void blocks_free(struct arena *arena, struct arena_block *keep)
{
	while (arena->blocks && arena->blocks != keep) {
		struct arena_block *older = arena->blocks->older;

		arena->used -= arena->blocks->size;
		free(arena->blocks);
		arena->blocks = older;
	}
}

void arena_reset(struct arena *arena)
{
	struct arena_block *oldest = arena->blocks;

	while (oldest && oldest->older)
		oldest = oldest->older;
	blocks_free(arena, oldest);
	if (oldest) {
		arena->next = (char *)oldest + HEADER;
		arena->end = (char *)oldest + oldest->size;
	}
}

void arena_release(struct arena *arena)
{
	blocks_free(arena, NULL);
	arena->next = arena->end = NULL;
}

char *buffer_grow(struct buffer *buffer, size_t n)
{
	char *at;

	if (buffer->n + n > buffer->size) {
		size_t size = buffer->size ? buffer->size : 4096;
		char *p;

		while (size < buffer->n + n)
			size *= 2;
		p = realloc(buffer->p, size);
		if (!p)
			longjmp(*buffer->out_of_memory, 1);
		buffer->p = p;
		buffer->size = size;
	}
	at = buffer->p + buffer->n;
	buffer->n += n;
	return at;
}

void buffer_put(struct buffer *buffer, const void *p, size_t n)
{
	if (n)
		memcpy(buffer_grow(buffer, n), p, n);
}
