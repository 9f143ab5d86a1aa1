/*
 * devices/channel.c - I/O instructions, interruptions, resets.
 *
 * GA22-7000, "Input/Output Operations", Input/Output Instructions and
 * Input/Output Interruptions.
 */
#include "devices/channel.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "devices/machine.h"
#include "devices/subchannel.h"

#define CSW_ADDRESS	   0x40
#define CAW_ADDRESS	   0x48
#define CHANNEL_ID_ADDRESS 0xA8

enum { CC_0, CC_CSW_STORED = 1, CC_BUSY = 2, CC_NOT_OPERATIONAL = 3 };

static uint32_t channel_bit(unsigned channel)
{
	return UINT32_C(0x80000000) >> channel;
}

/* ---- assigned storage: real page 0 is at absolute address prefix */

static void store_low(struct channels *cs, uint32_t aaddr, const void *data,
		      size_t length)
{
	/* Assigned storage exists in every machine and is not key-protected. */
	if (storage_store(cs->st, aaddr, 0, data, length, NULL) != STORAGE_OK)
		BUG("assigned storage");
}

static void csw_store(struct channels *cs, uint32_t prefix, const uint8_t csw[8])
{
	store_low(cs, prefix + CSW_ADDRESS, csw, 8);
}

/* Condition code 1 of SIO and HIO replaces the two status bytes only. */
static unsigned csw_store_status(struct channels *cs, uint32_t prefix, uint8_t unit,
				 uint8_t chstat)
{
	const uint8_t status[2] = { unit, chstat };

	store_low(cs, prefix + CSW_ADDRESS + 4, status, sizeof(status));
	return CC_CSW_STORED;
}

/* ---- who can interrupt */

static void channel_update(struct channels *cs, unsigned number)
{
	const struct channel *ch = cs->channel[number];
	uint32_t before = cs->pending;

	if (ch->pending[0] | ch->pending[1] | ch->pending[2] | ch->pending[3])
		cs->pending |= channel_bit(number);
	else
		cs->pending &= ~channel_bit(number);
	if (!before != !cs->pending)
		cs->owner.pending(cs->owner.arg, cs->pending != 0);
}

static bool can_interrupt(const struct subchannel *sch)
{
	if (sch->pending || sch->pci || sch->suspend_told)
		return sch->state != SCH_RUNNING && !sch->held;
	return sch->unsolicited && sch->state == SCH_IDLE;
}

void sch_update(struct subchannel *sch)
{
	unsigned number = sch->dev.address >> 8, unit = sch->dev.address & 0xFF;
	struct channel *ch = sch->cs->channel[number];
	uint64_t bit = UINT64_C(1) << (unit & 63);
	uint64_t *word = &ch->pending[unit >> 6];
	bool on = can_interrupt(sch);

	if (on == !!(*word & bit))
		return;
	*word ^= bit;
	channel_update(sch->cs, number);
}

/*
 * Keep the ending status of a program that ended inside SIO from interrupting at
 * once; see channels_hold().
 */
static void sch_hold(struct subchannel *sch)
{
	if (sch->held)
		return;
	sch->held = true;
	sch->held_until = 0;
	sch->next_held = sch->cs->held;
	sch->cs->held = sch;
}

static void let_go(struct subchannel *sch)
{
	struct subchannel **link = &sch->cs->held;

	if (!sch->held)
		return;
	while (*link != sch)
		link = &(*link)->next_held;
	*link = sch->next_held;
	sch->held = false;
	sch_update(sch);
}

bool channels_hold(struct channels *cs, uint64_t icount, bool waits)
{
	bool any = false;
	struct subchannel *next;

	for (struct subchannel *sch = cs->held; sch; sch = next) {
		next = sch->next_held;
		if (!sch->held_until)
			sch->held_until = icount + CHANNEL_HOLD;
		if (waits || sch->held_until <= icount) {
			let_go(sch);
			any = true;
		}
	}
	return any;
}

uint64_t channels_held_until(const struct channels *cs)
{
	uint64_t until = UINT64_MAX;

	for (const struct subchannel *sch = cs->held; sch; sch = sch->next_held)
		if (sch->held_until < until)
			until = sch->held_until;
	return until;
}

void sch_set_state(struct subchannel *sch, enum sch_state state)
{
	if (state == SCH_READY && sch->state != SCH_READY)
		sch->cs->ready++;
	else if (state != SCH_READY && sch->state == SCH_READY)
		sch->cs->ready--;
	sch->state = state;
	/* While it runs nothing can be presented; the end of it updates. */
	if (state != SCH_RUNNING)
		sch_update(sch);
}

/* Forget ending status: it was presented or reset. */
static void sch_clear_pending(struct subchannel *sch)
{
	sch->pending = false;
	sch->pci = false;
	sch->suspend_told = false;
	let_go(sch);
	sch_update(sch);
}

