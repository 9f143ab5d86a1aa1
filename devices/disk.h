/*
 * devices/disk.h - what the models of disks share: the volume behind the drive, the
 * words of the device line, and RESERVE and RELEASE.
 *
 * Threads: the machine's own.
 */
#ifndef DEVICES_DISK_H
#define DEVICES_DISK_H

#include "dasd/reserve.h"
#include "dasd/volume.h"
#include "devices/device.h"

struct disk {
	struct volume *vol;
	bool own; /* opened here from a file name */
	bool read_only;
	bool shared;	       /* its RESERVE keeps other machines out */
	uint32_t offset, size; /* a minidisk: cylinders or blocks of the volume */
	struct volume_user user;
};

/*
 * Take the words of the request and open what they name, unless the request has an
 * open volume. size_word: how the line gives the size, "cylinders=". The size is 0
 * if the line does not give it. false with err.
 */
bool disk_open(struct device *dev, struct disk *disk, const struct machine_request *req,
	       const char *size_word, struct error *err);
/*
 * Hold offset and size against what the volume has (total cylinders or blocks, whose
 * name is unit); the size becomes what is there. false with err.
 */
bool disk_fits(struct device *dev, struct disk *disk, uint32_t total, const char *unit,
	       struct error *err);
/* Also of one that disk_open() refused. */
void disk_close(struct device *dev, struct disk *disk);

/* Log the trouble for the operator. */
void disk_trouble(struct device *dev, const struct error *err);

/* The first command of a program: 0, or busy, because another machine has reserved it. */
int disk_admit(struct disk *disk);
/* RESERVE, unconditional RESERVE and RELEASE, without the data: 0 or unit status. */
int disk_reserve(struct disk *disk, uint8_t command);
/* A reset drops what is reserved. */
void disk_reset(struct disk *disk);
/* What the owner asks of a disk: only that it look whether it was released. */
bool disk_request(struct device *dev, const struct machine_request *req,
		  struct error *err);

#endif
