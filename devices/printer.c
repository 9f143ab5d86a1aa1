/*
 * devices/printer.c - line printers 1403, 1443, 3203 and 3211.
 *
 * GA24-3312 (1403), GA24-3543 (3211), GA33-1529 (3203): commands, sense. Lines
 * go to a struct card_sink with the command that wrote them; what the carriage
 * does to the page is the sink's business. A 3211 and a 3203 follow their forms
 * control buffer and report channels 9 and 12; a 1403 of ours has a carriage tape
 * without them, as a virtual one under VM/370.
 */
#include "devices/classes.h"

#include <stdio.h>
#include <string.h>

#include "devices/carriage.h"
#include "devices/machine.h"
#include "devices/printfile.h"

#define UCS_BYTES_1403 240
#define UCS_BYTES_3211 512
#define LINE_MAX_3211  150
#define LINE_MAX_OTHER 132

enum printer_command {
	CMD_READ_PLB = 0x02,
	CMD_NOP = 0x03,
	CMD_SENSE = 0x04,
	CMD_READ_UCSB = 0x0A,
	CMD_READ_FCB = 0x12,
	CMD_RAISE_COVER = 0x07,
	CMD_UNFOLD = 0x23,
	CMD_FOLD = 0x43,
	CMD_LOAD_FCB = 0x63,
	CMD_BLOCK_DATA_CHECK = 0x73,
	CMD_ALLOW_DATA_CHECK = 0x7B,
	CMD_UCS_GATE = 0xEB,
	CMD_UCS_GATE_LOAD = 0xF3,
	CMD_LOAD_UCS = 0xFB,
	CMD_DIAGNOSTIC_WRITE = 0x05,
	CMD_CHECK_READ = 0x06,
};

#define SENSE0_LOAD_CHECK 0x02
#define SENSE0_CHANNEL_9  0x01
#define SENSE0_FORMS	  0x08 /* with sense 1: skip to a missing channel */
#define SENSE1_POSITION	  0x10 /* line position check */

struct printer {
	struct card_sink *sink;
	bool fcb; /* has a forms control buffer: 3203, 3211 */
	bool is_3211;
	struct carriage carriage;
	uint64_t lines; /* printed since attach */
	size_t line_max;
	uint8_t plb[LINE_MAX_3211]; /* print line buffer: the last line */
	uint8_t ucs[UCS_BYTES_3211];
	uint8_t fcb_image[CARRIAGE_LINES_MAX + 1];
};

/* Move the carriage; the unit status that tells what was met. */
static int move_paper(struct device *dev, struct carriage_op op)
{
	struct printer *prt = dev->state;
	struct carriage_move move;
	int unit = US_CE | US_DE;

	if (!prt->fcb)
		return unit;
	move = carriage_move(&prt->carriage, op);
	if (move.no_channel) {
		unit = device_unit_check(dev, SENSE0_FORMS);
		dev->sense[1] = SENSE1_POSITION;
	} else if (move.channel_9) {
		unit = device_unit_check(dev, SENSE0_CHANNEL_9);
	}
	return move.channel_12 ? unit | US_UX : unit;
}

/* Give a record to the sink; 0 or the unit status that says why not. */
static int emit(struct device *dev, uint8_t command, const uint8_t *data, size_t length)
{
	struct printer *prt = dev->state;

	if (prt->sink && !prt->sink->put(prt->sink, command, data, length))
		return device_unit_check(dev, SENSE0_EQUIPMENT);
	return 0;
}

static int print_or_move(struct device *dev, struct ccw_io *io, struct carriage_op op)
{
	struct printer *prt = dev->state;
	size_t length = 0;
	int unit;

	if (!prt->sink)
		return device_initial_check(dev, io, SENSE0_INTERVENTION);
	if (op.write) {
		memset(prt->plb, 0x40, sizeof(prt->plb));
		length = ccw_get(io, prt->plb, prt->line_max);
		prt->lines++;
	}
	unit = emit(dev, io->command, prt->plb, length);
	return unit ? unit : move_paper(dev, op);
}

/* A form into the buffer; it is part of what is printed, so the sink is told as well. */
static bool take_form(struct printer *prt, const uint8_t *form, size_t length)
{
	uint8_t image[CARRIAGE_LINES_MAX + 1] = { 0 };

	if (length > sizeof(image) || !carriage_load(&prt->carriage, form, length))
		return false;
	memcpy(image, form, length);
	memcpy(prt->fcb_image, image, sizeof(image));
	return true;
}

static int load_fcb(struct device *dev, struct ccw_io *io)
{
	struct printer *prt = dev->state;
	uint8_t image[CARRIAGE_LINES_MAX + 1] = { 0 };
	size_t length = ccw_get(io, image, sizeof(image));

	if (!take_form(prt, image, length))
		return device_unit_check(dev, SENSE0_LOAD_CHECK);
	emit(dev, io->command, image, length);
	return US_CE | US_DE;
}

