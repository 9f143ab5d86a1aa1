/*
 * cp/systape.h - the tape drives of the system, and the tapes that the operator
 * mounts on them: images in the data directory's tapes/ (AWSTAPE, HET, .tap).
 *
 *   580 to 587  3420
 *   588 to 58F  2400 of System/360, which takes every mode set
 *
 * A drive belongs to one machine at a time (ATTACH, or DEDICATE of the directory),
 * and is not simulated further: the machine's own thread moves the tape. A tape that
 * was mounted while the drive was free waits there; DETACH and LOGOFF unload it.
 *
 * GC20-1806, "VM/370 Operator's Guide", on ATTACH and DETACH; GC20-1801, DEDICATE.
 *
 * Threads: the CP thread.
 */
#ifndef CP_SYSTAPE_H
#define CP_SYSTAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "devices/device.h"

struct virtual_device;
struct vmblok;

#define SYSTAPE_FIRST  0x580
#define SYSTAPE_DRIVES 16

struct systape {
	uint16_t raddr;
	const char *type;      /* "3420", "2400" */
	char *path;            /* the tape that is mounted; NULL none */
	bool read_only;        /* without a write ring */
	struct vmblok *user;   /* whose drive it is; NULL free */
	uint16_t vaddr;        /* there */
	bool leave;            /* DETACH ... LEAVE: the tape stays on the drive */
	bool system;           /* CP itself writes on it: MONITOR */
	bool offline;          /* VARY */
	struct device_counts counts;
};

struct systapes {
	const char *dir; /* of the data */
	struct systape drive[SYSTAPE_DRIVES];
};

/* dir must live as long. */
struct systapes *systapes_new(const char *dir);
void systapes_free(struct systapes *st);

/* NULL: there is no drive of that address. */
struct systape *systape_at(struct systapes *st, uint16_t raddr);

/*
 * Put the tape of that name (in tapes/, upper and lower case are the same) on a
 * drive; new: make one, AWSTAPE unless the name says .het or .tap. The machine that
 * has the drive gets its device end. False with err: there is no such tape, it is on
 * another drive, or no tape.
 */
MUST_USE bool systape_mount(struct systapes *st, struct systape *drive, const char *name,
			    bool new_tape, bool read_only, struct error *err);
/* Take it off; nothing happens if there is none. */
void systape_unload(struct systape *drive);
/* The tape goes to its load point; false: there is none. */
MUST_USE bool systape_rewind(struct systape *drive);

/* The words of an ATTACH or MOUNT request for what is mounted: their number. */
int systape_words(const struct systape *drive, char *words[2]);

/*
 * A user's device is gone: the drive is free, and the tape unloaded, or (leave) at its
 * load point.
 */
void systape_release(struct systape *drive);

#endif
