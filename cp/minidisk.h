/*
 * cp/minidisk.h - minidisks: cylinders of a volume as a disk of a virtual machine.
 *
 * A minidisk is known by its volume and first cylinder, as VM/370 knows it: two
 * links to the same cylinder of the same volume are links to the same minidisk,
 * whatever directory entries led there.
 *
 * Threads: the CP thread.
 */
#ifndef CP_MINIDISK_H
#define CP_MINIDISK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct cp;
struct sysvolume;
struct virtual_device;
struct vmblok;

/* What a VDEVBLOK of a disk points to. */
struct minidisk {
	struct sysvolume *volume; /* one use of it is counted here */
	uint32_t start;           /* first cylinder on the volume */
	uint32_t cylinders;
	bool read_only;
	bool temporary;           /* T-disk */
	bool dedicated;           /* DEDICATE: a whole volume */
	bool reserve;             /* MDISK mode with V: RESERVE keeps others out */
};

/* Who has a minidisk. The users are among those counted. */
struct minidisk_sharers {
	unsigned readers, writers;
	const struct vmblok *reader, *writer;
};

/* except (may be NULL) is not counted. */
void minidisk_sharers(const struct cp *cp, const struct sysvolume *volume, uint32_t start,
		      const struct virtual_device *except, struct minidisk_sharers *out);

/*
 * Define a T-disk of a user; type as "3350". False with err, if there is no such
 * type or no room.
 */
MUST_USE bool minidisk_temporary(struct vmblok *vm, uint16_t vaddr, const char *type,
				 uint32_t cylinders, struct error *err);

#endif
