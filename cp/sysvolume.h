/*
 * cp/sysvolume.h - the volumes of the system: disk images in the data directory.
 *
 *   DIR/volumes/       every disk image with a VOL1 label is a volume of that serial
 *   DIR/volumes.conf   lines "VOLSER FILE [ro]": a serial for an image without a label
 *                      (a single minidisk), or kept elsewhere; * or # begins a comment
 *
 * Images are opened with their first user and closed with the last. New files are
 * found when a volume is asked for that is not known yet.
 *
 * GC20-1806, "VM/370 Operator's Guide", on volumes attached to the system.
 *
 * Threads: the CP thread.
 */
#ifndef CP_SYSVOLUME_H
#define CP_SYSVOLUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "dasd/volume.h"
#include "devices/device.h"

struct vmblok;
struct sysvolumes;

struct sysvolume {
	struct sysvolume *next;
	char volid[7];
	char *path;
	bool read_only, offline; /* VARY */
	bool unattached;         /* DETACH ... SYSTEM: no minidisks are linked to */
	uint16_t raddr;          /* the address that replies show; from 130 on */
	struct volume *vol;      /* open while there are users */
	unsigned users;          /* minidisks attached to machines */
	struct device_counts counts; /* of all of them, since CP was started */
	struct vmblok *dedicated; /* DEDICATE: all of it is this user's */
	bool temporary;          /* a T-disk: the file goes with its last user */
	uint32_t tdisk_cylinders;
};

/* dir must live as long. */
struct sysvolumes *sysvolumes_new(const char *dir);
/* Nobody may use a volume any more. */
void sysvolumes_free(struct sysvolumes *vs);

/* The volume with that serial, mounted now or before; NULL: there is none. */
struct sysvolume *sysvolume_find(struct sysvolumes *vs, const char *volid);
/* The one with that address. */
struct sysvolume *sysvolume_at(struct sysvolumes *vs, uint16_t raddr);
/* All of them, in order of raddr; go on with ->next. */
struct sysvolume *sysvolumes_first(struct sysvolumes *vs);

/* One more user: opens the image if need be. */
MUST_USE bool sysvolume_get(struct sysvolume *v, struct error *err);
/* One less. */
void sysvolume_put(struct sysvolumes *vs, struct sysvolume *v);
/* "3350": the device type of an open volume; "" for fixed-block ones. */
void sysvolume_type(const struct sysvolume *v, char type[8]);

/*
 * Temporary disk space for a user: a new, empty volume with one user, in a file
 * that is erased with sysvolume_put(). NULL with err: type or size are not
 * possible, or the space (TDISK_CYLINDERS in all) is used up.
 */
#define TDISK_CYLINDERS 5000u
struct sysvolume *sysvolume_temporary(struct sysvolumes *vs, const char *userid,
				      uint16_t vaddr, const char *type, uint32_t cylinders,
				      struct error *err);

#endif