static int load_ucs(struct device *dev, struct ccw_io *io)
{
	struct printer *prt = dev->state;

	ccw_get(io, prt->ucs, prt->is_3211 ? UCS_BYTES_3211 : UCS_BYTES_1403);
	return US_CE | US_DE;
}

static int read_buffer(struct ccw_io *io, const uint8_t *buffer, size_t length)
{
	ccw_put(io, buffer, length);
	return US_CE | US_DE;
}

static int sense(struct device *dev, struct ccw_io *io)
{
	const struct printer *prt = dev->state;

	ccw_put(io, dev->sense, prt->is_3211 ? 6 : prt->fcb ? 5 : 1);
	memset(dev->sense, 0, sizeof(dev->sense));
	return US_CE | US_DE;
}

/* Commands that only printers with a forms control buffer have. */
static int buffered_command(struct device *dev, struct ccw_io *io)
{
	struct printer *prt = dev->state;

	switch (io->command) {
	case CMD_LOAD_FCB: return load_fcb(dev, io);
	case CMD_READ_PLB: return read_buffer(io, prt->plb, prt->line_max);
	case CMD_READ_UCSB: return read_buffer(io, prt->ucs, UCS_BYTES_3211);
	case CMD_READ_FCB: return read_buffer(io, prt->fcb_image, CARRIAGE_LINES_MAX);
	case CMD_CHECK_READ: return read_buffer(io, prt->plb, prt->line_max);
	case CMD_DIAGNOSTIC_WRITE: ccw_get(io, prt->plb, prt->line_max); break;
	case CMD_RAISE_COVER: break;
	default: return device_initial_check(dev, io, SENSE0_COMMAND_REJECT);
	}
	return US_CE | US_DE;
}

static int printer_command(struct device *dev, struct ccw_io *io)
{
	struct carriage_op op = carriage_op(io->command);
	const struct printer *prt = dev->state;

	if (op.valid)
		return print_or_move(dev, io, op);
	switch (io->command) {
	case CMD_NOP:
	case CMD_UCS_GATE:
	case CMD_UNFOLD:
	case CMD_FOLD:
	case CMD_BLOCK_DATA_CHECK:
	case CMD_ALLOW_DATA_CHECK: return US_CE | US_DE;
	case CMD_SENSE: return sense(dev, io);
	case CMD_LOAD_UCS:
	case CMD_UCS_GATE_LOAD: return load_ucs(dev, io);
	default: break;
	}
	return prt->fcb ? buffered_command(dev, io)
			: device_initial_check(dev, io, SENSE0_COMMAND_REJECT);
}

static void put_sink(struct printer *prt, struct card_sink *sink)
{
	if (prt->sink && prt->sink->release)
		prt->sink->release(prt->sink);
	prt->sink = sink;
}

static bool load_paper(struct printer *prt, const struct machine_request *req,
		       struct error *err)
{
	struct card_sink *sink = req->sink;

	if (!sink && req->argc > 0) {
		sink = printfile_sink_new(PRINTFILE_PRINTER, req->argc, req->argv, err);
		if (!sink)
			return false;
	}
	put_sink(prt, sink);
	return true;
}

static bool printer_attach(struct device *dev, const struct machine_request *req,
			   struct error *err)
{
	struct printer *prt = dev->state;

	prt->is_3211 = strcmp(dev->type, "3211") == 0;
	prt->fcb = prt->is_3211 || strcmp(dev->type, "3203") == 0;
	prt->line_max = prt->is_3211 ? LINE_MAX_3211 : LINE_MAX_OTHER;
	carriage_init(&prt->carriage);
	return load_paper(prt, req, err);
}

static void printer_detach(struct device *dev)
{
	put_sink(dev->state, NULL);
}

static bool printer_request(struct device *dev, const struct machine_request *req,
			    struct error *err)
{
	struct printer *prt = dev->state;
	bool was_empty = !prt->sink;

	if (req->kind == MACHINE_FORMS) {
		if (!prt->fcb || !take_form(prt, req->data, req->length)) {
			error_set(err, 0, "not a form for this printer");
			return false;
		}
		emit(dev, CMD_LOAD_FCB, prt->fcb_image, sizeof(prt->fcb_image));
		return true;
	}
	if (req->kind != MACHINE_MOUNT) {
		error_set(err, 0, "not for a printer");
		return false;
	}
	if (!load_paper(prt, req, err))
		return false;
	if (was_empty && prt->sink)
		device_attention(dev, US_DE);
	return true;
}

static void printer_describe(struct device *dev, char *text, size_t size)
{
	const struct printer *prt = dev->state;

	snprintf(text, size, "%s, %llu lines printed", prt->sink ? "ready" : "no paper",
		 (unsigned long long)prt->lines);
}

static const char *const aliases[] = { "1443", "3203", "3211", NULL };

const struct device_class printer_class = {
	.type = "1403",
	.aliases = aliases,
	.kind = DEVICE_PRINTER,
	.state_size = sizeof(struct printer),
	.sense_bytes = 1,
	.attach = printer_attach,
	.detach = printer_detach,
	.command = printer_command,
	.request = printer_request,
	.describe = printer_describe,
};
