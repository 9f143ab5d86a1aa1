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
#include <strings.h>

#include "base/compiler.h"
#include "devices/classes.h"
#include "devices/line_link.h"
#include "devices/line_tty.h"
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
#define READ_MS_BSC	    3000
#define READ_MS_TTY	    28000
#define POLL_MS		    3000

struct line2703 {
	struct line_link *link;
	bool start_stop;
	bool dial_in, dial_out; /* neither: leased */
	/* 0 no limit; below: at once. Hercules' manual has it the other way round. */
	int read_ms, poll_ms;
	int enable_ms; /* above 0, or no limit */

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
	enum line_state state = line_link_look(l->link);

	return state == LINE_CONNECTED || state == LINE_ENDED;
}

static bool leased(const struct line2703 *l)
{
	return !l->dial_in && !l->dial_out;
}

static bool has_bytes(const struct line2703 *l)
{
	return l->next < l->have || line_link_has_bytes(l->link);
}

static bool next_byte(struct line2703 *l, uint8_t *byte)
{
	if (l->next == l->have) {
		l->next = 0;
		l->have = line_link_read(l->link, l->chunk, sizeof(l->chunk));
		if (l->have == 0)
			return false;
	}
	*byte = l->chunk[l->next++];
	return true;
}

static void forget_input(struct line2703 *l)
{
	line_link_flush(l->link);
	l->next = l->have = 0;
	l->complete = false;
	l->poll_index = 0;
	tty_reset(&l->tty);
}

/* The command ends: no timer, nothing waits. */
static int ended(struct line2703 *l, int unit)
{
	line_link_timer(l->link, 0);
	l->wait = 0;
	return unit;
}

/* It waits, for at most ms if that is above 0. */
static int waits(struct line2703 *l, uint8_t command, int ms)
{
	l->wait = command;
	line_link_timer(l->link, ms > 0 ? (unsigned)ms : 0);
	return DEVICE_WORKING;
}

static bool timed_out(const struct line2703 *l, int ms)
{
	return ms < 0 || line_link_timed_out(l->link);
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

	line_link_write(l->link, (const uint8_t *)text, (size_t)n);
	if (l->tty.options.binary)
		line_link_write(l->link, binary, sizeof(binary));
}

static int now_enabled(struct device *dev)
{
	struct line2703 *l = dev->state;

	l->enabled = true;
	l->next = l->have = 0;
	l->complete = l->must_write = false;
	if (l->start_stop) {
		tty_reset(&l->tty);
		greet(dev);
	}
	return ended(l, DONE);
}

static int enable_on(struct device *dev)
{
	struct line2703 *l = dev->state;

	switch (line_link_look(l->link)) {
	case LINE_CONNECTED: return now_enabled(dev);
	case LINE_TRYING:
		if (!line_link_timed_out(l->link))
			return DEVICE_WORKING;
		line_link_answer(l->link, false);
		break;
	default: break;
	}
	return ended(l, refuse(dev, SENSE0_INTERVENTION,
			       leased(l) ? WHY_NO_LINE : WHY_NO_CALL));
}

static int enable(struct device *dev)
{
	struct line2703 *l = dev->state;

	if (!l->dial_in && !leased(l))
		return refuse(dev, SENSE0_INTERVENTION, WHY_NO_CALL);
	if (l->enabled && line_link_look(l->link) == LINE_CONNECTED)
		return DONE;
	line_link_answer(l->link, true);
	waits(l, CMD_ENABLE, l->enable_ms);
	return enable_on(dev);
}

