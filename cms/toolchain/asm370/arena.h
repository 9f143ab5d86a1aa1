/*
 * cms/toolchain/asm370/arena.h - memory that is freed all at once, and a
 * growing byte buffer. Running out of memory ends in longjmp to the arena's
 * owner, so that nobody else checks.
 */
#ifndef CMS_TOOLCHAIN_ASM370_ARENA_H
#define CMS_TOOLCHAIN_ASM370_ARENA_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first */
	char *next, *end;           /* free part of the newest block */
	size_t used, limit;         /* bytes taken from the host; 0: no limit */
	jmp_buf *out_of_memory;
};

/* n zeroed bytes, aligned for any object. */
void *arena_alloc(struct arena *arena, size_t n);

/* A copy of n bytes with a NUL behind them. */
char *arena_copy(struct arena *arena, const char *p, size_t n);

/* Free everything; keep the first block for the next use. */
void arena_reset(struct arena *arena);
void arena_release(struct arena *arena);

/* Bytes that grow at the end; the memory is malloc's. */
struct buffer {
	char *p;
	size_t n, size;
	jmp_buf *out_of_memory;
};

/* Room for n more bytes at the end, counted as used. */
char *buffer_grow(struct buffer *buffer, size_t n);
void buffer_put(struct buffer *buffer, const void *p, size_t n);

#endif
