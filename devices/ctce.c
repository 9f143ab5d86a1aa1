/*
 * devices/ctce.c - channel-to-channel adapter over TCP.
 *
 * SA22-7203 (ESCON Channel-to-Channel Adapter), "Basic Mode" and "Extended Mode":
 * what becomes of a command depends on what the other side is doing. The cable
 * (ctce_link.h) carries every command that the other side must know of; x is this side
 * and y the other. So that two commands which cross on the way do not both win, one
 * side, the loser, behaves as if its command had come second. Which one the link says, as
 * Hercules does it, until CONTROL and SENSE COMMAND BYTE settle it anew.
 */
#include "devices/ctce_link.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "devices/classes.h"
#include "devices/machine.h"

/* States of a side as messages have them. */
enum ctce_state {
	ST_PREPARE,
	ST_CONTROL,
	ST_READ,
	ST_WRITE, /* up to here: a command waits for its match */
	ST_AVAILABLE,
	ST_NOT_READY,
};

#define ST_MASK	   7
#define CODE_RESET 0 /* in a message: no command, but a reset */

/* Command codes by their meaning. Up to CMD_READ_BACKWARD they depend on the other side. */
enum ctce_command {
	CMD_PREPARE,
	CMD_CONTROL,
	CMD_READ,
	CMD_WRITE,
	CMD_SENSE_COMMAND,
	CMD_READ_BACKWARD,
	CMD_WRITE_EOF,
	CMD_NOP,
	CMD_SET_EXTENDED,
	CMD_SET_BASIC,
	CMD_SENSE_STATE, /* SENSE X'04' */
	CMD_SENSE_ID,
	CMD_INVALID,
};

/* What a command does, given what the other side is doing. */
struct ctce_effect {
	uint8_t state;	/* of the side that gives it */
	int unit;	/* its status now, or DEVICE_WORKING */
	bool send;	/* the other side must know */
	bool match;	/* it ends what the other side waits with */
	bool attention; /* and if that is available, its program must know */
};

struct ctce {
	struct ctce_link *link;
	unsigned generation; /* of the coupling that x and y belong to */
	bool coupled;
	bool resets; /* the other side wants to know of resets */
	uint16_t remote_port;
	char *remote;

	bool extended;
	bool loser;	   /* our command counts as the second when two cross */
	uint8_t x, y;	   /* enum ctce_state */
	uint8_t x_command; /* last codes */
	uint8_t y_command;
	bool eof;   /* WRITE END OF FILE came: the next read ends with it */
	bool ended; /* the command that waits has its status: */
	int unit;
	struct ctce_message *data; /* of the other side's last write */
};

/* ---- commands */

/* Code by the rules of SA22-7203, "Channel Commands": bits, not whole codes, count. */
static enum ctce_command command_of(const struct ctce *c, uint8_t code)
{
	switch (code & 0x03) {
	case 1: return c->extended && (code & 0x80) ? CMD_WRITE_EOF : CMD_WRITE;
	case 2: return CMD_READ;
	case 3:
		if ((code & 0x07) == 7)
			return CMD_CONTROL;
		if (code == 0xC3)
			return CMD_SET_EXTENDED;
		if (code == 0xE3)
			return CMD_PREPARE;
		if ((code & 0xC0) == 0x40)
			return CMD_SET_BASIC;
		return (code & 0xC0) == 0xC0 ? CMD_INVALID : CMD_NOP;
	default: break;
	}
	if ((code & 0x0F) == 0x0C)
		return CMD_READ_BACKWARD;
	if ((code & 0x1F) == 0x14)
		return CMD_SENSE_COMMAND;
	return code == 0x04 ? CMD_SENSE_STATE : code == 0xE4 ? CMD_SENSE_ID : CMD_INVALID;
}

static bool dependent(enum ctce_command command)
{
	return command <= CMD_READ_BACKWARD;
}

static bool is_read(enum ctce_command command)
{
	return command == CMD_READ || command == CMD_READ_BACKWARD;
}

static bool working(uint8_t state)
{
	return state <= ST_WRITE;
}

#define GOOD	 (US_CE | US_DE)
#define CONFLICT (US_ATTENTION | US_BUSY)

