/*
 * cp/place.h - an area in some machine's storage, for data that goes from one
 * machine to another (VMCF, IUCV).
 *
 * Threads: any, while something keeps the machine from being freed.
 */
#ifndef CP_PLACE_H
#define CP_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu370/storage.h"

struct place {
	struct storage *storage; /* NULL: CP's own data, at text */
	uint8_t *text;
	uint32_t address;        /* guest real */
	uint32_t prefix;         /* of the CPU that gave the address */
	uint8_t key;             /* of its PSW */
};

/* Is there storage at both ends? Areas of no length are always good. */
bool place_exists(const struct place *p, uint32_t length);
/* Move length bytes between p and data. */
enum storage_status place_store(const struct place *p, const uint8_t *data, uint32_t length);
enum storage_status place_fetch(const struct place *p, uint8_t *data, uint32_t length);

enum place_error {
	PLACE_OK,
	PLACE_FROM_ADDRESSING, PLACE_FROM_PROTECTION,
	PLACE_TO_ADDRESSING, PLACE_TO_PROTECTION,
	PLACE_OVERLAP, /* to is in front of data of from that is still to be moved */
};
/* Move length bytes from one to the other; *moved: how many, also with an error. */
enum place_error place_copy(const struct place *from, const struct place *to, uint32_t length,
			    uint32_t *moved);

#endif
