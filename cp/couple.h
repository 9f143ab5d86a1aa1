/*
 * cp/couple.h - virtual channel-to-channel adapters, and lines: the cables of COUPLE.
 *
 * GC20-1820, COUPLE. An adapter has at most one cable, to an adapter of another
 * user or of the same one.
 *
 * Threads: the CP thread.
 */
#ifndef CP_COUPLE_H
#define CP_COUPLE_H

#include <stdbool.h>

#include "base/error.h"

struct virtual_device;
struct vmblok;

/* Plug in a cable; neither adapter may have one. Both machines are there. */
bool couple_connect(struct vmblok *vm, struct virtual_device *v, struct vmblok *other_vm,
		    struct virtual_device *other, struct error *err);
/*
 * Pull out the cable of an adapter, if it has one, and tell both users that are not
 * logging off. The machine of vm may be gone already.
 */
void couple_drop(struct vmblok *vm, struct virtual_device *v);
/* A new machine took the place of vm's: plug its adapters in again. */
void couple_again(struct vmblok *vm);

#endif