/* The command waits; a side that is available is told by attention. */
static struct ctce_effect waits(uint8_t state, uint8_t other)
{
	return (struct ctce_effect){
		.state = state,
		.unit = DEVICE_WORKING,
		.send = true,
		.match = other == ST_PREPARE,
		.attention = other == ST_AVAILABLE && state != ST_PREPARE,
	};
}

/* It is what the other side waits for. */
static const struct ctce_effect matches = { ST_AVAILABLE, GOOD, true, true, false };

static struct ctce_effect answer(uint8_t own, int unit, bool send)
{
	return (struct ctce_effect){ .state = own, .unit = unit, .send = send };
}

/*
 * A command of a side in state own, the other being in state other: SA22-7203, the
 * table of commands and states. In basic mode there is no "not ready".
 */
static struct ctce_effect effect(const struct ctce *c, enum ctce_command command,
				 uint8_t own, uint8_t other)
{
	if (other == ST_NOT_READY && !c->extended)
		other = ST_AVAILABLE;
	if (command >= CMD_SENSE_STATE)
		return answer(own, command == CMD_INVALID ? US_UC : GOOD, false);
	if (other == ST_NOT_READY)
		return answer(command == CMD_SET_EXTENDED || command == CMD_SET_BASIC
				      ? ST_AVAILABLE
				      : own,
			      US_UC, command != CMD_NOP);
	switch (command) {
	case CMD_PREPARE:
		if (other == ST_PREPARE)
			return matches;
		return other == ST_AVAILABLE ? waits(ST_PREPARE, other)
					     : answer(own, GOOD, false);
	case CMD_CONTROL:
		return other == ST_PREPARE || other == ST_AVAILABLE
			       ? waits(ST_CONTROL, other)
			       : answer(own, CONFLICT, false);
	case CMD_READ:
	case CMD_READ_BACKWARD:
	case CMD_WRITE:
		if (other == (command == CMD_WRITE ? ST_READ : ST_WRITE))
			return matches;
		return other == ST_PREPARE || other == ST_AVAILABLE
			       ? waits(command == CMD_WRITE ? ST_WRITE : ST_READ, other)
			       : answer(own, CONFLICT, false);
	case CMD_SENSE_COMMAND:
		return other == ST_CONTROL ? matches : answer(own, GOOD, false);
	case CMD_WRITE_EOF:
		if (other == ST_READ)
			return matches;
		break;
	default: break;
	}
	/* WRITE END OF FILE, NOP, and the modes */
	if (other != ST_PREPARE && other != ST_AVAILABLE)
		return answer(own, CONFLICT, false);
	return answer(own == ST_NOT_READY && command != CMD_NOP ? ST_AVAILABLE : own,
		      GOOD, command != CMD_NOP);
}

/* ---- this side */

static int not_ready(struct device *dev)
{
	return device_unit_check(dev, SENSE0_INTERVENTION);
}

/* A new coupling, or none: nothing is known of the other side. */
static void look_at_coupling(struct ctce *c)
{
	const struct ctce_coupling now = ctce_link_coupling(c->link);

	if (now.coupled == c->coupled && now.generation == c->generation)
		return;
	c->coupled = now.coupled;
	c->generation = now.generation;
	c->resets = now.resets;
	c->loser = !now.first;
	c->y = ST_NOT_READY;
	c->y_command = 0;
	c->eof = false;
	if (working(c->x)) {
		c->x = ST_NOT_READY;
		c->ended = true;
		c->unit = US_CE | US_DE | US_UC;
	}
}

/* Give the channel what the other side has written. */
static void put_data(struct ctce *c, struct ccw_io *io)
{
	if (c->data)
		ccw_put(io, c->data->data, c->data->length);
	free(c->data);
	c->data = NULL;
}

static int sense_command(const struct ctce *c, struct ccw_io *io)
{
	uint8_t byte = c->y == ST_AVAILABLE || c->y == ST_NOT_READY ? 0 : c->y_command;

	ccw_put(io, &byte, 1);
	return US_CE | US_DE;
}

static int sense_state(struct device *dev, struct ccw_io *io)
{
	uint8_t sense[2] = { dev->sense[0], 0 };

	ccw_put(io, sense, sizeof(sense));
	memset(dev->sense, 0, sizeof(dev->sense));
	return US_CE | US_DE;
}