/*
 * Give the status that sch holds, as a CSW, and clear it. Ending status of the
 * subchannel comes first, then PCI or suspension of a program that goes on,
 * then what the device holds by itself.
 */
static void take_status(struct subchannel *sch, uint8_t csw[8])
{
	memset(csw, 0, 8);
	if (sch->pending) {
		memcpy(csw, sch->csw, 8);
		sch->pending = false;
		let_go(sch);
	} else if (sch->pci || sch->suspend_told) {
		csw_build(sch, csw, 0, sch->pci ? CS_PCI : 0);
		if (sch->suspend_told) {
			csw[0] |= CSW_SUSPENDED;
			put_be24(csw + 1, sch->next + 8);
		}
		sch->pci = sch->suspend_told = false;
	} else {
		csw[4] = sch->unsolicited;
		sch->unsolicited = 0;
	}
	sch_update(sch);
}

static struct subchannel *first_pending(const struct channel *ch)
{
	for (unsigned w = 0; w < 4; w++)
		if (ch->pending[w])
			return ch->unit[w * 64 +
					(unsigned)__builtin_ctzll(ch->pending[w])];
	return NULL;
}

bool channels_interruption(struct channels *cs, uint32_t mask, uint32_t prefix,
			   uint16_t *address)
{
	uint32_t enabled = cs->pending & mask;
	struct subchannel *sch;
	uint8_t csw[8];

	if (!enabled)
		return false;
	sch = first_pending(cs->channel[__builtin_clz(enabled)]);
	assert(sch);
	take_status(sch, csw);
	csw_store(cs, prefix, csw);
	*address = sch->dev.address;
	return true;
}

bool channels_pending(const struct channels *cs)
{
	return cs->pending != 0;
}

/* ---- instructions */

static bool sch_active(const struct subchannel *sch)
{
	return sch->state != SCH_IDLE;
}

/* Does another device hold this (selector) channel? */
static bool held_by_other(const struct subchannel *sch)
{
	unsigned number = sch->dev.address >> 8;
	const struct channel *ch = sch->cs->channel[number];

	if (sch->cs->type[number] != CHANNEL_SELECTOR)
		return false;
	for (unsigned w = 0; w < 4; w++)
		for (uint64_t bits = ch->present[w]; bits; bits &= bits - 1) {
			const struct subchannel *other =
				ch->unit[w * 64 + (unsigned)__builtin_ctzll(bits)];

			if (other != sch && (sch_active(other) || other->pending))
				return true;
		}
	return false;
}

/*
 * Condition code 1 with what the device holds by itself, and busy if the
 * command was not accepted because of it.
 */
static unsigned device_status(struct subchannel *sch, uint32_t prefix)
{
	uint8_t unit = sch->unsolicited | US_BUSY;

	sch->unsolicited = 0;
	sch_update(sch);
	return csw_store_status(sch->cs, prefix, unit, 0);
}

static void count_start(struct subchannel *sch)
{
	sch->cs->started++;
	if (sch->dev.counts)
		atomic_fetch_add_explicit(&sch->dev.counts->starts, 1, memory_order_relaxed);
}

/*
 * START I/O, START I/O FAST RELEASE. The latter is executed like the former,
 * which the manual permits.
 */
static unsigned start_program(struct subchannel *sch, const uint8_t caw[4], bool diagnose,
			      uint32_t prefix)
{
	struct channels *cs = sch->cs;

	if (sch_active(sch) || sch->pending || held_by_other(sch))
		return CC_BUSY;
	if (sch->unsolicited || sch->device_busy)
		return device_status(sch, prefix);
	if ((caw[0] & 0x07) || (caw[3] & 0x07))
		return csw_store_status(cs, prefix, 0, CS_PROGRAM);
	sch->suspend_control = caw[0] & 0x08;
	count_start(sch);
	if (!sch->dev.class->quick)
		sch_hold(sch);
	sch->io.diagnose = diagnose;
	ccw_start(sch, caw[0] & 0xF0, be24(caw + 1), NULL);
	sch->io.diagnose = diagnose && sch_active(sch);
	if (!sch->pending || !sch->at_initiation) {
		if (!sch->pending)
			let_go(sch); /* it goes on: time will pass anyway */
		return CC_0;
	}
	sch_clear_pending(sch);
	return csw_store_status(cs, prefix, sch->csw[4], sch->csw[5]);
}

static unsigned start_io(struct subchannel *sch, uint32_t prefix)
{
	uint8_t caw[4];

	if (storage_fetch(sch->cs->st, prefix + CAW_ADDRESS, 0, caw, 4, NULL) != STORAGE_OK)
		BUG("assigned storage");
	return start_program(sch, caw, false, prefix);
}

