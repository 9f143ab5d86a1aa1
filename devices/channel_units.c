/*
 * devices/channel_units.c - what is attached to the channels: making them, attaching,
 * detaching and moving devices, finding them.
 */
#include "devices/channel.h"

#include <assert.h>
#include <stdlib.h>

#include "devices/machine.h"
#include "devices/subchannel.h"

struct channels *channels_new(struct storage *st, const struct channels_owner *owner,
			      struct error *err)
{
	struct channels *cs = calloc(1, sizeof(*cs));

	if (!cs) {
		error_set(err, 0, "no memory for the channels");
		return NULL;
	}
	cs->st = st;
	cs->owner = *owner;
	for (unsigned c = 0; c < CHANNEL_COUNT; c++)
		cs->type[c] = c ? CHANNEL_BLOCK : CHANNEL_BYTE;
	return cs;
}

void channels_free(struct channels *cs)
{
	if (!cs)
		return;
	for (unsigned c = 0; c < CHANNEL_COUNT; c++) {
		for (unsigned u = 0; cs->channel[c] && u < 256; u++)
			if (cs->channel[c]->unit[u])
				channels_detach(cs, (uint16_t)(c << 8 | u));
		free(cs->channel[c]);
	}
	free(cs);
}

void channels_set_type(struct channels *cs, unsigned channel, enum channel_type type)
{
	assert(channel < CHANNEL_COUNT);
	cs->type[channel] = type;
}

static bool address_is_free(const struct channels *cs, uint16_t address,
			    struct error *err)
{
	if (address >> 8 >= CHANNEL_COUNT) {
		error_set(err, 0, "%04X: channels are 00 to %02X", address,
			  CHANNEL_COUNT - 1);
		return false;
	}
	if (sch_at(cs, address)) {
		error_set(err, 0, "%03X: there is a device at that address", address);
		return false;
	}
	return true;
}

static struct subchannel *sch_new(struct channels *cs, const struct device_class *class,
				  struct machine *machine,
				  const struct machine_request *req)
{
	struct subchannel *sch = calloc(1, sizeof(*sch));

	if (!sch)
		return NULL;
	sch->dev.state = calloc(1, class->state_size ? class->state_size : 1);
	if (!sch->dev.state) {
		free(sch);
		return NULL;
	}
	sch->cs = cs;
	sch->io.sch = sch;
	sch->dev.class = class;
	sch->dev.type = device_class_type(class, req->class_name);
	sch->dev.machine = machine;
	sch->dev.sch = sch;
	sch->dev.counts = req->counts;
	sch->dev.address = (uint16_t)req->address;
	return sch;
}

static void set_unit(struct channel *ch, uint32_t address, struct subchannel *sch)
{
	unsigned unit = address & 0xFF;
	uint64_t bit = UINT64_C(1) << (unit & 63);

	ch->unit[unit] = sch;
	if (sch)
		ch->present[unit >> 6] |= bit;
	else
		ch->present[unit >> 6] &= ~bit;
}

static void sch_free(struct subchannel *sch)
{
	if (sch)
		free(sch->dev.state);
	free(sch);
}

struct device *channels_attach(struct channels *cs, const struct device_class *class,
			       struct machine *machine, const struct machine_request *req,
			       struct error *err)
{
	unsigned number = req->address >> 8;
	struct subchannel *sch;

	if (req->address > 0xFFFF || !address_is_free(cs, (uint16_t)req->address, err))
		return NULL;
	if (!cs->channel[number])
		cs->channel[number] = calloc(1, sizeof(*cs->channel[number]));
	sch = sch_new(cs, class, machine, req);
	if (!cs->channel[number] || !sch) {
		error_set(err, 0, "%03X: no memory for the device", req->address);
		sch_free(sch);
		return NULL;
	}
	set_unit(cs->channel[number], req->address, sch);
	if (class->attach && !class->attach(&sch->dev, req, err)) {
		error_prefix(err, "%03X %s: ", req->address, sch->dev.type);
		set_unit(cs->channel[number], req->address, NULL);
		sch_free(sch);
		return NULL;
	}
	cs->channel[number]->devices++;
	return &sch->dev;
}

bool channels_detach(struct channels *cs, uint16_t address)
{
	struct subchannel *sch = sch_at(cs, address);
	struct channel *ch = channel_at(cs, address);

	if (!sch)
		return false;
	assert(sch->state != SCH_RUNNING);
	sch_reset(sch);
	if (sch->dev.class->detach)
		sch->dev.class->detach(&sch->dev);
	set_unit(ch, address, NULL);
	ch->devices--;
	sch_free(sch);
	return true;
}

bool channels_move(struct channels *cs, uint16_t from, uint16_t to, struct error *err)
{
	struct subchannel *sch = sch_at(cs, from);

	if (!sch) {
		error_set(err, 0, "%03X: no such device", from);
		return false;
	}
	if (!address_is_free(cs, to, err))
		return false;
	assert(sch->state != SCH_RUNNING);
	if (!cs->channel[to >> 8])
		cs->channel[to >> 8] = calloc(1, sizeof(*cs->channel[0]));
	if (!cs->channel[to >> 8]) {
		error_set(err, 0, "%03X: no memory for the channel", to);
		return false;
	}
	sch_reset(sch);
	set_unit(cs->channel[from >> 8], from, NULL);
	cs->channel[from >> 8]->devices--;
	set_unit(cs->channel[to >> 8], to, sch);
	cs->channel[to >> 8]->devices++;
	sch->dev.address = to;
	return true;
}

struct device *channels_device(const struct channels *cs, uint16_t address)
{
	struct subchannel *sch = sch_at(cs, address);

	return sch ? &sch->dev : NULL;
}

struct device *channels_next_device(const struct channels *cs, uint32_t address)
{
	for (; address < CHANNEL_COUNT << 8; address++) {
		struct subchannel *sch = sch_at(cs, (uint16_t)address);

		if (sch)
			return &sch->dev;
		if (!cs->channel[address >> 8])
			address |= 0xFF;
	}
	return NULL;
}
