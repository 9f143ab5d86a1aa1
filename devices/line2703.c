/*
 * devices/line2703.c - a line of a 2703 transmission control unit over TCP: binary
 * synchronous between two computers, or start/stop with a telnet client as Teletype or
 * 2741. Configured and spoken as with Hercules' 2703.
 *
 * GA27-2703 (IBM 2703 Transmission Control Component Description), "Commands" and
 * "Sense Information".
 *
 * DIFFERS from Hercules: a leased line waits in ENABLE until its other end is there (and
 * keeps calling) instead of failing; what came before a WRITE is a unit exception and
 * stays for the next READ instead of being lost; a POLL without an answer is a time-out.
 *
 * SEARCH, ADDRESS PREPARE, BREAK's duration and the diagnostic WRAP commands belong to
 * multipoint lines and to the hardware; the first two and WRAP are rejected.
 */
#include "devices/line_bsc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "devices/classes.h"
#include "devices/line_cable.h"
#include "devices/line_link.h"
#include "devices/line_tty.h"
#include "devices/line_words.h"
#include "devices/machine.h"

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

#define SET_MODE_ERROR_BYTE 0x40
#define DIAL_DIGITS_MAX	    32u
#define POLL_ADDRESS_MAX    7u
#define WRITE_MAX	    65535u

