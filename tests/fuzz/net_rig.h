/*
 * tests/fuzz/net_rig.h - what the fuzzers of network devices share: channels without a
 * CPU, and the input byte by byte.
 */
#ifndef TESTS_FUZZ_NET_RIG_H
#define TESTS_FUZZ_NET_RIG_H

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/log.h"
#include "devices/channel.h"
#include "devices/machine.h"

#define STORAGE	   (64u << 10)
#define PROGRAM	   0x1000u
#define DEV	   0x180u
#define OPERATIONS 200 /* of one input: keeps it quick */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

struct rig {
	struct storage *st;
	struct channels *cs;
	struct device *dev;
	const uint8_t *at, *end;
};

static inline uint8_t next(struct rig *r)
{
	return r->at < r->end ? *r->at++ : 0;
}

static inline uint16_t next16(struct rig *r)
{
	uint16_t high = next(r);

	return (uint16_t)(high << 8 | next(r));
}

static inline size_t next_bytes(struct rig *r, const uint8_t **bytes, size_t n)
{
	if (n > (size_t)(r->end - r->at))
		n = (size_t)(r->end - r->at);
	*bytes = r->at;
	r->at += n;
	return n;
}

static inline void note_pending(void *arg, bool on)
{
	(void)arg;
	(void)on;
}

static inline void rig_begin(struct rig *r, const uint8_t *bytes, size_t n)
{
	static const struct channels_owner owner = { .pending = note_pending };

	*r = (struct rig){ .at = bytes, .end = bytes + n };
	r->st = storage_new(STORAGE, NULL);
	r->cs = channels_new(r->st, &owner, NULL);
	if (!r->st || !r->cs)
		abort();
}

static inline void rig_end(struct rig *r)
{
	channels_free(r->cs);
	storage_free(r->st);
}

static inline void poke(struct rig *r, uint32_t at, const void *data, size_t n)
{
	if (storage_store(r->st, at, 0, data, n, NULL) != STORAGE_OK)
		abort();
}

/* Two CCWs, the first perhaps chained to the second by command or data. */
static inline void start_program(struct rig *r, uint8_t first, uint8_t second)
{
	uint8_t b[16] = { first, 0, 0x20, 0, (uint8_t)(next(r) & 0xE0), 0, 0, 0,
			  second, 0, 0x80, 0, 0x20, 0, 0, 0 }, caw[4];

	put_be16(b + 6, next16(r));
	put_be16(b + 14, next16(r));
	if (b[6] == 0 && b[7] == 0)
		b[7] = 1;
	if (b[14] == 0 && b[15] == 0)
		b[15] = 1;
	poke(r, PROGRAM, b, sizeof(b));
	put_be32(caw, PROGRAM);
	poke(r, 0x48, caw, 4);
	channels_io(r->cs, IO_SIO, DEV, 0);
}

static inline void take_interruptions(struct rig *r)
{
	uint16_t who = 0;

	channels_hold(r->cs, 0, true);
	for (int i = 0; i < 8 && channels_interruption(r->cs, 0xFFFFFFFF, 0, &who); i++)
		if (who != DEV)
			abort();
}

static inline void wake_device(struct rig *r)
{
	const struct machine_request req = { .kind = MACHINE_WAKE_DEVICE };
	struct error err = { 0 };

	if (r->dev && !r->dev->class->request(r->dev, &req, &err))
		abort();
}

#endif
