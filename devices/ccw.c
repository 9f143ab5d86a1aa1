/*
 * devices/ccw.c - channel programs: fetching CCWs, moving data, chaining.
 *
 * GA22-7000, "Input/Output Operations", Execution of Input/Output Operations.
 */
#include "devices/subchannel.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "base/compiler.h"

/* After so many commands a program gives the CPU and the owner a turn. */
#define COMMANDS_PER_TURN 2048

/*
 * A data chain longer than this is a loop: real channels follow it until the
 * device ends, which a device that takes whatever comes would never do.
 */
#define DATA_CHAIN_MAX 65536

#define CHANNEL_ADDRESS_MAX 0xFFFFFFu /* 24-bit addresses */
#define IDAW_BLOCK	    2048u

static bool is_tic(const uint8_t *ccw)
{
	return (ccw[0] & 0x0F) == 0x08;
}

static bool is_control(uint8_t command)
{
	return (command & 0x03) == 0x03;
}

static bool is_read_backward(uint8_t command)
{
	return (command & 0x0F) == 0x0C;
}

static bool channel_check(struct subchannel *sch, uint8_t chstat)
{
	sch->chstat |= chstat;
	return false;
}

/* Anything in the channel status that ends the program. */
static bool stopped(const struct subchannel *sch)
{
	return sch->chstat & ~CS_PCI;
}

static bool fetch(struct subchannel *sch, uint32_t address, void *buffer, size_t length)
{
	if (address > CHANNEL_ADDRESS_MAX)
		return channel_check(sch, CS_PROGRAM);
	switch (storage_fetch(sch->cs->st, address, sch->key, buffer, length, NULL)) {
	case STORAGE_OK: return true;
	case STORAGE_PROTECTION: return channel_check(sch, CS_PROTECTION);
	default: return channel_check(sch, CS_PROGRAM);
	}
}

/*
 * The next CCW that is not a transfer in channel. On failure sch->next is what
 * the CSW shall hold: 8 past the CCW that is at fault.
 */
static bool ccw_find(struct subchannel *sch, uint8_t ccw[8], bool first)
{
	bool after_tic = first;

	for (;;) {
		uint32_t at = sch->next;

		sch->next = at + 8;
		if (!fetch(sch, at, ccw, 8))
			return false;
		if (!is_tic(ccw))
			return true;
		/* A TIC may be neither first nor behind a TIC. */
		if (after_tic || (be24(ccw + 1) & 7))
			return channel_check(sch, CS_PROGRAM);
		sch->next = be24(ccw + 1);
		after_tic = true;
	}
}

/* Make ccw current, checking what is checked before a command is issued. */
static bool ccw_take(struct subchannel *sch, const uint8_t ccw[8], bool data_chaining)
{
	uint8_t flags = ccw[4];

	sch->flags = flags;
	sch->count = be16(ccw + 6);
	sch->data = be24(ccw + 1);
	sch->io.control = ccw[5];
	sch->block = 0;
	if (flags & CCW_PCI)
		sch->pci = true;
	if (!data_chaining) {
		if ((ccw[0] & 0x0F) == 0)
			return channel_check(sch, CS_PROGRAM);
		sch->io.command = ccw[0];
	}
	if (sch->count == 0 || (flags & CCW_RESERVED) ||
	    ((flags & CCW_SUSPEND) && !sch->suspend_control))
		return channel_check(sch, CS_PROGRAM);
	if (flags & CCW_IDA) {
		if (sch->data & 3)
			return channel_check(sch, CS_PROGRAM);
		sch->idal = sch->data;
		sch->first_idaw = true;
	}
	return true;
}

static bool data_chain(struct subchannel *sch)
{
	uint8_t ccw[8];

	if (++sch->chained > DATA_CHAIN_MAX)
		return channel_check(sch, CS_CHAINING);
	return ccw_find(sch, ccw, false) && ccw_take(sch, ccw, true);
}

/* Enter the 2K block of the next IDAW. */
static bool next_idaw(struct subchannel *sch, bool backward)
{
	uint32_t start = backward ? IDAW_BLOCK - 1 : 0;
	uint8_t idaw[4];

	if (!fetch(sch, sch->idal, idaw, sizeof(idaw)))
		return false;
	sch->data = be24(idaw + 1);
	if (idaw[0] || (!sch->first_idaw && sch->data % IDAW_BLOCK != start))
		return channel_check(sch, CS_PROGRAM);
	sch->block = backward ? sch->data % IDAW_BLOCK + 1
			      : IDAW_BLOCK - sch->data % IDAW_BLOCK;
	sch->idal += 4;
	sch->first_idaw = false;
	return true;
}

/* How one stretch of consecutive storage takes part in a transfer. */
enum direction { TO_DEVICE, TO_STORAGE, TO_STORAGE_BACKWARD };