static int sense_id(struct ccw_io *io)
{
	static const uint8_t id[7] = { 0xFF, 0x30, 0x88, 0x08, 0x30, 0x88, 0x01 };

	ccw_put(io, id, sizeof(id));
	return US_CE | US_DE;
}

/* Tell the other side; the data of a write goes along. false: it is not there. */
static bool tell(struct ctce *c, struct ccw_io *io, enum ctce_command command)
{
	uint8_t *data = NULL;
	size_t n = 0;
	bool ok;

	if (command == CMD_WRITE) {
		data = malloc(CTCE_DATA_MAX);
		n = data ? ccw_get(io, data, CTCE_DATA_MAX) : 0;
	}
	ok = ctce_link_send(c->link, io->command, c->x,
			    command == CMD_WRITE ? (uint16_t)n : io->count, data, n);
	free(data);
	return ok;
}

static int local_command(struct device *dev, struct ccw_io *io, enum ctce_command command)
{
	struct ctce *c = dev->state;

	switch (command) {
	case CMD_SENSE_COMMAND: return sense_command(c, io);
	case CMD_SENSE_STATE: return sense_state(dev, io);
	case CMD_SENSE_ID: return sense_id(io);
	case CMD_INVALID: return device_unit_check(dev, SENSE0_COMMAND_REJECT);
	default: return US_CE | US_DE;
	}
}

/* Nobody at the other end: what needs nobody is done, else intervention required. */
static int lonely_command(struct device *dev, struct ccw_io *io,
			  enum ctce_command command)
{
	struct ctce *c = dev->state;

	switch (command) {
	case CMD_SENSE_STATE: dev->sense[0] |= SENSE0_INTERVENTION; break;
	case CMD_SET_EXTENDED: c->extended = true; break;
	case CMD_SET_BASIC: c->extended = false; break;
	case CMD_NOP:
	case CMD_SENSE_ID:
	case CMD_INVALID: break;
	default: return not_ready(dev);
	}
	return local_command(dev, io, command);
}

static int coupled_command(struct device *dev, struct ccw_io *io,
			   enum ctce_command command)
{
	struct ctce *c = dev->state;
	struct ctce_effect e;
	int unit;

	if (command == CMD_SET_EXTENDED || command == CMD_SET_BASIC)
		c->extended = command == CMD_SET_EXTENDED;
	if (is_read(command) && c->eof) {
		c->eof = false;
		return US_CE | US_DE | US_UX;
	}
	e = effect(c, command, c->x, c->y);
	if (e.unit == CONFLICT)
		return e.unit;
	c->eof = false;
	c->x_command = io->command;
	unit = e.unit;
	if (unit == GOOD)
		unit = local_command(dev, io, command);
	if (unit == GOOD && e.match && is_read(command))
		put_data(c, io);
	c->x = e.state;
	c->ended = false;
	if (e.send && !tell(c, io, command)) {
		c->x = ST_NOT_READY;
		return not_ready(dev);
	}
	if (e.match && command == CMD_SENSE_COMMAND)
		c->loser = false;
	if (e.match)
		c->y = ST_AVAILABLE;
	if (c->x == ST_NOT_READY)
		c->x = ST_AVAILABLE;
	return unit == US_UC ? not_ready(dev) : unit;
}

static int ctce_command(struct device *dev, struct ccw_io *io)
{
	struct ctce *c = dev->state;
	enum ctce_command command = command_of(c, io->command);

	look_at_coupling(c);
	return c->coupled ? coupled_command(dev, io, command)
			  : lonely_command(dev, io, command);
}

/* ---- the other side */

/* What waits here is over. */
static void end_command(struct ctce *c, int unit)
{
	c->x = ST_AVAILABLE;
	c->ended = true;
	c->unit = unit;
}

/* Two commands have crossed. false: ours counts, the other's never was. */
static bool give_way(struct ctce *c)
{
	if (!c->loser)
		return false;
	end_command(c, CONFLICT);
	return true;
}

static void keep_data(struct ctce *c, struct ctce_message *m)
{
	free(c->data);
	c->data = m;
	if (m->length > m->count)
		m->length = m->count; /* the rest was only to make it long enough */
}