static unsigned test_io(struct subchannel *sch, uint32_t prefix)
{
	uint8_t csw[8];

	if (held_by_other(sch))
		return CC_BUSY;
	if (sch_active(sch) && !sch->suspend_told)
		return CC_BUSY;
	if (!sch->pending && !sch->suspend_told && !sch->unsolicited) {
		if (sch->device_busy)
			return csw_store_status(sch->cs, prefix, US_BUSY, 0);
		return CC_0;
	}
	take_status(sch, csw);
	csw_store(sch->cs, prefix, csw);
	return CC_CSW_STORED;
}

/* CLEAR I/O: end what the subchannel does and tell how far it came. */
static unsigned clear_io(struct subchannel *sch, uint32_t prefix)
{
	if (sch_active(sch))
		ccw_halt(sch);
	else if (!sch->pending)
		return CC_0;
	csw_store(sch->cs, prefix, sch->csw);
	sch_clear_pending(sch);
	return CC_CSW_STORED;
}

/*
 * HALT I/O, HALT DEVICE: an operation in progress ends with an interruption.
 * On a selector channel it was a burst, which gives cc 2.
 */
static unsigned halt_io(struct subchannel *sch, uint32_t prefix)
{
	bool burst = sch->cs->type[sch->dev.address >> 8] == CHANNEL_SELECTOR;

	if (sch->pending)
		return CC_0;
	if (sch_active(sch)) {
		ccw_halt(sch);
		if (burst)
			return CC_BUSY;
	}
	return csw_store_status(sch->cs, prefix, 0, 0);
}

static unsigned resume_io(struct subchannel *sch)
{
	if (sch->state != SCH_SUSPENDED)
		return CC_BUSY;
	sch->suspend_told = false;
	ccw_continue(sch);
	return CC_0;
}

/* TEST CHANNEL: cc 1 when an interruption of the channel is waiting. */
static unsigned test_channel(const struct channels *cs, unsigned number)
{
	const struct channel *ch = cs->channel[number];

	if (cs->pending & channel_bit(number))
		return CC_CSW_STORED;
	if (cs->type[number] != CHANNEL_SELECTOR)
		return CC_0;
	for (unsigned u = 0; u < 256; u++)
		if (ch->unit[u] && sch_active(ch->unit[u]))
			return CC_BUSY;
	return CC_0;
}

/* STORE CHANNEL ID: type in bits 0-3, model and logout length zero. */
static unsigned store_channel_id(struct channels *cs, unsigned number, uint32_t prefix)
{
	uint8_t id[4] = { (uint8_t)(cs->type[number] << 4) };

	store_low(cs, prefix + CHANNEL_ID_ADDRESS, id, sizeof(id));
	return CC_0;
}

void sch_reset(struct subchannel *sch)
{
	if (sch->state == SCH_WORKING && sch->dev.class->halt)
		sch->dev.class->halt(&sch->dev, &sch->io);
	if (sch->dev.class->reset)
		sch->dev.class->reset(&sch->dev);
	memset(sch->dev.sense, 0, sizeof(sch->dev.sense));
	sch->unsolicited = 0;
	sch->device_busy = false;
	sch->pending = sch->pci = sch->suspend_told = false;
	let_go(sch);
	sch_set_state(sch, SCH_IDLE);
}

static unsigned clear_channel(struct channels *cs, unsigned number)
{
	struct channel *ch = cs->channel[number];

	for (unsigned u = 0; u < 256; u++)
		if (ch->unit[u])
			sch_reset(ch->unit[u]);
	return CC_0;
}

/*
 * CONNECT and DISCONNECT CHANNEL SET: all channels are one set, number 0, which
 * stays connected. DISCS answers cc 1, "connected to another CPU".
 */
static unsigned channel_set(enum io_op op, uint16_t address)
{
	if (address != 0)
		return CC_NOT_OPERATIONAL;
	return op == IO_CONCS ? CC_0 : CC_CSW_STORED;
}

static bool whole_channel(enum io_op op)
{
	return op == IO_TCH || op == IO_CLRCH || op == IO_STIDC;
}

static unsigned channel_io(struct channels *cs, enum io_op op, uint16_t address,
			   uint32_t prefix)
{
	const struct channel *ch = channel_at(cs, address);

	if (!ch || !ch->devices)
		return CC_NOT_OPERATIONAL;
	if (op == IO_TCH)
		return test_channel(cs, address >> 8);
	if (op == IO_STIDC)
		return store_channel_id(cs, address >> 8, prefix);
	return clear_channel(cs, address >> 8);
}

