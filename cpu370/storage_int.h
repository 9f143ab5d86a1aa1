/*
 * cpu370/storage_int.h - what only the CPU sees of struct storage.
 *
 * Code tracking: a CPU that decodes instructions marks the doublewords it read
 * in `code`, and the frame in `has_code`. A store into a marked doubleword must
 * reach every CPU's block cache. A CPU that is alone looks at the marks before each
 * store; with several of them a look before a store proves nothing, so frames that
 * are CODE_WATCHED have no store tags, and stores into them look afterwards.
 */
#ifndef CPU370_STORAGE_INT_H
#define CPU370_STORAGE_INT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "cpu370/storage.h"

#define FRAME_SHIFT   11
#define FRAME_SIZE    STORAGE_BLOCK
#define FRAME_OFFSET  (FRAME_SIZE - 1)
#define STORAGE_CPUS  16 /* CPUs that may share one storage */

/* What is known of code in a frame. */
enum code_state {
	CODE_NONE,
	CODE_FOUND,   /* marks may be on; a CPU may still have a store tag */
	CODE_WATCHED, /* no CPU has a store tag: every store looks at the marks */
};

struct storage {
	uint8_t *bytes;
	uint32_t size;
	uint32_t reserved; /* bytes of host addresses: to the end of 24-bit ones */
	_Atomic bool mapped;       /* some page is or was from storage_map() */
	_Atomic uint8_t *extra;    /* one for each page from size on: installed */
	_Atomic uint8_t *keys;     /* one for each frame */
	_Atomic uint8_t *has_code; /* one for each frame: enum code_state */
	uint8_t *code;             /* one for each doubleword; not 0: decoded */
	_Atomic uint64_t tod_offset; /* what SCK made of the clock, all CPUs alike */
	_Atomic uint64_t last_stck;  /* the last value that a STCK stored */
	pthread_mutex_t lock;        /* cpus[], cpu_count */
	struct cpu370 *cpus[STORAGE_CPUS];
	_Atomic unsigned cpu_count;
};

/* Is there storage at aaddr? */
static inline bool storage_installed(const struct storage *st, uint32_t aaddr)
{
	if (aaddr < st->size)
		return true;
	return aaddr < st->reserved && atomic_load(&st->mapped) &&
	       atomic_load(&st->extra[aaddr / 4096]);
}

static inline uint32_t frame_of(uint32_t aaddr)
{
	return aaddr >> FRAME_SHIFT;
}

/* Turn on reference or reference and change bits; cheap if they are on. */
static inline void key_mark(struct storage *st, uint32_t frame, uint8_t bits)
{
	uint8_t key = atomic_load_explicit(&st->keys[frame], memory_order_relaxed);

	if ((key & bits) != bits)
		atomic_fetch_or_explicit(&st->keys[frame], bits, memory_order_relaxed);
}

/* A CPU joins or leaves; false: no room. */
bool storage_attach(struct storage *st, struct cpu370 *cpu);
void storage_detach(struct storage *st, struct cpu370 *cpu);

/* Is any doubleword in [aaddr, aaddr + length), one frame, marked as code? */
bool storage_is_code(const struct storage *st, uint32_t aaddr, uint32_t length);

/*
 * Bytes of one frame were changed and may be code: tell every CPU but `except`
 * (NULL: all). Any thread.
 */
void storage_code_changed(struct storage *st, uint32_t aaddr, uint32_t length,
			  struct cpu370 *except);

#endif
