/*
 * devices/ctca.c - channel-to-channel adapter.
 *
 * GA22-6983 (IBM System/360 Channel-to-Channel Adapter), and the extended mode of
 * VM/370's. Each side waits with a READ or WRITE until the other gives the
 * opposite one. A waiting reader has said how much it takes, so the writer moves
 * that much into the cable on its own thread, and the reader out of it on its.
 *
 * The cable's lock may be held while a request is posted to a machine (machine
 * queue lock), never the other way round.
 */
#include "devices/ctca.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/classes.h"
#include "devices/machine.h"

#define BUFFER_SIZE (128u << 10)

enum ctca_command {
	CMD_WRITE = 0x01,
	CMD_READ = 0x02,
	CMD_NOP = 0x03,
	CMD_SENSE = 0x04,
	CMD_CONTROL = 0x07,
	CMD_READ_BACKWARD = 0x0C,
	CMD_SENSE_COMMAND = 0x14,
	CMD_SET_BASE = 0x43,
	CMD_WRITE_EOF = 0x81,
	CMD_SET_EXTENDED = 0xC3,
};

struct ctca_side {
	struct machine *machine; /* NULL: nobody has plugged this end in */
	struct device *dev;
	uint8_t command;   /* that waits for the other side; 0 none */
	size_t capacity;   /* bytes that a waiting reader takes */
	bool go;	   /* the other side wants the data of our WRITE */
	bool data_ready;   /* data for our READ is in the buffer */
	bool control_done; /* the other side has seen our CONTROL: device end is due */
	bool eof;	   /* end of file for our READ, this one or the next */
	bool extended;
};

struct ctca_link {
	pthread_mutex_t lock; /* everything below */
	unsigned references;
	struct ctca_side side[2];
	size_t length;
	uint8_t buffer[BUFFER_SIZE];
};

struct ctca {
	struct ctca_link *link; /* NULL: not coupled */
	unsigned end;		/* which side of it is ours */
};

struct ctca_link *ctca_link_new(void)
{
	struct ctca_link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	pthread_mutex_init(&link->lock, NULL);
	link->references = 2;
	return link;
}

void ctca_link_put(struct ctca_link *link)
{
	bool last;

	pthread_mutex_lock(&link->lock);
	last = --link->references == 0;
	pthread_mutex_unlock(&link->lock);
	if (!last)
		return;
	pthread_mutex_destroy(&link->lock);
	free(link);
}

static struct ctca_side *mine(const struct ctca *ctca)
{
	return &ctca->link->side[ctca->end];
}

static struct ctca_side *other(const struct ctca *ctca)
{
	return &ctca->link->side[1 - ctca->end];
}

/* Ask the other machine's thread to look at its side, or to present attention. */
static void tell(const struct ctca_side *side, enum machine_request_kind kind)
{
	const struct machine_request req = {
		.kind = kind,
		.address = side->dev->address,
		.value = US_ATTENTION,
	};

	if (side->machine)
		machine_post(side->machine, &req);
}

static bool is_read(uint8_t command)
{
	return command == CMD_READ || command == CMD_READ_BACKWARD;
}

/* ---- the lock is held in these */

/* Wait for the other side's opposite, and call its attention. */
static int wait_for_other(struct ctca *ctca, const struct ccw_io *io)
{
	struct ctca_side *me = mine(ctca);

	me->command = io->command;
	me->capacity = io->data_chained ? BUFFER_SIZE : io->count;
	tell(other(ctca), MACHINE_ATTENTION);
	return DEVICE_WORKING;
}

static void move_in(struct ctca *ctca, struct ccw_io *io)
{
	struct ctca_side *it = other(ctca);
	size_t room = it->capacity < BUFFER_SIZE ? it->capacity : BUFFER_SIZE;

	ctca->link->length = ccw_get(io, ctca->link->buffer, room);
	it->data_ready = true;
	tell(it, MACHINE_WAKE_DEVICE);
}

static int write_data(struct ctca *ctca, struct ccw_io *io)
{
	const struct ctca_side *it = other(ctca);

	if (!it->command || it->data_ready)
		return wait_for_other(ctca, io);
	if (!is_read(it->command))
		return US_ATTENTION | US_BUSY;
	move_in(ctca, io);
	return US_CE | US_DE;
}

