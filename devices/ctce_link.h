/*
 * devices/ctce_link.h - the cable of a channel-to-channel adapter that goes over TCP:
 * two connections, and what goes over them. Compatible with Hercules' CTCE.
 *
 * In the first form (ctce_wire.h) each side has an even port L and the odd one L+1. It
 * sends over a connection that it makes from its port L to the other side's odd port, and
 * receives over the one that it accepts at its own odd port. In the second it listens at
 * L, makes its connection from any port, and greets. It takes two connections, of the
 * same form, to be coupled. A link whose ports allow both forms listens for both and tries
 * the second, then the first; of two connections in different forms the first's goes.
 *
 * Messages are at least as long as both sides have agreed ("small" length, usually that
 * of a message without data).
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
#include "devices/ctce_wire.h"

#define CTCE_DATA_MAX (65535u - 12u) /* what a message's length allows */

struct ctce_link;

struct ctce_config {
	uint16_t local_port, remote_port;
	bool old_form;		/* both ports are even, and the other side may have it */
	const char *remote;	/* host name or address */
	uint16_t small;		/* shortest message; 0: the form's */
	uint16_t most;		/* longest message of the second form */
	uint16_t device;	/* address, for the other side's messages */
	uint16_t remote_device; /* who may greet; 0: any device there */
	const char *name;	/* of the machine, for logs */
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

struct ctce_coupling {
	bool coupled;	     /* both connections are there, or messages that came */
	unsigned generation; /* changes with each new coupling */
	bool first;	     /* our command counts as the first of two that cross */
	bool resets;	     /* the other side wants to know of resets */
};

struct ctce_coupling ctce_link_coupling(struct ctce_link *link);

/* false: not coupled, it broke, or n is too much. data may be NULL with n 0. */
bool ctce_link_send(struct ctce_link *link, uint8_t command, uint8_t state,
		    uint16_t count, const uint8_t *data, size_t n);

/* The next message, to be freed by the caller; NULL: no more. */
struct ctce_message *ctce_link_take(struct ctce_link *link);

#endif