struct line2703 {
	struct line_wire wire;
	struct line_link *link; /* the wire, if it is TCP; else NULL */
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

static enum line_state wire_look(const struct line2703 *l)
{
	return l->wire.ops ? l->wire.ops->look(l->wire.arg) : LINE_IDLE;
}

static void wire_answer(const struct line2703 *l, bool on)
{
	if (l->wire.ops)
		l->wire.ops->answer(l->wire.arg, on);
}

static void wire_call(const struct line2703 *l, uint32_t address, uint16_t port)
{
	if (l->wire.ops && l->wire.ops->call)
		l->wire.ops->call(l->wire.arg, address, port);
}

static void wire_hang_up(const struct line2703 *l)
{
	if (l->wire.ops)
		l->wire.ops->hang_up(l->wire.arg);
}

static void wire_flush(const struct line2703 *l)
{
	if (l->wire.ops)
		l->wire.ops->flush(l->wire.arg);
}

static size_t wire_read(const struct line2703 *l, uint8_t *bytes, size_t n)
{
	return l->wire.ops ? l->wire.ops->read(l->wire.arg, bytes, n) : 0;
}

static bool wire_has_bytes(const struct line2703 *l)
{
	return l->wire.ops && l->wire.ops->has_bytes(l->wire.arg);
}

static bool wire_write(const struct line2703 *l, const uint8_t *bytes, size_t n)
{
	return l->wire.ops && l->wire.ops->write(l->wire.arg, bytes, n);
}

static bool wire_written(const struct line2703 *l)
{
	return !l->wire.ops || l->wire.ops->written(l->wire.arg);
}

static void wire_timer(const struct line2703 *l, unsigned ms)
{
	if (l->wire.ops)
		l->wire.ops->timer(l->wire.arg, ms);
}

static bool wire_timed_out(const struct line2703 *l)
{
	return l->wire.ops && l->wire.ops->timed_out(l->wire.arg);
}

/* ---- small things */

static int refuse(struct device *dev, uint8_t sense0, enum line_reason why)
{
	int unit = device_unit_check(dev, sense0);

	dev->sense[1] = (uint8_t)why;
	return unit;
}

static int not_there(struct device *dev)
{
	return refuse(dev, SENSE0_INTERVENTION, WHY_NOTHING);
}

static int time_out(struct device *dev)
{
	return refuse(dev, SENSE0_TIME_OUT, WHY_TIME_OUT);
}

static bool connected(const struct line2703 *l)
{
	enum line_state state = wire_look(l);

	return state == LINE_CONNECTED || state == LINE_ENDED;
}

static bool leased(const struct line2703 *l)
{
	return !l->options.dial_in && !l->options.dial_out;
}

static bool has_bytes(const struct line2703 *l)
{
	return l->next < l->have || wire_has_bytes(l);
}

static bool next_byte(struct line2703 *l, uint8_t *byte)
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

static void forget_input(struct line2703 *l)
{
	wire_flush(l);
	l->next = l->have = 0;
	l->complete = false;
	l->poll_index = 0;
	tty_reset(&l->tty);
}

/* The command ends: no timer, nothing waits. */
static int ended(struct line2703 *l, int unit)
{
	wire_timer(l, 0);
	l->wait = 0;
	return unit;
}

/* It waits, for at most ms if that is above 0. */
static int waits(struct line2703 *l, uint8_t command, int ms)
{
	l->wait = command;
	wire_timer(l, ms > 0 ? (unsigned)ms : 0);
	return DEVICE_WORKING;
}

static bool timed_out(const struct line2703 *l, int ms)
{
	return ms < 0 || wire_timed_out(l);
}

/* ---- ENABLE, DIAL, DISABLE */

/* A telnet client is greeted, so that he knows where he is. */
static void greet(struct device *dev)
{
	static const uint8_t binary[] = { 255, 253, 0, 255, 251, 0 };
	struct line2703 *l = dev->state;
	char text[80];
	int n = snprintf(text, sizeof(text), "CONNECTED TO LINE %03X, %s\r\n",
			 dev->address, l->tty.options.ibm ? "2741" : "TTY");

	wire_write(l, (const uint8_t *)text, (size_t)n);
	if (l->tty.options.binary)
		wire_write(l, binary, sizeof(binary));
}

static int now_enabled(struct device *dev)
{
	struct line2703 *l = dev->state;

	l->enabled = true;
	l->next = l->have = 0;
	l->complete = l->must_write = false;
	if (l->options.start_stop)
		tty_reset(&l->tty);
	if (l->options.start_stop && l->link)
		greet(dev);
	return ended(l, DONE);
}

static int enable_on(struct device *dev)
{
	struct line2703 *l = dev->state;

	switch (wire_look(l)) {
	case LINE_CONNECTED: return now_enabled(dev);
	case LINE_TRYING:
		if (!wire_timed_out(l))
			return DEVICE_WORKING;
		wire_answer(l, false);
		break;
	default: break;
	}
	return ended(l, refuse(dev, SENSE0_INTERVENTION,
			       leased(l) ? WHY_NO_LINE : WHY_NO_CALL));
}

static int enable(struct device *dev)
{
	struct line2703 *l = dev->state;

	if (!l->options.dial_in && !leased(l))
		return refuse(dev, SENSE0_INTERVENTION, WHY_NO_CALL);
	if (l->enabled && wire_look(l) == LINE_CONNECTED)
		return DONE;
	wire_answer(l, true);
	waits(l, CMD_ENABLE, l->options.enable_ms);
	return enable_on(dev);
}

static int disable(struct line2703 *l)
{
	l->enabled = l->must_write = false;
	forget_input(l);
	if (!leased(l)) /* a leased line stays there */
		wire_hang_up(l);
	return DONE;
}

/*
 * A telephone number: the digits of an address and of a port, which X'xD' separates:
 * 127D000D000D001D3780, and perhaps X'xC' at its end.
 */
static bool parse_number(const uint8_t *digits, size_t n, uint32_t *address,
			 uint16_t *port)
{
	unsigned value = 0, parts = 0;

	*address = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned digit = digits[i] & 0x0F;

		if (digit == 0x0C && i == n - 1)
			break;
		if (digit == 0x0D) {
			if (value > 255 || ++parts > 4)
				return false;
			*address = *address << 8 | value;
			value = 0;
		} else if (digit > 9) {
			return false;
		} else if ((value = value * 10 + digit) > UINT16_MAX) {
			return false;
		}
	}
	*port = (uint16_t)value;
	return parts == 4 && value != 0;
}

static int dial_on(struct device *dev)
{
	struct line2703 *l = dev->state;

	switch (wire_look(l)) {
	case LINE_CONNECTED: return now_enabled(dev);
	case LINE_TRYING: return DEVICE_WORKING;
	default: return ended(l, not_there(dev));
	}
}

