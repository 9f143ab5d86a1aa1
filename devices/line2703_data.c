/*
 * The commands of a 2703's line that move data: READ, PREPARE, WRITE, POLL; between a
 * program and messages of BSC (line_bsc.h) or lines of a terminal (line_tty.h).
 */
#include "devices/line2703_int.h"

#include <stdlib.h>

#include "base/compiler.h"

#define POLL_ADDRESS_MAX 7u
#define WRITE_MAX	 65535u

/* ---- READ, PREPARE */

/* Give the program the message, or what is left of it. */
static int give_message(struct line2703 *l, struct ccw_io *io, int unit)
{
	const struct bsc_message *m = &l->message;

	l->taken += ccw_put(io, m->data + l->taken, m->length - l->taken);
	l->complete = l->taken < m->length;
	return line_ended(l, unit);
}

static int read_bsc(struct device *dev, struct ccw_io *io, bool *progress)
{
	struct line2703 *l = dev->state;
	uint8_t byte;

	*progress = false;
	while (line_next_byte(l, &byte)) {
		*progress = true;
		switch (bsc_receive(&l->message, byte, l->error_byte)) {
		case BSC_END: return give_message(l, io, DONE);
		case BSC_END_EOT: return give_message(l, io, DONE | US_UX);
		case BSC_TOO_LONG:
			give_message(l, io, DONE);
			l->complete = false;
			return line_refuse(dev, SENSE0_LOST_DATA, WHY_NOTHING);
		case BSC_MORE: break;
		}
	}
	return DEVICE_WORKING;
}

