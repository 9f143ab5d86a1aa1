/*
 * devices/display3270.c - local display stations 3277, 3278 and 3279 on a 3272 or
 * 3274 control unit.
 *
 * GA27-2749 (3270 Information Display System, Component Description): commands,
 * status, sense. The screen itself is the terminal's: commands with their data go
 * there, inbound records come from there.
 */
#include "devices/classes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/machine.h"

enum display_command {
	CMD_WRITE = 0x01,
	CMD_READ_BUFFER = 0x02,
	CMD_NOP = 0x03,
	CMD_SENSE = 0x04,
	CMD_ERASE_WRITE = 0x05,
	CMD_READ_MODIFIED = 0x06,
	CMD_SELECT = 0x0B,
	CMD_ERASE_WRITE_ALTERNATE = 0x0D,
	CMD_READ_MODIFIED_ALL = 0x0E,
	CMD_ERASE_UNPROTECTED = 0x0F,
	CMD_WRITE_STRUCTURED = 0x11,
	CMD_SELECT_RB = 0x1B,
	CMD_SELECT_RM = 0x2B,
	CMD_SELECT_RBP = 0x3B,
	CMD_SELECT_RMP = 0x4B,
	CMD_SELECT_WRITE = 0x5B,
	CMD_SENSE_ID = 0xE4,
};

#define WCC_RESTORE	 0x02 /* the keyboard is unlocked, the AID forgotten */
#define SENSE0_OPERATION 0x01 /* a bad order or address */

enum display_wait { WAIT_NONE, WAIT_ROOM, WAIT_INPUT };

struct display {
	struct terminal terminal;
	enum display_wait wait;
	size_t length;		     /* of what is being written */
	bool answered;		     /* inbound came for the read that waits */
	size_t inbound_length;	     /* an inbound record: AID, cursor, fields; 0 none */
	uint8_t *outbound, *inbound; /* TERMINAL_RECORD_MAX bytes each */
};

static bool display_ready(const struct display *dsp)
{
	const struct terminal *t = &dsp->terminal;

	return t->ops && t->ops->write3270 && t->ops->ready(t->arg);
}

static int hand_over(struct device *dev, uint8_t command)
{
	struct display *dsp = dev->state;
	const struct terminal *t = &dsp->terminal;

	dsp->wait = WAIT_ROOM;
	switch (t->ops->write3270(t->arg, command, dsp->outbound, dsp->length)) {
	case TERMINAL_NO_ROOM: return DEVICE_WORKING;
	case TERMINAL_BAD:
		dsp->wait = WAIT_NONE;
		return device_unit_check(dev, SENSE0_OPERATION);
	default: dsp->wait = WAIT_NONE; return US_CE | US_DE;
	}
}

/* Does this command make the last AID void? */
static bool forgets_aid(const struct display *dsp, uint8_t command)
{
	switch (command) {
	case CMD_WRITE:
	case CMD_ERASE_WRITE:
	case CMD_ERASE_WRITE_ALTERNATE:
		return dsp->length && (dsp->outbound[0] & WCC_RESTORE);
	case CMD_ERASE_UNPROTECTED: return true;
	default: return false;
	}
}

static int write_begin(struct device *dev, struct ccw_io *io)
{
	struct display *dsp = dev->state;

	dsp->length = 0;
	if (io->command != CMD_ERASE_UNPROTECTED)
		dsp->length = ccw_get(io, dsp->outbound, TERMINAL_RECORD_MAX);
	if (forgets_aid(dsp, io->command))
		dsp->inbound_length = 0;
	return hand_over(dev, io->command);
}

static int give_inbound(struct display *dsp, struct ccw_io *io)
{
	ccw_put(io, dsp->inbound, dsp->inbound_length);
	return US_CE | US_DE;
}

/*
 * READ MODIFIED after an attention gives what came with the key; without one, and
 * READ BUFFER always, the terminal is asked.
 */
static int read_begin(struct device *dev, struct ccw_io *io)
{
	struct display *dsp = dev->state;
	const struct terminal *t = &dsp->terminal;

	if (io->command != CMD_READ_BUFFER && dsp->inbound_length)
		return give_inbound(dsp, io);
	dsp->wait = WAIT_INPUT;
	dsp->answered = false;
	t->ops->read3270(t->arg, io->command);
	return DEVICE_WORKING;
}

static int sense_id(struct device *dev, struct ccw_io *io)
{
	uint8_t id[7] = { 0xFF, 0x32, 0x74, 0x1D, 0x32, 0x78, 0x02 };

	if (strcmp(dev->type, "3277") == 0)
		return device_unit_check(dev, SENSE0_COMMAND_REJECT);
	if (strcmp(dev->type, "3279") == 0)
		id[5] = 0x79;
	ccw_put(io, id, sizeof(id));
	return US_CE | US_DE;
}

