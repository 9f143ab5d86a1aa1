/*
 * devices/line2703_int.h - what the halves of a 2703's line share: its state, its wire,
 * and how commands end and wait. line2703.c has the channel's side and the line's state
 * (ENABLE, DIAL, DISABLE), line2703_data.c what moves data (READ, PREPARE, WRITE, POLL).
 */
#ifndef DEVICES_LINE2703_INT_H
#define DEVICES_LINE2703_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devices/device.h"
#include "devices/line_bsc.h"
#include "devices/line_link.h"
#include "devices/line_tty.h"
#include "devices/line_wire.h"
#include "devices/line_words.h"
#include "devices/nje_link.h"

enum line_command {
	CMD_WRITE = 0x01,
	CMD_READ = 0x02,
	CMD_NOP = 0x03,
	CMD_SENSE = 0x04,
	CMD_PREPARE = 0x06,
	CMD_POLL = 0x09,
	CMD_INHIBIT = 0x0A, /* READ without a time limit */
	CMD_BREAK = 0x0D,
	CMD_SADZERO = 0x13, /* 2702 only: which terminal control */
	CMD_SADONE = 0x17,
	CMD_SADTWO = 0x1B,
	CMD_SADTHREE = 0x1F,
	CMD_SET_MODE = 0x23,
	CMD_ENABLE = 0x27,
	CMD_DIAL = 0x29,
	CMD_DISABLE = 0x2F,
};

/* Sense byte 0 of a 2703 that other devices do not have. */
#define SENSE0_LOST_DATA 0x02
#define SENSE0_TIME_OUT	 0x01

/* Sense byte 1: why, in the codes of a 3705 in emulation mode, as Hercules has them. */
enum line_reason {
	WHY_NOTHING = 0,
	WHY_NO_DIAL = 0x04,
	WHY_ENABLED = 0x05,
	WHY_DISABLED = 0x06,
	WHY_NO_LINE = 0x21,
	WHY_NO_CALL = 0x2E,
	WHY_BAD_POLL = 0x84,
	WHY_TIME_OUT = 0xE3,
};

struct line2703 {
	struct line_wire wire;
	struct line_link *link; /* the wire, if it is TCP; else NULL */
	struct nje_link *nje;	/* the wire, if it is NJE; else NULL */
	struct line_options options;

	bool enabled;
	uint8_t wait; /* the command that waits, 0 none */

	/* received, not looked at: behind it is what the link has */
	size_t next, have;
	uint8_t chunk[512];

	bool error_byte; /* SET MODE */
	bool must_write; /* a WRITE ended in transparent text */
	bool complete;	 /* message is, and the program has taken bytes of it */
	size_t taken;
	struct bsc_message message;

	size_t poll_index; /* 1: index is the first byte of the next READ */
	uint8_t index;

	struct tty tty;
};

#define DONE (US_CE | US_DE)

/* ---- the wire; without one nobody is there */

static inline enum line_state wire_look(const struct line2703 *l)
{
	return l->wire.ops ? l->wire.ops->look(l->wire.arg) : LINE_IDLE;
}

static inline void wire_answer(const struct line2703 *l, bool on)
{
	if (l->wire.ops)
		l->wire.ops->answer(l->wire.arg, on);
}

static inline void wire_call(const struct line2703 *l, uint32_t address, uint16_t port)
{
	if (l->wire.ops && l->wire.ops->call)
		l->wire.ops->call(l->wire.arg, address, port);
}

static inline void wire_hang_up(const struct line2703 *l)
{
	if (l->wire.ops)
		l->wire.ops->hang_up(l->wire.arg);
}

static inline void wire_flush(const struct line2703 *l)
{
	if (l->wire.ops)
		l->wire.ops->flush(l->wire.arg);
}

static inline size_t wire_read(const struct line2703 *l, uint8_t *bytes, size_t n)
{
	return l->wire.ops ? l->wire.ops->read(l->wire.arg, bytes, n) : 0;
}

static inline bool wire_has_bytes(const struct line2703 *l)
{
	return l->wire.ops && l->wire.ops->has_bytes(l->wire.arg);
}

static inline bool wire_write(const struct line2703 *l, const uint8_t *bytes, size_t n)
{
	return l->wire.ops && l->wire.ops->write(l->wire.arg, bytes, n);
}

static inline bool wire_written(const struct line2703 *l)
{
	return l->wire.ops && l->wire.ops->written(l->wire.arg);
}

static inline void wire_timer(const struct line2703 *l, unsigned ms)
{
	if (l->wire.ops)
		l->wire.ops->timer(l->wire.arg, ms);
}

static inline bool wire_timed_out(const struct line2703 *l)
{
	return l->wire.ops && l->wire.ops->timed_out(l->wire.arg);
}
/* ---- small things */

static inline int line_refuse(struct device *dev, uint8_t sense0, enum line_reason why)
{
	int unit = device_unit_check(dev, sense0);

	dev->sense[1] = (uint8_t)why;
	return unit;
}

static inline int line_not_there(struct device *dev)
{
	return line_refuse(dev, SENSE0_INTERVENTION, WHY_NOTHING);
}

static inline int line_time_out(struct device *dev)
{
	return line_refuse(dev, SENSE0_TIME_OUT, WHY_TIME_OUT);
}

static inline bool line_connected(const struct line2703 *l)
{
	enum line_state state = wire_look(l);

	return state == LINE_CONNECTED || state == LINE_ENDED;
}

static inline bool line_leased(const struct line2703 *l)
{
	return !l->options.dial_in && !l->options.dial_out;
}

static inline bool line_has_bytes(const struct line2703 *l)
{
	return l->next < l->have || wire_has_bytes(l);
}

static inline bool line_next_byte(struct line2703 *l, uint8_t *byte)
{
	if (l->next == l->have) {
		l->next = 0;
		l->have = wire_read(l, l->chunk, sizeof(l->chunk));
		if (l->have == 0)
			return false;
	}
	*byte = l->chunk[l->next++];
	return true;
}

static inline void line_forget_input(struct line2703 *l)
{
	wire_flush(l);
	l->next = l->have = 0;
	l->complete = false;
	l->poll_index = 0;
	tty_reset(&l->tty);
}

/* The command ends: no timer, nothing waits. */
static inline int line_ended(struct line2703 *l, int unit)
{
	wire_timer(l, 0);
	l->wait = 0;
	return unit;
}

/* It waits, for at most ms if that is above 0. */
static inline int line_waits(struct line2703 *l, uint8_t command, int ms)
{
	l->wait = command;
	wire_timer(l, ms > 0 ? (unsigned)ms : 0);
	return DEVICE_WORKING;
}

static inline bool line_timed_out(const struct line2703 *l, int ms)
{
	return ms < 0 || wire_timed_out(l);
}

/* ---- line2703_data.c: a command begins, or goes on when the wire has changed */

int line_read(struct device *dev, struct ccw_io *io);
int line_read_on(struct device *dev, struct ccw_io *io, bool first);
int line_prepare(struct device *dev);
int line_prepare_on(struct device *dev);
int line_write(struct device *dev, struct ccw_io *io);
int line_write_on(struct device *dev);
int line_poll(struct device *dev, struct ccw_io *io);
int line_poll_on(struct device *dev, struct ccw_io *io);
/* Look at what a telnet client has sent, as long as lines of it find room. */
bool line_listen_to_client(struct line2703 *l);

#endif
