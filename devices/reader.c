/*
 * devices/reader.c - card readers 2540R, 2501 and 3505.
 *
 * GA24-3312 (2821 control unit, 2540), GA21-9124 (3505): commands, sense. The
 * cards come from a struct card_source: a spool file or a host deck.
 */
#include "devices/classes.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "devices/deckfile.h"
#include "devices/machine.h"

#define SENSE0_UNUSUAL	 0x02 /* command sequence */
#define SENSE1_3505_IR	 0x10 /* 3505: why intervention is required */
#define SENSE_BYTES_3505 4

struct reader {
	struct card_source *cards;
	bool is_3505;
	bool have;	/* record is in the read station, not fed yet (C2, D2) */
	size_t length;	/* of record */
	uint64_t count; /* cards read since attach */
	uint8_t record[CARD_RECORD_MAX];
};

static int intervention(struct device *dev, const struct ccw_io *io)
{
	const struct reader *rdr = dev->state;
	int unit = device_initial_check(dev, io, SENSE0_INTERVENTION);

	if (rdr->is_3505)
		dev->sense[1] = SENSE1_3505_IR;
	return unit;
}

/* Bring a card into the read station. 0, or the unit status that says why not. */
static int next_card(struct device *dev, const struct ccw_io *io)
{
	struct reader *rdr = dev->state;
	enum card_result result = CARD_EMPTY;
	uint8_t op;

	if (rdr->have)
		return 0;
	if (rdr->cards)
		result = rdr->cards->next(rdr->cards, rdr->record, &rdr->length, &op);
	switch (result) {
	case CARD_OK:
		rdr->have = true;
		rdr->count++;
		return 0;
	case CARD_EOF: return US_CE | US_DE | US_UX;
	case CARD_EOF_INITIAL: return io->previous ? US_CE | US_DE | US_UX : US_UX;
	case CARD_EMPTY: return intervention(dev, io);
	default: return device_unit_check(dev, SENSE0_EQUIPMENT);
	}
}

/* READ, and with it FEED AND SELECT STACKER unless keep. */
static int read_card(struct device *dev, struct ccw_io *io, bool keep)
{
	struct reader *rdr = dev->state;
	int unit = next_card(dev, io);

	if (unit)
		return unit;
	ccw_put(io, rdr->record, rdr->length);
	rdr->have = keep;
	return US_CE | US_DE;
}

/* FEED AND SELECT STACKER: the next card goes by unread, or the one read. */
static int feed(struct device *dev, struct ccw_io *io)
{
	struct reader *rdr = dev->state;
	int unit;

	if ((io->previous & 0x3F) == 0x23 && !rdr->is_3505)
		return device_initial_check(dev, io, SENSE0_COMMAND_REJECT);
	unit = next_card(dev, io);
	rdr->have = false;
	return unit ? unit : US_CE | US_DE;
}

static int sense(struct device *dev, struct ccw_io *io)
{
	const struct reader *rdr = dev->state;

	ccw_put(io, dev->sense, rdr->is_3505 ? SENSE_BYTES_3505 : 1);
	memset(dev->sense, 0, sizeof(dev->sense));
	return US_CE | US_DE;
}

/*
 * Commands: bits 0-1 are the stacker (11: do not feed), bit 2 column binary,
 * which the column binary feature would need.
 */
static int reader_command(struct device *dev, struct ccw_io *io)
{
	switch (io->command) {
	case 0x02:
	case 0x42:
	case 0x82: return read_card(dev, io, false);
	case 0xC2:
	case 0xD2: return read_card(dev, io, true);
	case 0x23:
	case 0x63:
	case 0xA3: return feed(dev, io);
	case 0x03: return US_CE | US_DE;
	case 0x04: return sense(dev, io);
	default: return device_initial_check(dev, io, SENSE0_COMMAND_REJECT);
	}
}

static void put_cards(struct reader *rdr, struct card_source *cards)
{
	if (rdr->cards && rdr->cards->release)
		rdr->cards->release(rdr->cards);
	rdr->cards = cards;
	rdr->have = false;
}

/* The cards of a request: the owner's own, or deck files named by words. */
static bool load(struct reader *rdr, const struct machine_request *req, struct error *err)
{
	struct card_source *cards = req->cards;

	if (!cards && req->argc > 0) {
		cards = deckfile_source_new(req->argc, req->argv, err);
		if (!cards)
			return false;
	}
	put_cards(rdr, cards);
	return true;
}

static bool reader_attach(struct device *dev, const struct machine_request *req,
			  struct error *err)
{
	struct reader *rdr = dev->state;

	rdr->is_3505 = strcmp(dev->type, "3505") == 0;
	return load(rdr, req, err);
}

static void reader_detach(struct device *dev)
{
	put_cards(dev->state, NULL);
}

static bool reader_request(struct device *dev, const struct machine_request *req,
			   struct error *err)
{
	if (req->kind != MACHINE_MOUNT) {
		error_set(err, 0, "not for a card reader");
		return false;
	}
	if (!load(dev->state, req, err))
		return false;
	device_attention(dev, US_DE); /* not ready to ready */
	return true;
}

static void reader_describe(struct device *dev, char *text, size_t size)
{
	const struct reader *rdr = dev->state;

	snprintf(text, size, "%s, %llu cards read", rdr->cards ? "loaded" : "empty",
		 (unsigned long long)rdr->count);
}

static const char *const aliases[] = { "2501", "3505", "2520R", "1442R", NULL };

const struct device_class reader_class = {
	.type = "2540R",
	.aliases = aliases,
	.kind = DEVICE_READER,
	.state_size = sizeof(struct reader),
	.sense_bytes = 1,
	.attach = reader_attach,
	.detach = reader_detach,
	.command = reader_command,
	.request = reader_request,
	.describe = reader_describe,
};