/* Bytes left between sch->data and the end of the 24-bit address space. */
static size_t space_left(const struct subchannel *sch, enum direction dir)
{
	if (dir == TO_STORAGE_BACKWARD)
		return sch->data == UINT32_MAX ? 0 : sch->data + 1;
	return sch->data > CHANNEL_ADDRESS_MAX ? 0 : CHANNEL_ADDRESS_MAX + 1 - sch->data;
}

/* Store data[0] at the current address, data[1] below it and so on. */
static enum storage_status store_backward(struct subchannel *sch, const uint8_t *data,
					  size_t n, size_t *done)
{
	enum storage_status st = STORAGE_OK;

	for (*done = 0; *done < n && st == STORAGE_OK; *done += st == STORAGE_OK)
		st = storage_store(sch->cs->st, sch->data - (uint32_t)*done, sch->key,
				   data + *done, 1, NULL);
	return st;
}

/* Move n bytes within one stretch; false with channel status set: *done moved. */
static bool move_stretch(struct subchannel *sch, uint8_t *buffer, size_t n,
			 enum direction dir, size_t *done)
{
	enum storage_status st = STORAGE_OK;
	size_t room = space_left(sch, dir);
	size_t want = n < room ? n : room;

	*done = want;
	if ((sch->flags & CCW_SKIP) && dir != TO_DEVICE) {
		*done = n;
		return true;
	}
	if (want && dir == TO_DEVICE)
		st = storage_fetch(sch->cs->st, sch->data, sch->key, buffer, want, done);
	else if (want && dir == TO_STORAGE)
		st = storage_store(sch->cs->st, sch->data, sch->key, buffer, want, done);
	else if (want)
		st = store_backward(sch, buffer, want, done);
	if (st == STORAGE_PROTECTION)
		return channel_check(sch, CS_PROTECTION);
	if (st != STORAGE_OK || want < n)
		return channel_check(sch, CS_PROGRAM);
	return true;
}

static size_t transfer(struct ccw_io *io, uint8_t *buffer, size_t length,
		       enum direction dir)
{
	struct subchannel *sch = io->sch;
	bool backward = dir == TO_STORAGE_BACKWARD;
	size_t done = 0;

	sch->moved = true;
	while (done < length && !stopped(sch)) {
		size_t n = length - done, moved;
		bool ok;

		if (sch->count == 0) {
			sch->excess = dir != TO_DEVICE;
			break;
		}
		if (n > sch->count)
			n = sch->count;
		if (sch->flags & CCW_IDA) {
			if (sch->block == 0 && !next_idaw(sch, backward))
				break;
			if (n > sch->block)
				n = sch->block;
			sch->block -= (uint16_t)n;
		}
		ok = move_stretch(sch, buffer + done, n, dir, &moved);
		sch->count -= (uint16_t)moved;
		sch->data += backward ? -(uint32_t)moved : (uint32_t)moved;
		done += moved;
		if (!ok || (sch->count == 0 && (sch->flags & CCW_CD) && !data_chain(sch)))
			break;
	}
	return done;
}

size_t ccw_put(struct ccw_io *io, const void *data, size_t length)
{
	/* The buffer is only read when data goes to storage. */
	return transfer(io, (uint8_t *)(uintptr_t)data, length,
			is_read_backward(io->command) ? TO_STORAGE_BACKWARD : TO_STORAGE);
}

size_t ccw_get(struct ccw_io *io, void *buffer, size_t length)
{
	return transfer(io, buffer, length, TO_DEVICE);
}

/* ---- ends */

void csw_build(const struct subchannel *sch, uint8_t csw[8], uint8_t unit, uint8_t chstat)
{
	csw[0] = sch->key;
	put_be24(csw + 1, sch->next);
	csw[4] = unit;
	csw[5] = chstat;
	put_be16(csw + 6, sch->count);
}

/*
 * Nothing of this program waits to be written any more, or the unit status that says
 * that something was lost.
 */
static uint8_t settle(struct subchannel *sch)
{
	struct device *dev = &sch->dev;

	return dev->class->settle ? (uint8_t)dev->class->settle(dev) : 0;
}

static void program_end(struct subchannel *sch, uint8_t unit)
{
	unit |= settle(sch);
	csw_build(sch, sch->csw, unit, sch->chstat | (sch->pci ? CS_PCI : 0));
	sch->pci = false;
	sch->suspend_told = false;
	sch->pending = true;
	sch->device_busy =
		(unit & (US_CE | US_DE | US_UC)) == US_CE && !(sch->unsolicited & US_DE);
	sch_set_state(sch, SCH_IDLE);
}

/* The program stops for a while in another state. */
static void program_pause(struct subchannel *sch, enum sch_state state)
{
	uint8_t unit = settle(sch);

	if (unit)
		program_end(sch, unit);
	else
		sch_set_state(sch, state);
}

/*
 * Incorrect length: the device had more or less than the count. Not for an
 * immediate command, nor when the device refused before any data moved.
 */