/* The other side has been reset, or its program has halted it. */
static void take_reset(struct device *dev)
{
	struct ctce *c = dev->state;

	c->y = ST_NOT_READY;
	c->y_command = CODE_RESET;
	free(c->data);
	c->data = NULL;
	if (working(c->x))
		end_command(c, US_CE | US_DE | US_UC);
}

/* A command of the other side; m is ours now. */
static void take_message(struct device *dev, struct ctce_message *m)
{
	struct ctce *c = dev->state;
	enum ctce_command command = command_of(c, m->command);
	uint8_t was = c->y, now = m->state & ST_MASK;
	bool busy = working(was); /* it is late: no new command can do anything */
	bool lost = false;
	struct ctce_effect e = effect(c, command, was, c->x);

	if (!busy && e.unit == CONFLICT && dependent(command)) {
		lost = give_way(c);
		if (!lost) {
			free(m);
			return;
		}
		e = effect(c, command, was, c->x);
	}
	/* Waiting with what it has been given already: it will find that out. */
	c->y = !busy && working(now) && e.unit != DEVICE_WORKING ? ST_AVAILABLE : now;
	c->y_command = m->command;
	if (command == CMD_SET_EXTENDED)
		c->extended = true;
	if (command == CMD_WRITE_EOF)
		c->eof = true;
	if (is_read(command) && command_of(c, c->x_command) == CMD_WRITE_EOF &&
	    e.attention) {
		c->y = ST_AVAILABLE; /* our end of file has ended that read */
		e.attention = false;
	}
	if (!busy && e.match) {
		if (command_of(c, c->x_command) == CMD_CONTROL)
			c->loser = true;
		end_command(c, GOOD);
		if (!working(now))
			c->y = ST_AVAILABLE;
	} else if (was == ST_NOT_READY && now != ST_NOT_READY && c->extended) {
		device_attention(dev, US_DE);
	}
	if (!busy && !lost && e.attention && c->x >= ST_AVAILABLE)
		device_attention(dev, US_ATTENTION);
	if (command == CMD_WRITE)
		keep_data(c, m);
	else
		free(m);
}

static int ctce_resume(struct device *dev, struct ccw_io *io)
{
	struct ctce *c = dev->state;
	int unit = c->unit;

	if (!c->ended)
		return DEVICE_WORKING;
	c->ended = false;
	if (unit & US_UC)
		return not_ready(dev);
	if (unit != GOOD || !is_read(command_of(c, c->x_command)))
		return unit;
	if (c->eof) {
		c->eof = false;
		return unit | US_UX;
	}
	put_data(c, io);
	return unit;
}

static void look(struct device *dev)
{
	struct ctce *c = dev->state;
	struct ctce_message *m;

	look_at_coupling(c);
	while ((m = ctce_link_take(c->link)) != NULL) {
		if (m->command == CODE_RESET) {
			take_reset(dev);
			free(m);
		} else {
			take_message(dev, m);
		}
		if (c->ended)
			device_resume(dev);
		look_at_coupling(c); /* this may have been the last */
	}
	if (c->ended)
		device_resume(dev);
}

static int ctce_halt(struct device *dev, struct ccw_io *io)
{
	struct ctce *c = dev->state;

	(void)io;
	c->ended = false;
	if (working(c->x) || c->resets)
		c->x = ST_NOT_READY;
	if (c->resets)
		ctce_link_send(c->link, CODE_RESET, c->x, 0, NULL, 0);
	return US_CE | US_DE;
}

static void ctce_reset(struct device *dev)
{
	struct ctce *c = dev->state;

	ctce_halt(dev, NULL);
	c->extended = c->eof = false;
	free(c->data);
	c->data = NULL;
}

/* ---- attaching */

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

#define PORT_DEFAULT 3088

/* A number from least to most, and nothing behind it. */
static bool number(const char *word, int base, unsigned long least, unsigned long most,
		   unsigned long *n)
{
	char *end;

	if (!isxdigit((unsigned char)*word))
		return false;
	*n = strtoul(word, &end, base);
	return !*end && *n >= least && *n <= most;
}

static bool port_word(const char *word, uint16_t *port, struct error *err)
{
	unsigned long n;

	if (number(word, 10, 1, 65534, &n)) {
		*port = (uint16_t)n;
		return true;
	}
	error_set(err, 0, "'%s' is not a port number", word);
	return false;
}

