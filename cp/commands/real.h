/*
 * cp/commands/real.h - a device of the system that one machine at a time may have:
 * a volume, a tape drive, a line. What ATTACH, DETACH, VARY and ENABLE find at an
 * address; and the real DETACH.
 *
 * Threads: the CP thread.
 */
#ifndef CP_COMMANDS_REAL_H
#define CP_COMMANDS_REAL_H

#include <stdbool.h>
#include <stdint.h>

struct args;
struct sysline;
struct systape;
struct sysvolume;
struct virtual_device;
struct vmblok;

struct real {
	uint16_t raddr;
	char text[8];	  /* "580" */
	const char *word; /* "DASD", "TAPE", "LINE" */
	/* one of these */
	struct sysvolume *volume;
	struct systape *drive;
	struct sysline *line;
};

/* false: there is no such device of the system's. */
bool real_at(struct vmblok *vm, uint16_t raddr, struct real *r);
bool real_online(const struct real *r);
/* Whose it is, and what it is there; NULL: nobody's. */
struct vmblok *real_user(const struct real *r, struct virtual_device **vdev);
/* The device of the system that a virtual device is; false: none. */
bool real_of(struct vmblok *vm, const struct virtual_device *vdev, struct real *r);

/* "580", "580-583": false if it is neither; last is first for a single one. */
bool real_range(const char *word, uint16_t *first, uint16_t *last);

/* Are these operands of DETACH devices of the system and a user? */
bool real_is_detach(const struct vmblok *vm, const struct args *args);
/* DETACH raddr... [FROM] userid|SYSTEM; its return code. */
int real_detach(struct vmblok *vm, struct args *args);
/* The operator hears that a user gave up what was the system's. */
void real_tell_detached(struct vmblok *vm, const struct virtual_device *vdev);

#endif
