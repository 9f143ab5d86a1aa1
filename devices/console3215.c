/*
 * devices/console3215.c - typewriter consoles 3215, 3210 and 1052.
 *
 * GA24-3550 (3215), GA24-3557 (System/370 Model 145 console): commands and
 * sense. The person and the paper are behind struct terminal: a write waits
 * while the owner has no room, a read until somebody types.
 */
#include "devices/classes.h"

#include <stdio.h>
#include <string.h>

#include "devices/machine.h"

enum {
	CMD_WRITE = 0x01, /* no carrier return */
	CMD_NOP = 0x03,
	CMD_SENSE = 0x04,
	CMD_WRITE_ACR = 0x09, /* write, automatic carrier return */
	CMD_READ_INQUIRY = 0x0A,
	CMD_ALARM = 0x0B,
};

/* Only in a program that a DIAGNOSE started. */
enum { CMD_DISPLAY = 0x19, CMD_SCREEN_WRITE = 0x29, CMD_SCREEN_READ = 0x2A };

enum console_wait { WAIT_NONE, WAIT_ROOM, WAIT_INPUT, WAIT_DISPLAY };

struct console3215 {
	struct terminal terminal;
	enum console_wait wait;
	unsigned flags; /* TERMINAL_* of the write in progress */
	size_t length;	/* bytes in text */
	bool last;	/* text is the end of the write */
	bool answered;	/* the person has answered the read ... */
	bool cancelled; /* ... with CANCEL */
	uint8_t unit;	/* the answer to a display command */
	uint8_t text[TERMINAL_LINE_MAX];
};

static bool console_ready(const struct console3215 *con)
{
	const struct terminal *t = &con->terminal;

	return t->ops && t->ops->ready(t->arg);
}

/* Hand text to the terminal until the write is complete or there is no room. */
static int write_on(struct console3215 *con, struct ccw_io *io)
{
	const struct terminal *t = &con->terminal;

	for (;;) {
		unsigned flags = con->last ? con->flags : 0;

		con->wait = WAIT_ROOM;
		if (!t->ops->write(t->arg, con->text, con->length, flags))
			return DEVICE_WORKING;
		con->wait = WAIT_NONE;
		if (con->last)
			return US_CE | US_DE;
		con->length = ccw_get(io, con->text, sizeof(con->text));
		con->last = con->length < sizeof(con->text);
	}
}

static int write_begin(struct device *dev, struct ccw_io *io, unsigned flags)
{
	struct console3215 *con = dev->state;

	if (!console_ready(con))
		return device_unit_check(dev, SENSE0_INTERVENTION);
	con->flags = flags;
	con->length = ccw_get(io, con->text, sizeof(con->text));
	con->last = con->length < sizeof(con->text);
	return write_on(con, io);
}

static int alarm(struct device *dev)
{
	struct console3215 *con = dev->state;
	const struct terminal *t = &con->terminal;

	if (!console_ready(con))
		return device_unit_check(dev, SENSE0_INTERVENTION);
	/* A bell that finds no room is not worth waiting for. */
	(void)t->ops->write(t->arg, con->text, 0, TERMINAL_ALARM);
	return US_CE | US_DE;
}

static int read_begin(struct device *dev, struct ccw_io *io)
{
	struct console3215 *con = dev->state;
	const struct terminal *t = &con->terminal;

	if (!console_ready(con))
		return device_unit_check(dev, SENSE0_INTERVENTION);
	con->wait = WAIT_INPUT;
	con->answered = con->cancelled = false;
	t->ops->read(t->arg, io->count);
	return DEVICE_WORKING;
}

static int display_begin(struct device *dev, struct ccw_io *io)
{
	struct console3215 *con = dev->state;
	const struct terminal *t = &con->terminal;

	if (!io->diagnose || !t->ops || !t->ops->display)
		return device_unit_check(dev, SENSE0_COMMAND_REJECT);
	con->length = 0;
	if (io->command != CMD_SCREEN_READ)
		con->length = ccw_get(io, con->text, sizeof(con->text));
	con->wait = WAIT_DISPLAY;
	con->answered = false;
	t->ops->display(t->arg, io->command, io->control, con->text, con->length);
	return DEVICE_WORKING;
}

