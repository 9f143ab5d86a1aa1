/*
 * devices/ctce_link.h - the cable of a channel-to-channel adapter that goes over TCP:
 * two connections, and what goes over them. Compatible with Hercules' CTCE.
 *
 * Each side has an even port L and the odd one L+1. It sends over a connection that it
 * makes from its port L to the other side's odd port, and receives over the one that it
 * accepts at its own odd port. So it takes two connections to be coupled.
 *
 * A message is 12 bytes and perhaps data; integers are little endian:
 *
 *   0 command  1 state of the sender behind it  2 count of its CCW  4 serial number
 *   6 length of the whole message  8 device number  10 subchannel set (1)
 *
 * Messages are at least as long as both sides have agreed ("small" length, usual 12).
 *
 * Threads: a link has a thread of its own, which calls wake(); the other functions are
 * for one thread, the device's.
 */
#ifndef DEVICES_CTCE_LINK_H
#define DEVICES_CTCE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

#define CTCE_PREFIX   12u
#define CTCE_DATA_MAX (65535u - CTCE_PREFIX) /* what a message's length allows */

struct ctce_link;

struct ctce_config {
	uint16_t local_port, remote_port; /* even */
	const char *remote;		  /* host name or address */
	uint16_t small;			  /* shortest message, CTCE_PREFIX or more */
	uint16_t device;		  /* address, for the other side's messages */
	const char *name;		  /* of the machine, for logs */
	/* Something has come, or the coupling has changed. Must not wait. */
	void (*wake)(void *arg);
	void *arg;
};

struct ctce_message {
	unsigned generation; /* of the coupling that it came over */
	uint8_t command, state;
	uint16_t count;
	size_t length; /* of data: count for a write, else what padding there was */
	uint8_t data[];
};

/* Listen, and begin to look for the other side. NULL with err. */
MUST_USE struct ctce_link *ctce_link_open(const struct ctce_config *config,
					  struct error *err);
/* Ends the thread. */
void ctce_link_close(struct ctce_link *link);

/*
 * Are both connections there, or messages that came over them? generation changes
 * with each new coupling; first: ours
 * was made before the other side's.
 */
bool ctce_link_coupled(struct ctce_link *link, unsigned *generation, bool *first);

/* false: not coupled, or it broke. data may be NULL with n 0. */
bool ctce_link_send(struct ctce_link *link, uint8_t command, uint8_t state,
		    uint16_t count, const uint8_t *data, size_t n);

/* The next message, to be freed by the caller; NULL: no more. */
struct ctce_message *ctce_link_take(struct ctce_link *link);

#endif