static int dial(struct device *dev, struct ccw_io *io)
{
	struct line2703 *l = dev->state;
	uint8_t digits[DIAL_DIGITS_MAX];
	uint32_t address;
	uint16_t port;
	size_t n;

	if (!l->options.dial_out)
		return refuse(dev, SENSE0_COMMAND_REJECT, WHY_NO_DIAL);
	if (l->enabled)
		return refuse(dev, SENSE0_COMMAND_REJECT, WHY_ENABLED);
	n = ccw_get(io, digits, sizeof(digits));
	if (!parse_number(digits, n, &address, &port))
		return not_there(dev);
	wire_call(l, address, port);
	waits(l, CMD_DIAL, 0);
	return dial_on(dev);
}

/* ---- READ, PREPARE */

/* Give the program the message, or what is left of it. */
static int give_message(struct line2703 *l, struct ccw_io *io, int unit)
{
	const struct bsc_message *m = &l->message;

	l->taken += ccw_put(io, m->data + l->taken, m->length - l->taken);
	l->complete = l->taken < m->length;
	return ended(l, unit);
}

static int read_bsc(struct device *dev, struct ccw_io *io, bool *progress)
{
	struct line2703 *l = dev->state;
	uint8_t byte;

	*progress = false;
	while (next_byte(l, &byte)) {
		*progress = true;
		switch (bsc_receive(&l->message, byte, l->error_byte)) {
		case BSC_END: return give_message(l, io, DONE);
		case BSC_END_EOT: return give_message(l, io, DONE | US_UX);
		case BSC_TOO_LONG:
			give_message(l, io, DONE);
			l->complete = false;
			return refuse(dev, SENSE0_LOST_DATA, WHY_NOTHING);
		case BSC_MORE: break;
		}
	}
	return DEVICE_WORKING;
}

/* Look at what a telnet client has sent, as long as lines of it find room. */
static bool listen_to_client(struct line2703 *l)
{
	uint8_t byte, reply[TTY_REPLY_MAX];
	bool any = false;

	while (tty_has_room(&l->tty) && next_byte(l, &byte)) {
		size_t n = tty_receive(&l->tty, byte, reply);

		/* A client that asks faster than it listens gets no answer. */
		if (n)
			(void)wire_write(l, reply, n);
		any = true;
	}
	return any;
}

static int take_break(struct device *dev)
{
	struct line2703 *l = dev->state;

	l->tty.broken = false;
	return ended(l, not_there(dev));
}

static int read_tty(struct device *dev, struct ccw_io *io, bool *progress)
{
	struct line2703 *l = dev->state;
	const uint8_t *line;
	size_t n;

	*progress = listen_to_client(l);
	if (l->tty.broken)
		return take_break(dev);
	if (!tty_line(&l->tty, &line, &n))
		return DEVICE_WORKING;
	tty_take(&l->tty, ccw_put(io, line, n));
	return ended(l, DONE);
}

static int read_on(struct device *dev, struct ccw_io *io, bool first)
{
	struct line2703 *l = dev->state;
	int ms = io->command == CMD_INHIBIT ? 0 : l->options.read_ms;
	bool was_there = connected(l), progress;
	int unit = l->options.start_stop ? read_tty(dev, io, &progress)
					 : read_bsc(dev, io, &progress);

	if (unit != DEVICE_WORKING)
		return unit;
	if (!was_there || !connected(l))
		return ended(l, not_there(dev));
	if (first || progress)
		waits(l, io->command, ms);
	return timed_out(l, ms) ? ended(l, time_out(dev)) : DEVICE_WORKING;
}

static int read_begin(struct device *dev, struct ccw_io *io)
{
	struct line2703 *l = dev->state;

	if (!l->enabled)
		return refuse(dev, SENSE0_COMMAND_REJECT, WHY_DISABLED);
	if (l->must_write)
		return refuse(dev, SENSE0_COMMAND_REJECT, WHY_NOTHING);
	if (l->complete)
		return give_message(l, io, DONE);
	l->message.text = l->message.transparent = l->message.dle = false;
	l->message.length = l->taken = 0;
	if (l->poll_index) {
		l->message.data[l->message.length++] = l->index;
		l->poll_index = 0;
	}
	return read_on(dev, io, true);
}