static int display_command(struct device *dev, struct ccw_io *io)
{
	if (io->command == CMD_NOP)
		return US_CE | US_DE;
	if (io->command == CMD_SENSE)
		return device_basic_sense(dev, io);
	if (io->command == CMD_SENSE_ID)
		return sense_id(dev, io);
	if (!display_ready(dev->state))
		return device_unit_check(dev, SENSE0_INTERVENTION);
	switch (io->command) {
	case CMD_WRITE:
	case CMD_ERASE_WRITE:
	case CMD_ERASE_WRITE_ALTERNATE:
	case CMD_ERASE_UNPROTECTED:
	case CMD_WRITE_STRUCTURED: return write_begin(dev, io);
	case CMD_READ_BUFFER:
	case CMD_READ_MODIFIED:
	case CMD_READ_MODIFIED_ALL: return read_begin(dev, io);
	case CMD_SELECT:
	case CMD_SELECT_RB:
	case CMD_SELECT_RM:
	case CMD_SELECT_RBP:
	case CMD_SELECT_RMP:
	case CMD_SELECT_WRITE: return US_CE | US_DE;
	default: return device_unit_check(dev, SENSE0_COMMAND_REJECT);
	}
}

static int display_resume(struct device *dev, struct ccw_io *io)
{
	struct display *dsp = dev->state;

	if (dsp->wait == WAIT_ROOM)
		return hand_over(dev, io->command);
	if (dsp->wait != WAIT_INPUT || !dsp->answered)
		return DEVICE_WORKING;
	dsp->wait = WAIT_NONE;
	return give_inbound(dsp, io);
}

static void stop_waiting(struct display *dsp)
{
	if (dsp->wait != WAIT_NONE)
		dsp->terminal.ops->cancel(dsp->terminal.arg);
	dsp->wait = WAIT_NONE;
}

static int display_halt(struct device *dev, struct ccw_io *io)
{
	(void)io;
	stop_waiting(dev->state);
	return US_CE | US_DE;
}

static void display_reset(struct device *dev)
{
	struct display *dsp = dev->state;

	stop_waiting(dsp);
	dsp->inbound_length = 0;
}

/* An inbound record: the answer to a read, or a key that raises attention. */
static bool take_inbound(struct device *dev, const struct machine_request *req,
			 struct error *err)
{
	struct display *dsp = dev->state;

	if (!req->length || req->length > TERMINAL_RECORD_MAX) {
		error_set(err, 0, "an inbound record of %zu bytes", req->length);
		return false;
	}
	memcpy(dsp->inbound, req->data, req->length);
	dsp->inbound_length = req->length;
	if (dsp->wait == WAIT_INPUT) {
		dsp->answered = true;
		device_resume(dev);
	} else {
		device_attention(dev, US_ATTENTION);
	}
	return true;
}

static bool display_request(struct device *dev, const struct machine_request *req,
			    struct error *err)
{
	const struct display *dsp = dev->state;

	switch (req->kind) {
	case MACHINE_TERMINAL_INPUT: return take_inbound(dev, req, err);
	case MACHINE_TERMINAL_ROOM:
		if (dsp->wait == WAIT_ROOM)
			device_resume(dev);
		return true;
	default: error_set(err, 0, "not for a display"); return false;
	}
}

static void display_detach(struct device *dev)
{
	struct display *dsp = dev->state;

	free(dsp->outbound);
	free(dsp->inbound);
}

static bool display_attach(struct device *dev, const struct machine_request *req,
			   struct error *err)
{
	struct display *dsp = dev->state;

	dsp->terminal = req->terminal;
	dsp->outbound = malloc(TERMINAL_RECORD_MAX);
	dsp->inbound = malloc(TERMINAL_RECORD_MAX);
	if (dsp->outbound && dsp->inbound)
		return true;
	error_set(err, 0, "no memory for a screen's records");
	display_detach(dev);
	return false;
}

static void display_describe(struct device *dev, char *text, size_t size)
{
	const struct display *dsp = dev->state;

	snprintf(text, size, "%s",
		 !display_ready(dsp)	   ? "no terminal"
		 : dsp->wait == WAIT_INPUT ? "read outstanding"
		 : dsp->inbound_length	   ? "input waits to be read"
					   : "ready");
}

static const char *const aliases[] = { "3278", "3279", "3270", NULL };

const struct device_class display3270_class = {
	.type = "3277",
	.aliases = aliases,
	.kind = DEVICE_GRAF,
	.state_size = sizeof(struct display),
	.sense_bytes = 1,
	.attach = display_attach,
	.detach = display_detach,
	.command = display_command,
	.resume = display_resume,
	.halt = display_halt,
	.reset = display_reset,
	.request = display_request,
	.describe = display_describe,
};
