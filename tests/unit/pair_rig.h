/*
 * tests/unit/pair_rig.h - two devices on the channels of channel_rig.h that are the ends
 * of something: one at DEV, the other at FAR_END, on another channel.
 */
#ifndef TESTS_UNIT_PAIR_RIG_H
#define TESTS_UNIT_PAIR_RIG_H

#include "tests/unit/channel_rig.h"

#define FAR_END 0x320u

static struct device *dev, *far_dev; /* far_dev may be NULL */

/* What a machine's queue does when another thread has something for the device. */
static inline void wake(struct device *d)
{
	const struct machine_request req = { .kind = MACHINE_WAKE_DEVICE };

	if (d)
		ck_assert(d->class->request(d, &req, NULL));
}

static inline uint32_t channel_bit(uint16_t address)
{
	return UINT32_C(0x80000000) >> (address >> 8);
}

/* Start one command at an end, with these CCW flags; the condition code. */
static inline unsigned start_ccw(uint16_t address, uint8_t op, uint32_t data, uint8_t flags,
				 uint16_t count)
{
	uint32_t at = address == DEV ? PROGRAM : PROGRAM + 0x100;
	uint8_t caw[4];
	unsigned cc;

	ccw(at, op, data, flags, count);
	put_be32(caw, at);
	poke(0x48, caw, 4);
	cc = channels_io(cs, IO_SIO, address, 0);
	channels_hold(cs, 0, true);
	return cc;
}

#endif