unsigned channels_io(struct channels *cs, enum io_op op, uint16_t address,
		     uint32_t prefix)
{
	struct subchannel *sch;

	if (op == IO_CONCS || op == IO_DISCS)
		return channel_set(op, address);
	if (whole_channel(op))
		return channel_io(cs, op, address, prefix);
	sch = sch_at(cs, address);
	if (!sch)
		return CC_NOT_OPERATIONAL;
	switch (op) {
	case IO_SIO:
	case IO_SIOF: return start_io(sch, prefix);
	case IO_TIO: return test_io(sch, prefix);
	case IO_CLRIO: return clear_io(sch, prefix);
	case IO_HIO:
	case IO_HDV: return halt_io(sch, prefix);
	case IO_RIO: return resume_io(sch);
	default: return CC_NOT_OPERATIONAL;
	}
}

/* ---- programs that take more than one turn */

bool channels_have_work(const struct channels *cs)
{
	return cs->ready != 0;
}

bool channels_work(struct channels *cs)
{
	if (!cs->ready)
		return false;
	for (unsigned c = 0; c < CHANNEL_COUNT; c++)
		for (unsigned u = 0; cs->channel[c] && u < 256; u++)
			if (cs->channel[c]->unit[u] &&
			    cs->channel[c]->unit[u]->state == SCH_READY)
				ccw_continue(cs->channel[c]->unit[u]);
	return cs->ready != 0;
}

unsigned channels_start(struct channels *cs, uint16_t address, uint8_t key, uint32_t ccw,
			uint32_t prefix)
{
	struct subchannel *sch = sch_at(cs, address);
	uint8_t caw[4];

	if (!sch)
		return CC_NOT_OPERATIONAL;
	put_be32(caw, (uint32_t)(key & 0xF0) << 24 | (ccw & 0xFFFFFF));
	return start_program(sch, caw, true, prefix);
}

bool channels_program(const struct channels *cs, uint16_t address, uint32_t *first)
{
	const struct subchannel *sch = sch_at(cs, address);

	if (!sch || !sch_active(sch))
		return false;
	*first = sch->first;
	return true;
}

/* So many turns (COMMANDS_PER_TURN of ccw.c) are enough for any honest program. */
#define RUN_TURNS 256

/* A device end that came behind the channel end belongs to the same operation. */
static void take_device_end(struct subchannel *sch, uint8_t csw[8])
{
	if (!(sch->unsolicited & US_DE))
		return;
	csw[4] |= US_DE;
	sch->unsolicited &= (uint8_t)~US_DE;
}

unsigned channels_run(struct channels *cs, uint16_t address, uint8_t key, uint32_t ccw,
		      uint8_t csw[8])
{
	struct subchannel *sch = sch_at(cs, address);

	if (!sch)
		return CC_NOT_OPERATIONAL;
	if (sch_active(sch) || sch->pending || held_by_other(sch) || sch->unsolicited ||
	    sch->device_busy)
		return CC_BUSY;
	sch->suspend_control = false;
	count_start(sch);
	ccw_start(sch, key, ccw, NULL);
	for (unsigned n = 0; n < RUN_TURNS && sch->state == SCH_READY; n++)
		ccw_continue(sch);
	if (sch_active(sch))
		ccw_halt(sch);
	memcpy(csw, sch->csw, 8);
	take_device_end(sch, csw); /* a tape that was rewound */
	sch_clear_pending(sch);
	return CC_0;
}

/* ---- initial program loading */

unsigned channels_ipl(struct channels *cs, uint16_t address)
{
	/* READ IPL, command chaining and SLI, 24 bytes to 0. */
	static const uint8_t read_ipl[8] = { 0x02, 0, 0, 0, CCW_CC | CCW_SLI, 0, 0, 24 };
	struct subchannel *sch = sch_at(cs, address);

	if (!sch)
		return CC_NOT_OPERATIONAL;
	sch->suspend_control = false;
	ccw_start(sch, 0, 8, read_ipl);
	return CC_0;
}

bool channels_ipl_done(struct channels *cs, uint16_t address, uint8_t csw[8], bool *ok)
{
	struct subchannel *sch = sch_at(cs, address);

	*ok = false;
	memset(csw, 0, 8);
	if (!sch) /* detached meanwhile */
		return true;
	if (!sch->pending || (sch->device_busy && !(sch->unsolicited & US_DE)))
		return false;
	memcpy(csw, sch->csw, 8);
	take_device_end(sch, csw);
	sch_clear_pending(sch);
	*ok = csw[4] == (US_CE | US_DE) && !(csw[5] & ~CS_PCI);
	return true;
}

/* ---- resets */

void channels_reset(struct channels *cs)
{
	for (unsigned c = 0; c < CHANNEL_COUNT; c++)
		if (cs->channel[c])
			clear_channel(cs, c);
}

bool channels_reset_device(struct channels *cs, uint16_t address)
{
	struct device *dev = channels_device(cs, address);

	if (dev)
		sch_reset(dev->sch);
	return dev != NULL;
}

uint64_t channels_started(const struct channels *cs)
{
	return cs->started;
}