static int prepare_on(struct device *dev)
{
	struct line2703 *l = dev->state;
	bool there = connected(l), heard;
	const uint8_t *line;
	size_t n;

	if (l->options.start_stop) {
		listen_to_client(l);
		heard = l->tty.broken || tty_line(&l->tty, &line, &n);
		l->tty.broken = false;
	} else {
		heard = has_bytes(l);
	}
	if (heard)
		return ended(l, DONE);
	return there && connected(l) ? DEVICE_WORKING : ended(l, not_there(dev));
}

static int prepare(struct device *dev)
{
	struct line2703 *l = dev->state;

	if (!l->enabled)
		return refuse(dev, SENSE0_COMMAND_REJECT, WHY_DISABLED);
	if (l->must_write)
		return refuse(dev, SENSE0_COMMAND_REJECT, WHY_NOTHING);
	l->wait = CMD_PREPARE;
	return prepare_on(dev);
}

/* ---- WRITE */

static int write_on(struct device *dev)
{
	struct line2703 *l = dev->state;

	if (l->options.start_stop)
		listen_to_client(l);
	if (l->tty.broken)
		return take_break(dev);
	if (wire_look(l) != LINE_CONNECTED)
		return ended(l, not_there(dev));
	return wire_written(l) ? ended(l, DONE) : DEVICE_WORKING;
}

static bool all_idle(const struct tty *t, const uint8_t *data, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!tty_is_idle(t, data[i]))
			return false;
	return true;
}

static size_t transmit_tty(const struct tty *t, const uint8_t *data, size_t n,
			   uint8_t *wire)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++)
		used += tty_transmit(t, data[i], wire + used);
	return used;
}

/* Send n bytes of the program: wire has room for twice as many. */
static int send_data(struct device *dev, const uint8_t *data, size_t n, uint8_t *wire)
{
	struct line2703 *l = dev->state;
	size_t used;

	if (l->options.start_stop && l->tty.broken) {
		if (!all_idle(&l->tty, data, n))
			return take_break(dev);
		return DONE; /* TCAM gives the line time before it asks what it was */
	}
	used = l->options.start_stop ? transmit_tty(&l->tty, data, n, wire)
				     : bsc_transmit(data, n, wire, &l->must_write);
	if (!wire_write(l, wire, used))
		return not_there(dev);
	l->wait = CMD_WRITE;
	return DEVICE_WORKING;
}

static int write_begin(struct device *dev, struct ccw_io *io)
{
	struct line2703 *l = dev->state;
	uint8_t *buffer;
	int unit;

	if (wire_look(l) != LINE_CONNECTED)
		return not_there(dev);
	if (!l->enabled)
		return refuse(dev, SENSE0_COMMAND_REJECT, WHY_NOTHING);
	if (l->options.start_stop)
		listen_to_client(l);
	else if (!l->must_write && has_bytes(l))
		return DONE | US_UX;  /* the other side talks */
	if (io->command == CMD_BREAK) /* a signal, whatever the data */
		return DONE;
	buffer = malloc(3 * WRITE_MAX);
	if (!buffer)
		return device_unit_check(dev, SENSE0_EQUIPMENT);
	unit = send_data(dev, buffer, ccw_get(io, buffer, WRITE_MAX), buffer + WRITE_MAX);
	free(buffer);
	return unit == DEVICE_WORKING ? write_on(dev) : unit;
}

/* ---- POLL */

/* The answer to a poll: none yet, EOT (nothing to say), or the beginning of text. */
enum poll_answer { POLL_SILENT, POLL_NEGATIVE, POLL_POSITIVE };

static enum poll_answer poll_answer(struct line2703 *l)
{
	uint8_t byte;

	while (next_byte(l, &byte)) {
		if (byte == BSC_SYN)
			continue;
		if (byte == BSC_EOT)
			return POLL_NEGATIVE;
		l->next--; /* the READ gets it */
		return POLL_POSITIVE;
	}
	return POLL_SILENT;
}

/*
 * Ask the next station of the program's list: its address up to ENQ, and an index byte,
 * which stays here. DONE: the list is at its end; DEVICE_WORKING: the question is sent.
 */