static int read_data(struct ctca *ctca, struct ccw_io *io)
{
	struct ctca_side *me = mine(ctca), *it = other(ctca);

	if (me->eof) {
		me->eof = false;
		return US_CE | US_DE | US_UX;
	}
	if (!it->command)
		return wait_for_other(ctca, io);
	if (it->command != CMD_WRITE)
		return US_ATTENTION | US_BUSY;
	me->command = io->command;
	me->capacity = io->data_chained ? BUFFER_SIZE : io->count;
	it->go = true;
	tell(it, MACHINE_WAKE_DEVICE);
	return DEVICE_WORKING;
}

/* CONTROL: channel end now, device end when the other side has sensed it. */
static int control(struct ctca *ctca, const struct ccw_io *io)
{
	struct ctca_side *me = mine(ctca), *it = other(ctca);

	if (it->command)
		return US_ATTENTION | US_BUSY;
	me->command = io->command;
	tell(it, MACHINE_ATTENTION);
	return US_CE;
}

static int sense_command(struct ctca *ctca, struct ccw_io *io)
{
	struct ctca_side *it = other(ctca);
	uint8_t byte = it->command;

	ccw_put(io, &byte, 1);
	if (it->command == CMD_CONTROL) {
		it->command = 0;
		it->control_done = true;
		tell(it, MACHINE_WAKE_DEVICE);
	}
	return US_CE | US_DE;
}

static int write_eof(struct ctca *ctca)
{
	struct ctca_side *it = other(ctca);

	it->eof = true;
	tell(it, is_read(it->command) ? MACHINE_WAKE_DEVICE : MACHINE_ATTENTION);
	return US_CE | US_DE;
}

static int coupled_command(struct device *dev, struct ccw_io *io)
{
	struct ctca *ctca = dev->state;
	struct ctca_side *me = mine(ctca);

	switch (io->command) {
	case CMD_WRITE: return write_data(ctca, io);
	case CMD_READ:
	case CMD_READ_BACKWARD: return read_data(ctca, io);
	case CMD_CONTROL: return control(ctca, io);
	case CMD_SENSE_COMMAND: return sense_command(ctca, io);
	case CMD_SENSE:
		return me->extended ? device_basic_sense(dev, io)
				    : sense_command(ctca, io);
	case CMD_SET_EXTENDED: me->extended = true; return US_CE | US_DE;
	case CMD_SET_BASE: me->extended = false; return US_CE | US_DE;
	case CMD_WRITE_EOF:
		if (me->extended)
			return write_eof(ctca);
		FALLTHROUGH;
	default: return device_unit_check(dev, SENSE0_COMMAND_REJECT);
	}
}

/* Nobody at the other end: intervention required. */
static int lonely_command(struct device *dev, struct ccw_io *io)
{
	if (io->command == CMD_SENSE) {
		dev->sense[0] |= SENSE0_INTERVENTION;
		return device_basic_sense(dev, io);
	}
	return device_unit_check(dev, SENSE0_INTERVENTION);
}

static int ctca_command(struct device *dev, struct ccw_io *io)
{
	struct ctca *ctca = dev->state;
	int unit;

	if (io->command == CMD_NOP)
		return US_CE | US_DE;
	if (!ctca->link)
		return lonely_command(dev, io);
	pthread_mutex_lock(&ctca->link->lock);
	unit = other(ctca)->dev ? coupled_command(dev, io) : lonely_command(dev, io);
	pthread_mutex_unlock(&ctca->link->lock);
	return unit;
}

/* Our side was told to look: what has become of the command that waits? */
static int look(struct device *dev, struct ccw_io *io)
{
	struct ctca *ctca = dev->state;
	struct ctca_side *me = mine(ctca), *it = other(ctca);

	if (!it->dev) {
		me->command = 0;
		return device_unit_check(dev, SENSE0_INTERVENTION);
	}
	if (is_read(me->command) && me->data_ready) {
		ccw_put(io, ctca->link->buffer, ctca->link->length);
		me->command = 0;
		me->data_ready = false;
		return US_CE | US_DE;
	}
	if (is_read(me->command) && me->eof) {
		me->command = 0;
		me->eof = false;
		return US_CE | US_DE | US_UX;
	}
	if (me->command == CMD_WRITE && me->go && is_read(it->command)) {
		move_in(ctca, io);
		me->command = 0;
		me->go = false;
		return US_CE | US_DE;
	}
	me->go = false; /* the reader has gone away again */
	return DEVICE_WORKING;
}

