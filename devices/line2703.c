/*
 * devices/line2703.c - a line of a 2703 transmission control unit over TCP: binary
 * synchronous between two computers, or start/stop with a telnet client as Teletype or
 * 2741. Configured and spoken as with Hercules' 2703; or, as TCPNJE, binary synchronous
 * with a station that is NJE over TCP (nje_link.h).
 *
 * GA27-2703 (IBM 2703 Transmission Control Component Description), "Commands" and
 * "Sense Information".
 *
 * DIFFERS from Hercules: a leased line waits in ENABLE until its other end is there (and
 * keeps calling) instead of failing; what came before a WRITE is a unit exception and
 * stays for the next READ instead of being lost; a POLL without an answer is a time-out.
 *
 * Rejected, as by a 2703 that has no such feature: SEARCH and ADDRESS PREPARE (X'0E',
 * X'1E'; Station Selection, for a station among others on a multipoint line). A 2703 has
 * no WRAP and no SENSE ID: they are rejected too (Hercules answers SENSE ID with no byte
 * at all, unless it is told to be another control unit). BREAK has no duration.
 */
#include "devices/line2703_int.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "devices/channel.h"
#include "devices/classes.h"
#include "devices/line_cable.h"
#include "devices/machine.h"
#include "devices/nje_words.h"

#define TYPE_NJE	    "TCPNJE" /* Hercules' name of a BSC line that is NJE over TCP */
#define DIAL_DIGITS_MAX	    32u
#define SET_MODE_ERROR_BYTE 0x40

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
	return line_ended(l, DONE);
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
	return line_ended(l, line_refuse(dev, SENSE0_INTERVENTION,
					 line_leased(l) ? WHY_NO_LINE : WHY_NO_CALL));
}

static int enable(struct device *dev)
{
	struct line2703 *l = dev->state;

	if (!l->options.dial_in && !line_leased(l))
		return line_refuse(dev, SENSE0_INTERVENTION, WHY_NO_CALL);
	if (l->enabled && wire_look(l) == LINE_CONNECTED)
		return DONE;
	wire_answer(l, true);
	line_waits(l, CMD_ENABLE, l->options.enable_ms);
	return enable_on(dev);
}

static int disable(struct line2703 *l)
{
	l->enabled = l->must_write = false;
	line_forget_input(l);
	if (!line_leased(l) || l->wire.station) /* a leased line stays there */
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
	default: return line_ended(l, line_not_there(dev));
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
		return line_refuse(dev, SENSE0_COMMAND_REJECT, WHY_NO_DIAL);
	if (l->enabled)
		return line_refuse(dev, SENSE0_COMMAND_REJECT, WHY_ENABLED);
	n = ccw_get(io, digits, sizeof(digits));
	if (!parse_number(digits, n, &address, &port))
		return line_not_there(dev);
	wire_call(l, address, port);
	line_waits(l, CMD_DIAL, 0);
	return dial_on(dev);
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
		return line_refuse(dev, SENSE0_COMMAND_REJECT, WHY_NOTHING);
	if (ccw_get(io, &mode, 1) == 1)
		l->error_byte = mode & SET_MODE_ERROR_BYTE;
	return DONE;
}

static int line_command(struct device *dev, struct ccw_io *io)
{
	switch (io->command) {
	case CMD_WRITE:
	case CMD_BREAK: return line_write(dev, io);
	case CMD_READ:
	case CMD_INHIBIT: return line_read(dev, io);
	case CMD_SADZERO:
	case CMD_SADONE:
	case CMD_SADTWO:
	case CMD_SADTHREE:
	case CMD_NOP: return DONE;
	case CMD_SENSE: return sense(dev, io);
	case CMD_PREPARE: return line_prepare(dev);
	case CMD_POLL: return line_poll(dev, io);
	case CMD_SET_MODE: return set_mode(dev, io);
	case CMD_ENABLE: return enable(dev);
	case CMD_DIAL: return dial(dev, io);
	case CMD_DISABLE: return disable(dev->state);
	default: return line_refuse(dev, SENSE0_COMMAND_REJECT, WHY_NOTHING);
	}
}

static int line_resume(struct device *dev, struct ccw_io *io)
{
	struct line2703 *l = dev->state;

	switch (l->wait) {
	case CMD_ENABLE: return enable_on(dev);
	case CMD_DIAL: return dial_on(dev);
	case CMD_READ:
	case CMD_INHIBIT: return line_read_on(dev, io, false);
	case CMD_PREPARE: return line_prepare_on(dev);
	case CMD_WRITE: return line_write_on(dev);
	case CMD_POLL: return line_poll_on(dev, io);
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
	return line_ended(l, was ? DONE | US_UX : DONE);
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

	if (req->kind == MACHINE_MOUNT && !l->link && !l->nje) {
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
		line_listen_to_client(l);
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

/* The port of another line of this machine that listens there. */
static struct nje_port *port_at(void *arg, const struct sockaddr_in *at)
{
	const struct device *dev = arg;

	for (uint32_t a = 0; dev->machine && a < CHANNEL_COUNT << 8; a++) {
		const struct device *other = machine_device(dev->machine, (uint16_t)a);
		const struct line2703 *l;

		if (!other || other == dev || other->class != &line2703_class)
			continue;
		l = other->state;
		if (l->nje && nje_link_port(l->nje) &&
		    nje_port_is(nje_link_port(l->nje), at))
			return nje_link_port(l->nje);
	}
	return NULL;
}

static bool open_nje(struct device *dev, const struct nje_words *words, struct error *err)
{
	struct line2703 *l = dev->state;
	struct nje_link_config config = {
		.local_host = words->local_host,
		.local_port = words->local_port,
		.remote_host = words->remote_host,
		.remote_port = words->remote_port,
		.connect_ms = words->connect_ms,
		.keepalive = words->keepalive,
		.buffer = words->buffer,
		.device = dev->address,
		.name = dev->machine ? machine_name(dev->machine) : "",
		.port_at = port_at,
		.wake = wake,
		.arg = dev,
	};

	memcpy(config.here, words->here, NJE_NAME);
	memcpy(config.there, words->there, NJE_NAME);
	l->nje = nje_link_open(&config, err);
	if (l->nje)
		l->wire = nje_link_wire(l->nje);
	return l->nje != NULL;
}

static bool attach_nje(struct device *dev, const struct machine_request *req,
		       struct error *err)
{
	struct line2703 *l = dev->state;
	struct nje_words words;
	char subject[16];

	if (!nje_words_take(&words, req->argc, req->argv, err))
		return false;
	snprintf(subject, sizeof(subject), "%03X", dev->address);
	if (words.ignored[0])
		log_info(subject, "NJE: not used:%s", words.ignored);
	l->options.read_ms = words.read_ms;
	return open_nje(dev, &words, err);
}

static bool line_attach(struct device *dev, const struct machine_request *req,
			struct error *err)
{
	struct line2703 *l = dev->state;
	struct line_words words;

	if (strcmp(dev->type, TYPE_NJE) == 0)
		return attach_nje(dev, req, err);
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

	if (l->nje) {
		nje_link_describe(l->nje, text, size);
		return;
	}
	if (port)
		snprintf(where, sizeof(where), " port %u", port);
	snprintf(text, size, "%s%s, %s, %s", kind, where,
		 l->enabled ? "enabled" : "disabled", states[wire_look(l)]);
}

static const char *const aliases[] = { "2701", "2702", TYPE_NJE, NULL };

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
