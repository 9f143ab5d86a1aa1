/*
 * devices/ckd.h - what the owner of a machine may want to know of a disk.
 *
 * Threads: the machine's own.
 */
#ifndef DEVICES_CKD_H
#define DEVICES_CKD_H

#include <stdbool.h>
#include <stdint.h>

struct device;

struct ckd_facts {
	uint16_t type;      /* of the volume: 0x3350 */
	uint32_t cylinders; /* that the program sees */
	uint32_t heads;
	bool read_only;
	bool sectors;       /* rotational position sensing: SET SECTOR */
};

/* false: the device is none of ckd_class. */
bool ckd_facts(const struct device *dev, struct ckd_facts *out);

#endif
