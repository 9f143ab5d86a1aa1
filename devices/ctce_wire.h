/*
 * devices/ctce_wire.h - what goes over the cable of a channel-to-channel adapter, as
 * bytes: the two forms that Hercules' CTCE has had. Integers are little endian.
 *
 *                            3.13   SDL Hyperion (4.x)
 *   command                    0      0
 *   state of the sender        1      1
 *   count of its CCW           2      2
 *   serial number              4      4
 *   length, all included       6      8
 *   device number              8     10
 *   subchannel set            10     12
 *   data                      12     16
 *
 * In the second form a connection begins with a greeting, as long as the shortest
 * message: 0 flags, 2 port of the sender, 4 IPv4 address that it connects to, and from
 * 8 on as above.
 */
#ifndef DEVICES_CTCE_WIRE_H
#define DEVICES_CTCE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ctce_form {
	CTCE_OLD, /* ports L and L+1: connects from L, listens at L+1 */
	CTCE_NEW, /* port L: listens there, connects from anywhere */
	CTCE_FORMS,
};

#define CTCE_PREFIX_MAX 16u
#define CTCE_GREETING	16u
/* Longest message of the second form that Hyperion has room for unless told. */
#define CTCE_NEW_MAX	62552u

struct ctce_prefix {
	uint8_t command, state;
	uint16_t count, serial;
	uint16_t length; /* of the whole message */
	uint16_t device;
};

struct ctce_greeting {
	bool receiving; /* the sender has the other connection already */
	uint16_t port;	/* where it listens */
	uint8_t to[4];	/* the address that it connects to */
	uint16_t length, device, set;
};

size_t ctce_prefix_size(enum ctce_form form);
void ctce_prefix_put(enum ctce_form form, uint8_t *bytes, const struct ctce_prefix *p);
void ctce_prefix_get(enum ctce_form form, const uint8_t *bytes, struct ctce_prefix *p);

void ctce_greeting_put(uint8_t bytes[CTCE_GREETING], const struct ctce_greeting *g);
void ctce_greeting_get(const uint8_t bytes[CTCE_GREETING], struct ctce_greeting *g);

/*
 * Does the command of this side, in the second form, count as the first of two that
 * cross? ours and theirs are the addresses, as Hyperion compares them.
 */
bool ctce_greeting_first(const struct ctce_greeting *theirs, const uint8_t their_address[4],
			 uint16_t our_device);

#endif