bool line_listen_to_client(struct line2703 *l)
{
	uint8_t byte, reply[TTY_REPLY_MAX];
	bool any = false;

	while (tty_has_room(&l->tty) && line_next_byte(l, &byte)) {
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
	return line_ended(l, line_not_there(dev));
}

static int read_tty(struct device *dev, struct ccw_io *io, bool *progress)
{
	struct line2703 *l = dev->state;
	const uint8_t *line;
	size_t n;

	*progress = line_listen_to_client(l);
	if (l->tty.broken)
		return take_break(dev);
	if (!tty_line(&l->tty, &line, &n))
		return DEVICE_WORKING;
	tty_take(&l->tty, ccw_put(io, line, n));
	return line_ended(l, DONE);
}

int line_read_on(struct device *dev, struct ccw_io *io, bool first)
{
	struct line2703 *l = dev->state;
	int ms = io->command == CMD_INHIBIT ? 0 : l->options.read_ms;
	bool was_there = line_connected(l), progress;
	int unit = l->options.start_stop ? read_tty(dev, io, &progress)
					 : read_bsc(dev, io, &progress);

	if (unit != DEVICE_WORKING)
		return unit;
	if (!was_there || !line_connected(l))
		return line_ended(l, line_not_there(dev));
	if (first || progress)
		line_waits(l, io->command, ms);
	return line_timed_out(l, ms) ? line_ended(l, line_time_out(dev)) : DEVICE_WORKING;
}

int line_read(struct device *dev, struct ccw_io *io)
{
	struct line2703 *l = dev->state;

	if (!l->enabled)
		return line_refuse(dev, SENSE0_COMMAND_REJECT, WHY_DISABLED);
	if (l->must_write)
		return line_refuse(dev, SENSE0_COMMAND_REJECT, WHY_NOTHING);
	if (l->complete)
		return give_message(l, io, DONE);
	l->message.text = l->message.transparent = l->message.dle = false;
	l->message.length = l->taken = 0;
	if (l->poll_index) {
		l->message.data[l->message.length++] = l->index;
		l->poll_index = 0;
	}
	return line_read_on(dev, io, true);
}

int line_prepare_on(struct device *dev)
{
	struct line2703 *l = dev->state;
	bool there = line_connected(l), heard;
	const uint8_t *line;
	size_t n;

	if (l->options.start_stop) {
		line_listen_to_client(l);
		heard = l->tty.broken || tty_line(&l->tty, &line, &n);
		l->tty.broken = false;
	} else {
		heard = line_has_bytes(l);
	}
	if (heard)
		return line_ended(l, DONE);
	return there && line_connected(l) ? DEVICE_WORKING
					  : line_ended(l, line_not_there(dev));
}

int line_prepare(struct device *dev)
{
	struct line2703 *l = dev->state;

	if (!l->enabled)
		return line_refuse(dev, SENSE0_COMMAND_REJECT, WHY_DISABLED);
	if (l->must_write)
		return line_refuse(dev, SENSE0_COMMAND_REJECT, WHY_NOTHING);
	l->wait = CMD_PREPARE;
	return line_prepare_on(dev);
}

/* ---- WRITE */

int line_write_on(struct device *dev)
{
	struct line2703 *l = dev->state;
	enum line_state state;

	if (l->options.start_stop)
		line_listen_to_client(l);
	if (l->tty.broken)
		return take_break(dev);
	/* First the state: what is not sent when that has ended never will be. */
	state = wire_look(l);
	if (wire_written(l))
		return line_ended(l, DONE);
	return state == LINE_CONNECTED ? DEVICE_WORKING : line_ended(l, line_not_there(dev));
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
		return line_not_there(dev);
	l->wait = CMD_WRITE;
	return DEVICE_WORKING;
}

int line_write(struct device *dev, struct ccw_io *io)
{
	struct line2703 *l = dev->state;
	uint8_t *buffer;
	int unit;

	if (wire_look(l) != LINE_CONNECTED)
		return line_not_there(dev);
	if (!l->enabled)
		return line_refuse(dev, SENSE0_COMMAND_REJECT, WHY_NOTHING);
	if (l->options.start_stop)
		line_listen_to_client(l);
	else if (!l->must_write && !l->wire.station && line_has_bytes(l))
		return DONE | US_UX;  /* the other side talks */
	if (io->command == CMD_BREAK) /* a signal, whatever the data */
		return DONE;
	buffer = malloc(3 * WRITE_MAX);
	if (!buffer)
		return device_unit_check(dev, SENSE0_EQUIPMENT);
	unit = send_data(dev, buffer, ccw_get(io, buffer, WRITE_MAX), buffer + WRITE_MAX);
	free(buffer);
	return unit == DEVICE_WORKING ? line_write_on(dev) : unit;
}

/* ---- POLL */

/* The answer to a poll: none yet, EOT (nothing to say), or the beginning of text. */
enum poll_answer { POLL_SILENT, POLL_NEGATIVE, POLL_POSITIVE };

static enum poll_answer poll_answer(struct line2703 *l)
{
	uint8_t byte;

	while (line_next_byte(l, &byte)) {
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
				      : line_refuse(dev, SENSE0_DATA_CHECK, WHY_BAD_POLL);
		if (question[n++] == BSC_ENQ)
			break;
		if (n == sizeof(question))
			return line_refuse(dev, SENSE0_DATA_CHECK, WHY_BAD_POLL);
	}
	if (ccw_get(io, &l->index, 1) == 0)
		return line_refuse(dev, SENSE0_DATA_CHECK, WHY_BAD_POLL);
	if (!wire_write(l, question, n))
		return line_not_there(dev);
	line_waits(l, CMD_POLL, l->options.poll_ms);
	return DEVICE_WORKING;
}

int line_poll_on(struct device *dev, struct ccw_io *io)
{
	struct line2703 *l = dev->state;
	int unit;

	for (;;) {
		bool there = line_connected(l);

		switch (poll_answer(l)) {
		case POLL_POSITIVE: l->poll_index = 1; return line_ended(l, DONE | US_SM);
		case POLL_NEGATIVE:
			unit = poll_next(dev, io);
			if (unit != DEVICE_WORKING)
				return line_ended(l, unit);
			break;
		case POLL_SILENT:
			if (!there || !line_connected(l))
				return line_ended(l, line_not_there(dev));
			return line_timed_out(l, l->options.poll_ms)
				       ? line_ended(l, line_time_out(dev))
				       : DEVICE_WORKING;
		}
	}
}

int line_poll(struct device *dev, struct ccw_io *io)
{
	struct line2703 *l = dev->state;
	int unit;

	if (l->options.start_stop || l->wire.station || l->must_write)
		return line_refuse(dev, SENSE0_COMMAND_REJECT, WHY_NOTHING);
	if (!l->enabled)
		return line_refuse(dev, SENSE0_COMMAND_REJECT, WHY_DISABLED);
	unit = poll_next(dev, io);
	return unit == DEVICE_WORKING ? line_poll_on(dev, io) : unit;
}
