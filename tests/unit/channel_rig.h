/*
 * tests/unit/channel_rig.h - channels without a CPU, for tests of channels and
 * devices: store CCWs, start them, look at the CSW. The device is at DEV.
 */
#ifndef TESTS_UNIT_CHANNEL_RIG_H
#define TESTS_UNIT_CHANNEL_RIG_H

#include <string.h>

#include "base/bytes.h"
#include "base/ebcdic.h"
#include "devices/channel.h"
#include "devices/machine.h"
#include "tests/unit/runner.h"

#define STORAGE	 (256u << 10)
#define PROGRAM	 0x1000u
#define DATA	 0x2000u
#define DEV	 0x120u
#define SENTINEL 0xEE

enum {
	CD = 0x80,
	CC = 0x40,
	SLI = 0x20,
	SKIP = 0x10,
	PCI = 0x08,
	IDA = 0x04,
	SUSP = 0x02
};

static struct storage *st;
static struct channels *cs;
static bool pending;

static inline void note_pending(void *arg, bool on)
{
	(void)arg;
	pending = on;
}

static inline void rig_setup(void)
{
	const struct channels_owner owner = { .pending = note_pending };

	pending = false;
	st = storage_new(STORAGE, NULL);
	cs = channels_new(st, &owner, NULL);
}

static inline void rig_teardown(void)
{
	channels_free(cs);
	storage_free(st);
}

static inline void poke(uint32_t at, const void *data, size_t n)
{
	ck_assert(storage_store(st, at, 0, data, n, NULL) == STORAGE_OK);
}

static inline void peek(uint32_t at, void *data, size_t n)
{
	ck_assert(storage_fetch(st, at, 0, data, n, NULL) == STORAGE_OK);
}

static inline void ccw(uint32_t at, uint8_t op, uint32_t data, uint8_t flags,
		       uint16_t count)
{
	uint8_t b[8] = { op };

	put_be24(b + 1, data);
	b[4] = flags;
	put_be16(b + 6, count);
	poke(at, b, 8);
}

static inline unsigned sio(uint8_t key, uint32_t at)
{
	uint8_t caw[4], csw[8];
	unsigned cc;

	memset(csw, SENTINEL, 8);
	poke(0x40, csw, 8);
	put_be32(caw, at);
	caw[0] = key;
	poke(0x48, caw, 4);
	cc = channels_io(cs, IO_SIO, DEV, 0);
	channels_hold(cs, 0, true); /* the CPU waits */
	return cc;
}

static inline unsigned io(enum io_op op)
{
	return channels_io(cs, op, DEV, 0);
}

/* The CSW at X'40' as key/address, unit, channel status, count. */
static inline void check_csw(const char *what, uint32_t address, unsigned status,
			     unsigned count)
{
	uint8_t csw[8];

	peek(0x40, csw, 8);
	ck_assert_msg(be16(csw + 4) == status, "%s: status is %04X, not %04X", what,
		      be16(csw + 4), status);
	ck_assert_msg(be24(csw + 1) == address, "%s: CCW address is %06X, not %06X", what,
		      be24(csw + 1), address);
	ck_assert_msg(be16(csw + 6) == count, "%s: count is %u, not %u", what,
		      be16(csw + 6), count);
}

static inline void interruption(const char *what, uint32_t address, unsigned status,
				unsigned count)
{
	uint16_t who = 0;

	ck_assert_msg(pending, "%s: nothing pending", what);
	ck_assert_msg(channels_interruption(cs, 0xFFFFFFFF, 0, &who), "%s: none", what);
	ck_assert_uint_eq(who, DEV);
	check_csw(what, address, status, count);
}

#endif