static int poll_next(struct device *dev, struct ccw_io *io)
{
	struct line2703 *l = dev->state;
	uint8_t question[2 + POLL_ADDRESS_MAX + 1] = { BSC_SYN, BSC_SYN };
	size_t n = 2;

	for (;;) {
		if (ccw_get(io, question + n, 1) == 0)
			return n == 2 ? DONE
				      : refuse(dev, SENSE0_DATA_CHECK, WHY_BAD_POLL);
		if (question[n++] == BSC_ENQ)
			break;
		if (n == sizeof(question))
			return refuse(dev, SENSE0_DATA_CHECK, WHY_BAD_POLL);
	}
	if (ccw_get(io, &l->index, 1) == 0)
		return refuse(dev, SENSE0_DATA_CHECK, WHY_BAD_POLL);
	if (!wire_write(l, question, n))
		return not_there(dev);
	waits(l, CMD_POLL, l->options.poll_ms);
	return DEVICE_WORKING;
}

static int poll_on(struct device *dev, struct ccw_io *io)
{
	struct line2703 *l = dev->state;
	int unit;

	for (;;) {
		bool there = connected(l);

		switch (poll_answer(l)) {
		case POLL_POSITIVE: l->poll_index = 1; return ended(l, DONE | US_SM);
		case POLL_NEGATIVE:
			unit = poll_next(dev, io);
			if (unit != DEVICE_WORKING)
				return ended(l, unit);
			break;
		case POLL_SILENT:
			if (!there || !connected(l))
				return ended(l, not_there(dev));
			return timed_out(l, l->options.poll_ms) ? ended(l, time_out(dev))
								: DEVICE_WORKING;
		}
	}
}

static int poll_begin(struct device *dev, struct ccw_io *io)
{
	struct line2703 *l = dev->state;
	int unit;

	if (l->options.start_stop || l->must_write)
		return refuse(dev, SENSE0_COMMAND_REJECT, WHY_NOTHING);
	if (!l->enabled)
		return refuse(dev, SENSE0_COMMAND_REJECT, WHY_DISABLED);
	unit = poll_next(dev, io);
	return unit == DEVICE_WORKING ? poll_on(dev, io) : unit;
}

/* ---- the channel's side */

static int sense(struct device *dev, struct ccw_io *io)
{
	/* A 2703 has one byte; who asks for more gets the reason too. */
	ccw_put(io, dev->sense, io->count > 1 ? 2 : 1);
	memset(dev->sense, 0, sizeof(dev->sense));
	return DONE;
}

static int set_mode(struct device *dev, struct ccw_io *io)
{
	struct line2703 *l = dev->state;
	uint8_t mode = 0;

	if (l->must_write)
		return refuse(dev, SENSE0_COMMAND_REJECT, WHY_NOTHING);
	if (ccw_get(io, &mode, 1) == 1)
		l->error_byte = mode & SET_MODE_ERROR_BYTE;
	return DONE;
}

static int line_command(struct device *dev, struct ccw_io *io)
{
	switch (io->command) {
	case CMD_WRITE:
	case CMD_BREAK: return write_begin(dev, io);
	case CMD_READ:
	case CMD_INHIBIT: return read_begin(dev, io);
	case CMD_SADZERO:
	case CMD_SADONE:
	case CMD_SADTWO:
	case CMD_SADTHREE:
	case CMD_NOP: return DONE;
	case CMD_SENSE: return sense(dev, io);
	case CMD_PREPARE: return prepare(dev);
	case CMD_POLL: return poll_begin(dev, io);
	case CMD_SET_MODE: return set_mode(dev, io);
	case CMD_ENABLE: return enable(dev);
	case CMD_DIAL: return dial(dev, io);
	case CMD_DISABLE: return disable(dev->state);
	default: return refuse(dev, SENSE0_COMMAND_REJECT, WHY_NOTHING);
	}
}

static int line_resume(struct device *dev, struct ccw_io *io)
{
	struct line2703 *l = dev->state;

	switch (l->wait) {
	case CMD_ENABLE: return enable_on(dev);
	case CMD_DIAL: return dial_on(dev);
	case CMD_READ:
	case CMD_INHIBIT: return read_on(dev, io, false);
	case CMD_PREPARE: return prepare_on(dev);
	case CMD_WRITE: return write_on(dev);
	case CMD_POLL: return poll_on(dev, io);
	default: return DEVICE_WORKING;
	}
}