static int disable(struct line2703 *l)
{
	l->enabled = l->must_write = false;
	forget_input(l);
	if (!leased(l)) /* a leased line stays there */
		line_link_hang_up(l->link);
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

	switch (line_link_look(l->link)) {
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

	if (!l->dial_out)
		return refuse(dev, SENSE0_COMMAND_REJECT, WHY_NO_DIAL);
	if (l->enabled)
		return refuse(dev, SENSE0_COMMAND_REJECT, WHY_ENABLED);
	n = ccw_get(io, digits, sizeof(digits));
	if (!parse_number(digits, n, &address, &port))
		return not_there(dev);
	line_link_call(l->link, address, port);
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
			(void)line_link_write(l->link, reply, n);
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
	int ms = io->command == CMD_INHIBIT ? 0 : l->read_ms;
	bool was_there = connected(l), progress;
	int unit = l->start_stop ? read_tty(dev, io, &progress)
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

	if (l->start_stop) {
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

	if (l->start_stop)
		listen_to_client(l);
	if (l->tty.broken)
		return take_break(dev);
	if (line_link_look(l->link) != LINE_CONNECTED)
		return ended(l, not_there(dev));
	return line_link_written(l->link) ? ended(l, DONE) : DEVICE_WORKING;
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

	if (l->start_stop && l->tty.broken) {
		if (!all_idle(&l->tty, data, n))
			return take_break(dev);
		return DONE; /* TCAM gives the line time before it asks what it was */
	}
	used = l->start_stop ? transmit_tty(&l->tty, data, n, wire)
			     : bsc_transmit(data, n, wire, &l->must_write);
	if (!line_link_write(l->link, wire, used))
		return not_there(dev);
	l->wait = CMD_WRITE;
	return DEVICE_WORKING;
}

static int write_begin(struct device *dev, struct ccw_io *io)
{
	struct line2703 *l = dev->state;
	uint8_t *buffer;
	int unit;

	if (line_link_look(l->link) != LINE_CONNECTED)
		return not_there(dev);
	if (!l->enabled)
		return refuse(dev, SENSE0_COMMAND_REJECT, WHY_NOTHING);
	if (l->start_stop)
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
	if (!line_link_write(l->link, question, n))
		return not_there(dev);
	waits(l, CMD_POLL, l->poll_ms);
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
			return timed_out(l, l->poll_ms) ? ended(l, time_out(dev))
							: DEVICE_WORKING;
		}
	}
}

static int poll_begin(struct device *dev, struct ccw_io *io)
{
	struct line2703 *l = dev->state;
	int unit;

	if (l->start_stop || l->must_write)
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
		line_link_answer(l->link, false);
	if (was == CMD_DIAL)
		line_link_hang_up(l->link);
	return ended(l, was ? DONE | US_UX : DONE);
}

static void line_reset(struct device *dev)
{
	struct line2703 *l = dev->state;

	line_halt(dev, NULL);
	disable(l);
	l->error_byte = false;
}

static bool line_request(struct device *dev, const struct machine_request *req,
			 struct error *err)
{
	struct line2703 *l = dev->state;

	if (req->kind != MACHINE_WAKE_DEVICE) {
		error_set(err, 0, "not for a line");
		return false;
	}
	line_link_look(l->link);
	if (l->wait)
		device_resume(dev);
	else if (l->start_stop && l->enabled)
		listen_to_client(l);
	return true;
}

/* ---- attaching */

struct line_words {
	const char *local_host, *local_port, *remote_host, *remote_port;
	bool read_given;
};

static bool yes_no(const char *value, bool *on, struct error *err)
{
	*on = strcasecmp(value, "yes") == 0;
	if (*on || strcasecmp(value, "no") == 0)
		return true;
	error_set(err, 0, "'%s' is not yes or no", value);
	return false;
}