/* [DEVICE]=HOST: a device up to FF is ours with these bits turned; none: ours. */
static bool host_word(const char *word, struct ctce_config *config, struct error *err)
{
	const char *sign = strchr(word, '=');
	char digits[8] = "0";
	unsigned long n;

	config->remote = sign ? sign + 1 : word;
	if (!sign)
		return true;
	if (sign > word)
		snprintf(digits, sizeof(digits), "%.*s", (int)(sign - word), word);
	if (!number(digits, 16, 0, 0xFFFF, &n)) {
		error_set(err, 0, "'%s' is not DEVICE=HOST", word);
		return false;
	}
	config->remote_device = (uint16_t)(n > 0xFF ? n : config->device ^ n);
	return true;
}

/* Longest and shortest message, where they are given and make sense. */
static void sizes(struct ctce_config *config, char *const *argv, int argc)
{
	unsigned long n;

	if (argc > 0 && number(argv[0], 10, CTCE_NEW_MAX, UINT16_MAX, &n))
		config->most = (uint16_t)n;
	if (argc > 1 && number(argv[1], 10, 0, UINT16_MAX, &n))
		config->small = (uint16_t)n;
}

/*
 * Words: [LOCAL-PORT] [DEVICE=]HOST [REMOTE-PORT] [MTU [SMALL]] [ATTNDELAY N], as
 * Hercules has them. The first form of the cable wants even ports, and knows no device.
 */
static bool words(struct ctce_config *config, char *const *argv, int argc, struct error *err)
{
	if (argc > 2 && strcasecmp(argv[argc - 2], "ATTNDELAY") == 0)
		argc -= 2; /* an attention comes between two instructions anyhow */
	if (argc > 0 && !strpbrk(argv[0], ".=")) {
		if (!port_word(argv[0], &config->local_port, err))
			return false;
		argv++;
		argc--;
	}
	if (argc < 1 || argc > 4 || (argc == 1 && !strchr(argv[0], '='))) {
		error_set(err, 0, "words wanted: local port, host, remote port");
		return false;
	}
	if (!host_word(argv[0], config, err) ||
	    (argc > 1 && !port_word(argv[1], &config->remote_port, err)))
		return false;
	config->old_form = !config->remote_device && config->local_port % 2 == 0 &&
			   config->remote_port % 2 == 0;
	if (argc > 2)
		sizes(config, argv + 2, argc - 2);
	return true;
}

static bool ctce_attach(struct device *dev, const struct machine_request *req,
			struct error *err)
{
	struct ctce *c = dev->state;
	struct ctce_config config = {
		.local_port = PORT_DEFAULT,
		.remote_port = PORT_DEFAULT,
		.most = CTCE_NEW_MAX,
		.device = dev->address,
		.name = dev->machine ? machine_name(dev->machine) : "",
		.wake = wake,
		.arg = dev,
	};

	if (!words(&config, req->argv, req->argc, err))
		return false;
	c->x = c->y = ST_NOT_READY;
	c->remote_port = config.remote_port;
	c->remote = strdup(config.remote);
	c->link = c->remote ? ctce_link_open(&config, err) : NULL;
	if (!c->link)
		free(c->remote);
	return c->link != NULL;
}

static void ctce_detach(struct device *dev)
{
	struct ctce *c = dev->state;

	ctce_link_close(c->link);
	free(c->remote);
	free(c->data);
}

static bool ctce_request(struct device *dev, const struct machine_request *req,
			 struct error *err)
{
	if (req->kind != MACHINE_WAKE_DEVICE) {
		error_set(err, 0, "not for an adapter");
		return false;
	}
	look(dev);
	return true;
}

static void ctce_describe(struct device *dev, char *text, size_t size)
{
	const struct ctce *c = dev->state;

	snprintf(text, size, "%s:%u, %s", c->remote, c->remote_port,
		 c->coupled ? "coupled" : "not coupled");
}

const struct device_class ctce_class = {
	.type = "CTCE",
	.kind = DEVICE_CTCA,
	.state_size = sizeof(struct ctce),
	.sense_bytes = 2,
	.attach = ctce_attach,
	.detach = ctce_detach,
	.command = ctce_command,
	.resume = ctce_resume,
	.halt = ctce_halt,
	.reset = ctce_reset,
	.request = ctce_request,
	.describe = ctce_describe,
};