/* HALT I/O: what waits ends with unit exception. */
static int line_halt(struct device *dev, struct ccw_io *io)
{
	struct line2703 *l = dev->state;
	uint8_t was = l->wait;

	(void)io;
	if (was == CMD_ENABLE)
		wire_answer(l, false);
	if (was == CMD_DIAL)
		wire_hang_up(l);
	return ended(l, was ? DONE | US_UX : DONE);
}

static void line_reset(struct device *dev)
{
	struct line2703 *l = dev->state;

	line_halt(dev, NULL);
	disable(l);
	l->error_byte = false;
}

static void wake(void *arg)
{
	const struct device *dev = arg;
	const struct machine_request req = {
		.kind = MACHINE_WAKE_DEVICE,
		.address = dev->address,
	};

	if (dev->machine)
		machine_post(dev->machine, &req);
}

/* The end of a cable, or nothing, instead of what was there. */
static void plug_in(struct device *dev, struct line_end *end)
{
	struct line2703 *l = dev->state;

	if (l->wire.ops)
		l->wire.ops->close(l->wire.arg);
	l->wire = end ? line_end_wire(end, wake, dev) : (struct line_wire){ .ops = NULL };
	l->next = l->have = 0;
	if (l->wait)
		device_resume(dev);
}

static bool line_request(struct device *dev, const struct machine_request *req,
			 struct error *err)
{
	struct line2703 *l = dev->state;

	if (req->kind == MACHINE_MOUNT && !l->link) {
		plug_in(dev, req->line);
		return true;
	}
	if (req->kind != MACHINE_WAKE_DEVICE) {
		error_set(err, 0, "not for a line");
		return false;
	}
	wire_look(l);
	if (l->wait)
		device_resume(dev);
	else if (l->options.start_stop && l->enabled)
		listen_to_client(l);
	return true;
}

/* ---- attaching */

static bool open_link(struct device *dev, const struct line_words *words,
		      struct error *err)
{
	struct line2703 *l = dev->state;
	const struct line_link_config config = {
		.local_host = words->local_host,
		.local_port = words->local_port,
		.remote_host = words->remote_host,
		.remote_port = words->remote_port,
		.device = dev->address,
		.name = dev->machine ? machine_name(dev->machine) : "",
		.wake = wake,
		.arg = dev,
	};

	l->link = line_link_open(&config, err);
	if (l->link)
		l->wire = line_link_wire(l->link);
	return l->link != NULL;
}

static bool line_attach(struct device *dev, const struct machine_request *req,
			struct error *err)
{
	struct line2703 *l = dev->state;
	struct line_words words;

	if (!line_words_take(&words, req->argc, req->argv, err))
		return false;
	l->options = words.options;
	l->tty.options = words.tty;
	if (!l->options.cable)
		return open_link(dev, &words, err);
	plug_in(dev, req->line);
	return true;
}

static void line_detach(struct device *dev)
{
	struct line2703 *l = dev->state;

	l->wait = 0;
	plug_in(dev, NULL);
}

static void line_describe(struct device *dev, char *text, size_t size)
{
	static const char *const states[] = {
		[LINE_IDLE] = "nobody there",	[LINE_TRYING] = "waiting for a call",
		[LINE_FAILED] = "nobody there", [LINE_CONNECTED] = "connected",
		[LINE_ENDED] = "disconnected",
	};
	const struct line2703 *l = dev->state;
	const char *kind = !l->options.start_stop ? "BSC"
			   : l->tty.options.ibm	  ? "2741"
						  : "TTY";
	uint16_t port = l->link ? line_link_port(l->link) : 0;
	char where[16] = "";

	if (port)
		snprintf(where, sizeof(where), " port %u", port);
	snprintf(text, size, "%s%s, %s, %s", kind, where,
		 l->enabled ? "enabled" : "disabled", states[wire_look(l)]);
}

static const char *const aliases[] = { "2701", "2702", NULL };

const struct device_class line2703_class = {
	.type = "2703",
	.aliases = aliases,
	.kind = DEVICE_LINE,
	.state_size = sizeof(struct line2703),
	.sense_bytes = 2,
	.attach = line_attach,
	.detach = line_detach,
	.command = line_command,
	.resume = line_resume,
	.halt = line_halt,
	.reset = line_reset,
	.request = line_request,
	.describe = line_describe,
};