static bool milliseconds(const char *value, int *ms, struct error *err)
{
	char *end;
	long n = strtol(value, &end, 10);

	if (end == value || *end || n < -1 || n > 86400000) {
		error_set(err, 0, "'%s' is no number of milliseconds", value);
		return false;
	}
	*ms = (int)n;
	return true;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *at = c ? strchr(digits, c >= 'a' ? c - 'a' + 'A' : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Hexadecimal bytes, at most max. -1: they are none. */
static int hex_bytes(const char *value, uint8_t *bytes, size_t max, struct error *err)
{
	size_t n = strlen(value);

	for (size_t i = 0; n % 2 == 0 && n / 2 <= max && i < n; i++)
		if (hex_digit(value[i]) < 0)
			n = 1;
	if (n % 2 || n / 2 > max) {
		error_set(err, 0, "'%s' is not up to %zu hexadecimal bytes", value, max);
		return -1;
	}
	for (size_t i = 0; i < n / 2; i++)
		bytes[i] = (uint8_t)(hex_digit(value[2 * i]) << 4 |
				     hex_digit(value[2 * i + 1]));
	return (int)(n / 2);
}

static bool byte_set(const char *value, bool *set, struct error *err)
{
	uint8_t bytes[64];
	int n = hex_bytes(value, bytes, sizeof(bytes), err);

	for (int i = 0; i < n; i++)
		set[bytes[i]] = true;
	return n >= 0;
}

static bool fixed_bytes(const char *value, uint8_t *bytes, unsigned *count,
			struct error *err)
{
	int n = hex_bytes(value, bytes, TTY_FIX_MAX, err);

	*count = n > 0 ? (unsigned)n : 0;
	return n >= 0;
}

/* One of the values that a word may have; -1 with err. */
static int choice(const char *value, const char *const *choices, struct error *err)
{
	for (int i = 0; choices[i]; i++)
		if (strcasecmp(value, choices[i]) == 0)
			return i;
	error_set(err, 0, "'%s' is not what is wanted here", value);
	return -1;
}

static bool set_dial(struct line2703 *l, const char *value, struct error *err)
{
	static const char *const choices[] = { "no",  "0", "in",    "out",
					       "yes", "1", "inout", NULL };
	int n = choice(value, choices, err);

	l->dial_in = n == 2 || n >= 4;
	l->dial_out = n >= 3;
	return n >= 0;
}

static bool set_control(struct line2703 *l, const char *value, struct error *err)
{
	static const char *const choices[] = { "bsc", "tele2", "ibm1", "async", NULL };
	int n = choice(value, choices, err);

	l->start_stop = n > 0;
	return n >= 0;
}

static bool set_term(struct line2703 *l, const char *value, struct error *err)
{
	static const char *const choices[] = { "tty", "2741", NULL };
	int n = choice(value, choices, err);

	l->tty.options.ibm = n == 1;
	if (l->tty.options.ibm && l->tty.options.code == TTY_ASCII)
		l->tty.options.code = TTY_EBCD;
	return n >= 0;
}

static bool set_code(struct line2703 *l, const char *value, struct error *err)
{
	static const char *const choices[] = { "ebcd", "corr", "none", NULL };
	int n = choice(value, choices, err);

	if (n >= 0)
		l->tty.options.code = (enum tty_code)(TTY_EBCD + n);
	return n >= 0;
}

static bool set_flag(const char *value, const char *word, bool *on, struct error *err)
{
	*on = strcasecmp(value, word) == 0;
	if (!*on)
		error_set(err, 0, "'%s' is not %s", value, word);
	return *on;
}

static bool set_end(struct line2703 *l, const char *value, struct error *err)
{
	uint8_t byte;

	if (hex_bytes(value, &byte, 1, err) != 1)
		return false;
	l->tty.options.end = byte;
	return true;
}

static bool take_word(struct line2703 *l, struct line_words *w, const char *key,
		      const char *value, struct error *err)
{
	static const char *const keys[] = {
		"lport",  "lhost",  "rport", "rhost",	"dial",	  "switched", "rto",
		"pto",	  "eto",    "lnctl", "term",	"code",	  "uctrans",  "skip",
		"iskip",  "bs",	    "break", "prepend", "append", "eol",      "crlf",
		"sendcr", "binary", "tty",   NULL,
	};
	struct tty_options *o = &l->tty.options;
	bool ignored;

	switch (choice(key, keys, err)) {
	case 0: w->local_port = value; return true;
	case 1: w->local_host = strcmp(value, "*") ? value : NULL; return true;
	case 2: w->remote_port = value; return true;
	case 3: w->remote_host = strcmp(value, "*") ? value : NULL; return true;
	case 4:
	case 5: return set_dial(l, value, err);
	case 6: w->read_given = true; return milliseconds(value, &l->read_ms, err);
	case 7: return milliseconds(value, &l->poll_ms, err);
	case 8: return milliseconds(value, &l->enable_ms, err);
	case 9: return set_control(l, value, err);
	case 10: return set_term(l, value, err);
	case 11: return set_code(l, value, err);
	case 12: return yes_no(value, &o->upper, err);
	case 13: return byte_set(value, o->skip_out, err);
	case 14: return byte_set(value, o->skip_in, err);
	case 15: return set_flag(value, "dumb", &o->backspace, err);
	case 16: return set_flag(value, "dumb", &o->control_c, err);
	case 17: return fixed_bytes(value, o->prepend, &o->prepend_count, err);
	case 18: return fixed_bytes(value, o->append, &o->append_count, err);
	case 19: return set_end(l, value, err);
	case 20: return yes_no(value, &ignored, err); /* a new line is CR LF anyway */
	case 21: return yes_no(value, &o->send_return, err);
	case 22: return yes_no(value, &o->binary, err);
	case 23: l->start_stop = strcmp(value, "0") != 0; return true;
	default: return false;
	}
}

static bool take_words(struct line2703 *l, struct line_words *w, int count,
		       char *const *words, struct error *err)
{
	for (int i = 0; i < count; i++) {
		const char *equals = strchr(words[i], '=');
		char key[16];

		if (!equals || equals - words[i] >= (long)sizeof(key)) {
			error_set(err, 0, "'%s' is not KEY=VALUE", words[i]);
			return false;
		}
		snprintf(key, sizeof(key), "%.*s", (int)(equals - words[i]), words[i]);
		if (!take_word(l, w, key, equals + 1, err)) {
			error_prefix(err, "%s=", key);
			return false;
		}
	}
	return true;
}

/* What goes with what; the words that a kind of line has no use for are ignored. */
static bool check_words(struct line2703 *l, struct line_words *w, struct error *err)
{
	if (l->start_stop && !w->read_given)
		l->read_ms = READ_MS_TTY;
	if (!leased(l))
		w->remote_host = w->remote_port = NULL;
	if (!l->dial_in && !leased(l))
		w->local_host = w->local_port = NULL;
	else if (!w->local_port)
		error_set(err, 0, "lport= is missing");
	if (l->dial_in) /* a call may come at any time */
		l->enable_ms = 0;
	if (leased(l) && (!w->remote_host || !w->remote_port))
		error_set(err, 0, "a line that is not dialed needs rhost= and rport=");
	return err->text[0] == '\0';
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

static bool line_attach(struct device *dev, const struct machine_request *req,
			struct error *err)
{
	struct line2703 *l = dev->state;
	struct line_words words = { 0 };
	struct error why = { 0 };
	struct line_link_config config = {
		.device = dev->address,
		.name = dev->machine ? machine_name(dev->machine) : "",
		.wake = wake,
		.arg = dev,
	};

	l->dial_out = true;
	l->read_ms = READ_MS_BSC;
	l->poll_ms = POLL_MS;
	if (take_words(l, &words, req->argc, req->argv, &why) &&
	    check_words(l, &words, &why)) {
		config.local_host = words.local_host;
		config.local_port = words.local_port;
		config.remote_host = words.remote_host;
		config.remote_port = words.remote_port;
		l->link = line_link_open(&config, &why);
	}
	if (!l->link && err)
		*err = why;
	return l->link != NULL;
}

static void line_detach(struct device *dev)
{
	struct line2703 *l = dev->state;

	line_link_close(l->link);
}

static void line_describe(struct device *dev, char *text, size_t size)
{
	static const char *const states[] = {
		[LINE_IDLE] = "nobody there",	[LINE_TRYING] = "waiting for a call",
		[LINE_FAILED] = "nobody there", [LINE_CONNECTED] = "connected",
		[LINE_ENDED] = "disconnected",
	};
	const struct line2703 *l = dev->state;
	const char *kind = !l->start_stop ? "BSC" : l->tty.options.ibm ? "2741" : "TTY";
	uint16_t port = line_link_port(l->link);
	char where[16] = "";

	if (port)
		snprintf(where, sizeof(where), " port %u", port);
	snprintf(text, size, "%s%s, %s, %s", kind, where,
		 l->enabled ? "enabled" : "disabled", states[line_link_look(l->link)]);
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