static int display_end(struct device *dev, struct ccw_io *io)
{
	struct console3215 *con = dev->state;

	con->wait = WAIT_NONE;
	if (io->command == CMD_SCREEN_READ && !(con->unit & US_UC))
		ccw_put(io, con->text, con->length);
	if (con->unit == (US_CE | US_DE | US_UC))
		return device_unit_check(dev, SENSE0_COMMAND_REJECT);
	return con->unit;
}

static int console_command(struct device *dev, struct ccw_io *io)
{
	switch (io->command) {
	case CMD_WRITE: return write_begin(dev, io, 0);
	case CMD_WRITE_ACR: return write_begin(dev, io, TERMINAL_NEWLINE);
	case CMD_READ_INQUIRY: return read_begin(dev, io);
	case CMD_ALARM: return alarm(dev);
	case CMD_NOP: return US_CE | US_DE;
	case CMD_SENSE: return device_basic_sense(dev, io);
	case CMD_DISPLAY:
	case CMD_SCREEN_WRITE:
	case CMD_SCREEN_READ: return display_begin(dev, io);
	default: return device_unit_check(dev, SENSE0_COMMAND_REJECT);
	}
}

static int read_end(struct console3215 *con, struct ccw_io *io)
{
	con->wait = WAIT_NONE;
	if (con->cancelled)
		return US_CE | US_DE | US_UX;
	ccw_put(io, con->text, con->length);
	return US_CE | US_DE;
}

static int console_resume(struct device *dev, struct ccw_io *io)
{
	struct console3215 *con = dev->state;

	if (con->wait == WAIT_INPUT && con->answered)
		return read_end(con, io);
	if (con->wait == WAIT_ROOM)
		return write_on(con, io);
	if (con->wait == WAIT_DISPLAY && con->answered)
		return display_end(dev, io);
	return DEVICE_WORKING;
}

static void stop_waiting(struct console3215 *con)
{
	if (con->wait != WAIT_NONE && con->terminal.ops)
		con->terminal.ops->cancel(con->terminal.arg);
	con->wait = WAIT_NONE;
}

static int console_halt(struct device *dev, struct ccw_io *io)
{
	(void)io;
	stop_waiting(dev->state);
	return US_CE | US_DE;
}

static void console_reset(struct device *dev)
{
	stop_waiting(dev->state);
}

/* Somebody typed a line, or pressed CANCEL. */
static bool take_input(struct device *dev, const struct machine_request *req,
		       struct error *err)
{
	struct console3215 *con = dev->state;

	if (con->wait != WAIT_INPUT && con->wait != WAIT_DISPLAY) {
		error_set(err, 0, "no read is outstanding");
		return false;
	}
	con->length = req->length < sizeof(con->text) ? req->length : sizeof(con->text);
	if (con->length)
		memcpy(con->text, req->data, con->length);
	con->answered = true;
	con->cancelled = req->on;
	con->unit = req->value ? (uint8_t)req->value : US_CE | US_DE;
	device_resume(dev);
	return true;
}

static bool console_request(struct device *dev, const struct machine_request *req,
			    struct error *err)
{
	struct console3215 *con = dev->state;

	switch (req->kind) {
	case MACHINE_TERMINAL_INPUT: return take_input(dev, req, err);
	case MACHINE_TERMINAL_ROOM:
		if (con->wait == WAIT_ROOM)
			device_resume(dev);
		return true;
	default: error_set(err, 0, "not for a console"); return false;
	}
}

static bool console_attach(struct device *dev, const struct machine_request *req,
			   struct error *err)
{
	struct console3215 *con = dev->state;

	(void)err;
	con->terminal = req->terminal;
	return true;
}

static void console_describe(struct device *dev, char *text, size_t size)
{
	const struct console3215 *con = dev->state;
	const char *what = con->wait == WAIT_INPUT  ? "read outstanding"
			   : con->wait == WAIT_ROOM ? "write waits for room"
			   : console_ready(con)	    ? "ready"
						    : "no terminal";

	snprintf(text, size, "%s", what);
}

static const char *const aliases[] = { "3210", "1052", NULL };

const struct device_class console3215_class = {
	.type = "3215",
	.aliases = aliases,
	.kind = DEVICE_CONSOLE,
	.state_size = sizeof(struct console3215),
	.sense_bytes = 1,
	.attach = console_attach,
	.command = console_command,
	.resume = console_resume,
	.halt = console_halt,
	.reset = console_reset,
	.request = console_request,
	.describe = console_describe,
};
