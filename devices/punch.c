/*
 * devices/punch.c - card punches 2540P, 3525, 1442 and 2520.
 *
 * GA24-3312 (2540 on a 2821), GA21-9127 (3525): commands, sense.
 */
#include "devices/classes.h"

#include <stdio.h>
#include <string.h>

#include "devices/machine.h"
#include "devices/printfile.h"

struct punch {
	struct card_sink *sink;
	bool is_3525;
	uint64_t count; /* cards punched since attach */
};

static int punch_card(struct device *dev, struct ccw_io *io)
{
	struct punch *pun = dev->state;
	uint8_t card[CARD_COLUMNS];

	if (!pun->sink)
		return device_initial_check(dev, io, SENSE0_INTERVENTION);
	memset(card, 0x40, sizeof(card));
	ccw_get(io, card, sizeof(card));
	if (!pun->sink->put(pun->sink, io->command, card, sizeof(card)))
		return device_unit_check(dev, SENSE0_EQUIPMENT);
	pun->count++;
	return US_CE | US_DE;
}

static int sense(struct device *dev, struct ccw_io *io)
{
	const struct punch *pun = dev->state;

	ccw_put(io, dev->sense, pun->is_3525 ? 4 : 1);
	memset(dev->sense, 0, sizeof(dev->sense));
	return US_CE | US_DE;
}

/* Bits 0-1 are the stacker; 09 is the punch-feed-read of a 2540. */
static int punch_command(struct device *dev, struct ccw_io *io)
{
	switch (io->command) {
	case 0x01:
	case 0x41:
	case 0x81:
	case 0x09:
	case 0x49:
	case 0x89: return punch_card(dev, io);
	case 0x03: return US_CE | US_DE;
	case 0x04: return sense(dev, io);
	default: return device_initial_check(dev, io, SENSE0_COMMAND_REJECT);
	}
}

static void put_sink(struct punch *pun, struct card_sink *sink)
{
	if (pun->sink && pun->sink->release)
		pun->sink->release(pun->sink);
	pun->sink = sink;
}

static bool load_cards(struct punch *pun, const struct machine_request *req,
		       struct error *err)
{
	struct card_sink *sink = req->sink;

	if (!sink && req->argc > 0) {
		sink = printfile_sink_new(PRINTFILE_PUNCH, req->argc, req->argv, err);
		if (!sink)
			return false;
	}
	put_sink(pun, sink);
	return true;
}

static bool punch_attach(struct device *dev, const struct machine_request *req,
			 struct error *err)
{
	struct punch *pun = dev->state;

	pun->is_3525 = strcmp(dev->type, "3525") == 0;
	return load_cards(pun, req, err);
}

static void punch_detach(struct device *dev)
{
	put_sink(dev->state, NULL);
}

static bool punch_request(struct device *dev, const struct machine_request *req,
			  struct error *err)
{
	struct punch *pun = dev->state;
	bool was_empty = !pun->sink;

	if (req->kind != MACHINE_MOUNT) {
		error_set(err, 0, "not for a card punch");
		return false;
	}
	if (!load_cards(pun, req, err))
		return false;
	if (was_empty && pun->sink)
		device_attention(dev, US_DE);
	return true;
}

static void punch_describe(struct device *dev, char *text, size_t size)
{
	const struct punch *pun = dev->state;

	snprintf(text, size, "%s, %llu cards punched", pun->sink ? "ready" : "no cards",
		 (unsigned long long)pun->count);
}

static const char *const aliases[] = { "3525", "1442", "2520", NULL };

const struct device_class punch_class = {
	.type = "2540P",
	.aliases = aliases,
	.kind = DEVICE_PUNCH,
	.state_size = sizeof(struct punch),
	.sense_bytes = 1,
	.attach = punch_attach,
	.detach = punch_detach,
	.command = punch_command,
	.request = punch_request,
	.describe = punch_describe,
};
