/*
 * cp/segment.h - the named systems and segments that are in a virtual machine's
 * storage.
 *
 * Threads: the machine's in a DIAGNOSE; the CP thread while the machine stands and
 * has answered a machine_call() since it ran.
 */
#ifndef CP_SEGMENT_H
#define CP_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct named_system;
struct storage;
struct vmblok;

#define SEGMENTS_MAX 16

/* Part of struct vmblok. */
struct segments {
	unsigned count;
	struct named_system *attached[SEGMENTS_MAX]; /* counted */
};

/* The attached one of that name, or NULL. */
struct named_system *segment_attached(const struct vmblok *vm, const char *name);

/*
 * Put the pages of sys, which becomes this VMBLOK's count, into storage; what it
 * overlaps is purged first. False with err: no room, or the host refused; sys has
 * been put.
 */
MUST_USE bool segment_load(struct vmblok *vm, struct storage *st, struct named_system *sys,
			   struct error *err);
/* Take it out again. */
void segment_purge(struct vmblok *vm, struct storage *st, struct named_system *sys);

/* Is that page one that others share with this machine? */
bool segment_shares_page(const struct vmblok *vm, uint32_t page);

/* On the CP thread: take all of them out of the machine that stands. */
void segments_release(struct vmblok *vm);

/*
 * IPL of a named system on the CP thread: reset, pages, registers; the machine does
 * not run yet. Returns 0 or the number of the error message sent.
 */
int segment_ipl(struct vmblok *vm, const char *name);

#endif
