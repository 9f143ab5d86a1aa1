#include "devices/ctce_wire.h"

#include <string.h>

#define SUBCHANNELS 1	   /* the subchannel set that Hercules calls 0 */
#define RECEIVING   0x8001 /* flags of a greeting */

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t le32(const uint8_t *p)
{
	return le16(p) | (uint32_t)le16(p + 2) << 16;
}

static void put_le16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static const struct {
	uint8_t length, device, set, size; /* where they are */
} forms[CTCE_FORMS] = {
	[CTCE_OLD] = { 6, 8, 10, 12 },
	[CTCE_NEW] = { 8, 10, 12, 16 },
};

size_t ctce_prefix_size(enum ctce_form form)
{
	return forms[form].size;
}

void ctce_prefix_put(enum ctce_form form, uint8_t *bytes, const struct ctce_prefix *p)
{
	memset(bytes, 0, forms[form].size);
	bytes[0] = p->command;
	bytes[1] = p->state;
	put_le16(bytes + 2, p->count);
	put_le16(bytes + 4, p->serial);
	put_le16(bytes + forms[form].length, p->length);
	put_le16(bytes + forms[form].device, p->device);
	put_le16(bytes + forms[form].set, SUBCHANNELS);
}

void ctce_prefix_get(enum ctce_form form, const uint8_t *bytes, struct ctce_prefix *p)
{
	*p = (struct ctce_prefix){
		.command = bytes[0],
		.state = bytes[1],
		.count = le16(bytes + 2),
		.serial = le16(bytes + 4),
		.length = le16(bytes + forms[form].length),
		.device = le16(bytes + forms[form].device),
	};
}

void ctce_greeting_put(uint8_t bytes[CTCE_GREETING], const struct ctce_greeting *g)
{
	memset(bytes, 0, CTCE_GREETING);
	put_le16(bytes, g->receiving ? RECEIVING : 0);
	put_le16(bytes + 2, g->port);
	memcpy(bytes + 4, g->to, sizeof(g->to));
	put_le16(bytes + 8, g->length);
	put_le16(bytes + 10, g->device);
	put_le16(bytes + 12, SUBCHANNELS);
}

void ctce_greeting_get(const uint8_t bytes[CTCE_GREETING], struct ctce_greeting *g)
{
	g->receiving = (le16(bytes) & RECEIVING) != 0;
	g->port = le16(bytes + 2);
	memcpy(g->to, bytes + 4, sizeof(g->to));
	g->length = le16(bytes + 8);
	g->device = le16(bytes + 10);
	g->set = le16(bytes + 12);
}

bool ctce_greeting_first(const struct ctce_greeting *theirs, const uint8_t their_address[4],
			 uint16_t our_device)
{
	uint32_t ours = le32(theirs->to), other = le32(their_address);

	if (ours != other)
		return ours > other;
	if (theirs->set != SUBCHANNELS)
		return theirs->set > SUBCHANNELS;
	return theirs->device > our_device;
}