static bool incorrect_length(const struct subchannel *sch, uint8_t unit)
{
	bool accepted = (unit & US_CE) && !(unit & US_UC);

	if (!sch->moved && (is_control(sch->io.command) || !accepted))
		return false;
	if (!sch->excess && sch->count == 0)
		return false;
	return (sch->flags & (CCW_SLI | CCW_CD)) != CCW_SLI;
}

/* Take device end that the device has signalled by itself meanwhile. */
static bool take_device_end(struct subchannel *sch)
{
	if (!(sch->unsolicited & US_DE))
		return false;
	sch->unsolicited &= (uint8_t)~US_DE;
	return true;
}

/*
 * The device answered the current command. true: go on with the next CCW.
 */
static bool command_ended(struct subchannel *sch, int answer)
{
	uint8_t unit = (uint8_t)answer;
	bool chain;

	if (answer == DEVICE_WORKING) {
		sch_set_state(sch, SCH_WORKING);
		return false;
	}
	if (!stopped(sch) && incorrect_length(sch, unit))
		sch->chstat |= CS_IL;
	chain = (sch->flags & (CCW_CD | CCW_CC)) == CCW_CC && !stopped(sch) &&
		!(unit & (US_UC | US_UX | US_ATTENTION | US_BUSY));
	if (!chain) {
		sch->at_initiation = sch->commands == 1 && !sch->moved &&
				     (is_control(sch->io.command) || !(unit & US_CE));
		program_end(sch, unit);
		return false;
	}
	if (!(unit & US_DE) && !take_device_end(sch)) {
		program_pause(sch, SCH_AWAIT_DE);
		return false;
	}
	if (unit & US_SM)
		sch->next += 8;
	return true;
}

/* ---- the program */

static bool sense_command(uint8_t command)
{
	return (command & 0x0F) == 0x04;
}

/* Hand the current command to the device. */
static int issue(struct subchannel *sch)
{
	struct device *dev = &sch->dev;
	struct ccw_io *io = &sch->io;

	io->count = sch->count;
	io->data_chained = sch->flags & CCW_CD;
	sch->moved = false;
	sch->excess = false;
	sch->chained = 0;
	if (sch->commands < 2)
		sch->commands++;
	if (!sense_command(io->command) && io->command != 0x03)
		memset(dev->sense, 0, sizeof(dev->sense));
	if (dev->not_ready && !sense_command(io->command) && io->command != 0x03)
		return device_initial_check(dev, io, SENSE0_INTERVENTION);
	return dev->class->command(dev, io);
}

static void suspend(struct subchannel *sch)
{
	sch->next -= 8;
	sch->suspend_told = true;
	program_pause(sch, SCH_SUSPENDED);
}

/* Fetch the next CCW and issue it. false: the program has ended or waits. */
static bool step(struct subchannel *sch, const uint8_t *implied)
{
	uint8_t ccw[8];
	bool first = sch->commands == 0;

	sch->io.previous = first ? 0 : sch->io.command;
	if (implied)
		memcpy(ccw, implied, sizeof(ccw));
	if ((!implied && !ccw_find(sch, ccw, first)) || !ccw_take(sch, ccw, false)) {
		sch->at_initiation = first;
		program_end(sch, 0);
		return false;
	}
	if (sch->flags & CCW_SUSPEND) {
		suspend(sch);
		return false;
	}
	return command_ended(sch, issue(sch));
}

void ccw_continue(struct subchannel *sch)
{
	sch_set_state(sch, SCH_RUNNING);
	for (int n = 0; n < COMMANDS_PER_TURN; n++)
		if (!step(sch, NULL))
			return;
	program_pause(sch, SCH_READY);
}

void ccw_start(struct subchannel *sch, uint8_t key, uint32_t ccw, const uint8_t *first)
{
	sch->key = key;
	sch->first = ccw;
	sch->next = ccw;
	sch->chstat = 0;
	sch->commands = 0;
	sch->count = 0;
	sch->pci = false;
	sch->at_initiation = false;
	sch->io.command = 0;
	sch_set_state(sch, SCH_RUNNING);
	if (!first || step(sch, first))
		ccw_continue(sch);
}

void ccw_halt(struct subchannel *sch)
{
	int unit = US_CE | US_DE;

	if (sch->state == SCH_WORKING && sch->dev.class->halt)
		unit = sch->dev.class->halt(&sch->dev, &sch->io);
	assert(unit != DEVICE_WORKING);
	program_end(sch, (uint8_t)unit);
}

void device_resume(struct device *dev)
{
	struct subchannel *sch = dev->sch;

	if (sch->state != SCH_WORKING)
		return;
	sch_set_state(sch, SCH_RUNNING);
	if (command_ended(sch, dev->class->resume(dev, &sch->io)))
		ccw_continue(sch);
}

void device_attention(struct device *dev, uint8_t unit_status)
{
	struct subchannel *sch = dev->sch;

	sch->unsolicited |= unit_status;
	if (unit_status & US_DE)
		sch->device_busy = false;
	if (sch->state == SCH_AWAIT_DE && take_device_end(sch))
		ccw_continue(sch);
	sch_update(sch);
}