static int ctca_resume(struct device *dev, struct ccw_io *io)
{
	struct ctca *ctca = dev->state;
	int unit;

	if (!ctca->link)
		return device_unit_check(dev, SENSE0_INTERVENTION);
	pthread_mutex_lock(&ctca->link->lock);
	unit = look(dev, io);
	pthread_mutex_unlock(&ctca->link->lock);
	return unit;
}

static int ctca_halt(struct device *dev, struct ccw_io *io)
{
	struct ctca *ctca = dev->state;

	(void)io;
	if (ctca->link) {
		pthread_mutex_lock(&ctca->link->lock);
		mine(ctca)->command = 0;
		mine(ctca)->go = mine(ctca)->data_ready = false;
		pthread_mutex_unlock(&ctca->link->lock);
	}
	return US_CE | US_DE;
}

static void ctca_reset(struct device *dev)
{
	struct ctca *ctca = dev->state;

	ctca_halt(dev, NULL);
	if (!ctca->link)
		return;
	pthread_mutex_lock(&ctca->link->lock);
	mine(ctca)->extended = mine(ctca)->eof = mine(ctca)->control_done = false;
	pthread_mutex_unlock(&ctca->link->lock);
}

/* ---- coupling */

static void unplug(struct ctca *ctca)
{
	struct ctca_link *link = ctca->link;

	if (!link)
		return;
	pthread_mutex_lock(&link->lock);
	memset(mine(ctca), 0, sizeof(*mine(ctca)));
	if (other(ctca)->dev)
		tell(other(ctca), MACHINE_WAKE_DEVICE); /* it may wait for us */
	pthread_mutex_unlock(&link->lock);
	ctca->link = NULL;
	ctca_link_put(link);
}

static bool plug(struct device *dev, struct ctca_link *link, struct error *err)
{
	struct ctca *ctca = dev->state;
	unsigned end;

	pthread_mutex_lock(&link->lock);
	end = link->side[0].dev ? 1 : 0;
	if (!link->side[end].dev) {
		link->side[end].dev = dev;
		link->side[end].machine = dev->machine;
		ctca->link = link;
		ctca->end = end;
	}
	pthread_mutex_unlock(&link->lock);
	if (!ctca->link)
		error_set(err, 0, "both ends of the cable are in use");
	return ctca->link != NULL;
}

static bool ctca_attach(struct device *dev, const struct machine_request *req,
			struct error *err)
{
	return !req->link || plug(dev, req->link, err);
}

static void ctca_detach(struct device *dev)
{
	unplug(dev->state);
}

static bool take_control_done(struct ctca *ctca)
{
	bool done = false;

	if (ctca->link) {
		pthread_mutex_lock(&ctca->link->lock);
		done = mine(ctca)->control_done;
		mine(ctca)->control_done = false;
		pthread_mutex_unlock(&ctca->link->lock);
	}
	return done;
}

static bool ctca_request(struct device *dev, const struct machine_request *req,
			 struct error *err)
{
	struct ctca *ctca = dev->state;

	switch (req->kind) {
	case MACHINE_WAKE_DEVICE:
		if (take_control_done(ctca))
			device_attention(dev, US_DE);
		device_resume(dev);
		return true;
	case MACHINE_MOUNT: /* COUPLE, or without a cable DETACH of it */
		unplug(ctca);
		device_resume(dev);
		return !req->link || plug(dev, req->link, err);
	default: error_set(err, 0, "not for an adapter"); return false;
	}
}

static void ctca_describe(struct device *dev, char *text, size_t size)
{
	const struct ctca *ctca = dev->state;

	snprintf(text, size, "%s", ctca->link ? "coupled" : "not coupled");
}

static const char *const aliases[] = { "3088", NULL };

const struct device_class ctca_class = {
	.type = "CTCA",
	.aliases = aliases,
	.kind = DEVICE_CTCA,
	.state_size = sizeof(struct ctca),
	.sense_bytes = 1,
	.attach = ctca_attach,
	.detach = ctca_detach,
	.command = ctca_command,
	.resume = ctca_resume,
	.halt = ctca_halt,
	.reset = ctca_reset,
	.request = ctca_request,
	.describe = ctca_describe,
};
