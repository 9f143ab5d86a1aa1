#include "consoles/datastream.h"

#include "base/bytes.h"
#include "base/compiler.h"

static const uint8_t codes[64] = {
	0x40, 0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0x4A, 0x4B, 0x4C,
	0x4D, 0x4E, 0x4F, 0x50, 0xD1, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9,
	0x5A, 0x5B, 0x5C, 0x5D, 0x5E, 0x5F, 0x60, 0x61, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6,
	0xE7, 0xE8, 0xE9, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0xF0, 0xF1, 0xF2, 0xF3,
	0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0x7A, 0x7B, 0x7C, 0x7D, 0x7E, 0x7F,
};

uint8_t ds_command(uint8_t channel_command)
{
	switch (channel_command) {
	case 0x01: return DS_WRITE;
	case 0x02: return DS_READ_BUFFER;
	case 0x05: return DS_ERASE_WRITE;
	case 0x06: return DS_READ_MODIFIED;
	case 0x0D: return DS_ERASE_WRITE_ALTERNATE;
	case 0x0E: return DS_READ_MODIFIED_ALL;
	case 0x0F: return DS_ERASE_UNPROTECTED;
	case 0x11: return DS_WRITE_STRUCTURED;
	default: return 0;
	}
}

unsigned ds_pf_number(uint8_t aid)
{
	if (aid >= 0xF1 && aid <= 0xF9)
		return aid - 0xF0u;
	if (aid >= 0x7A && aid <= 0x7C)
		return aid - 0x7Au + 10;
	if (aid >= 0xC1 && aid <= 0xC9)
		return aid - 0xC0u + 12;
	if (aid >= 0x4A && aid <= 0x4C)
		return aid - 0x4Au + 22;
	return 0;
}

uint8_t ds_code(unsigned six_bits)
{
	return codes[six_bits & 63];
}

void ds_begin(struct bytebuf *b, enum ds_command command, unsigned wcc)
{
	bytebuf_put1(b, (uint8_t)command);
	bytebuf_put1(b, ds_code(wcc));
}

void ds_address(struct bytebuf *b, unsigned position)
{
	if (position < 4096) {
		bytebuf_put1(b, codes[position >> 6]);
		bytebuf_put1(b, codes[position & 63]);
	} else {
		bytebuf_put1(b, (uint8_t)(position >> 8 & 0x3F));
		bytebuf_put1(b, (uint8_t)position);
	}
}

unsigned ds_position(const uint8_t address[2])
{
	switch (address[0] & 0xC0) {
	case 0x00: return be16(address) & 0x3FFF;
	case 0x80: return be16(address);
	default: return (address[0] & 0x3Fu) << 6 | (address[1] & 0x3F);
	}
}

void ds_set_address(struct bytebuf *b, unsigned position)
{
	bytebuf_put1(b, DS_SBA);
	ds_address(b, position);
}

void ds_start_field(struct bytebuf *b, unsigned attribute)
{
	bytebuf_put1(b, DS_SF);
	bytebuf_put1(b, ds_code(attribute));
}

void ds_insert_cursor(struct bytebuf *b)
{
	bytebuf_put1(b, DS_IC);
}

void ds_repeat(struct bytebuf *b, unsigned stop, uint8_t character)
{
	bytebuf_put1(b, DS_RA);
	ds_address(b, stop);
	bytebuf_put1(b, character);
}

void ds_text(struct bytebuf *b, const uint8_t *text, size_t n)
{
	size_t at = b->length;

	bytebuf_put(b, text, n);
	for (; at < b->length; at++)
		if (b->data[at] < 0x40 || b->data[at] == 0xFF)
			b->data[at] = 0x40;
}

void ds_query(struct bytebuf *b)
{
	static const uint8_t query[] = { DS_WRITE_STRUCTURED, 0, 5, 0x01, 0xFF, 0x02 };

	bytebuf_put(b, query, sizeof(query));
}

bool ds_parse(struct ds_record *r, const uint8_t *bytes, size_t n)
{
	if (!n)
		return false;
	r->raw = bytes;
	r->raw_length = n;
	r->aid = bytes[0];
	r->cursor = DS_NO_CURSOR;
	r->data = bytes + 1;
	r->length = n - 1;
	if (r->aid == AID_TEST && n >= 4) { /* SOH % / STX */
		r->data = bytes + 4;
		r->length = n - 4;
	} else if (r->aid != AID_STRUCTURED && r->aid != AID_TEST && n >= 3) {
		r->cursor = ds_position(bytes + 1);
		r->data = bytes + 3;
		r->length = n - 3;
	}
	return true;
}

size_t ds_input(const struct ds_record *r, uint8_t *out, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < r->length && n < size; i++) {
		if (r->data[i] == DS_SBA)
			i += 2;
		else
			out[n++] = r->data[i];
	}
	return n;
}

/* Usable Area: GA23-0059, "Query Reply (Usable Area)". */
static void usable_area(struct ds_capabilities *c, const uint8_t *f, size_t n)
{
	if (n < 10)
		return;
	c->columns = be16(f + 6);
	c->rows = be16(f + 8);
}

/* Implicit Partition, with the alternate size in a self-defining parameter. */
static void implicit_partition(struct ds_capabilities *c, const uint8_t *f, size_t n)
{
	for (size_t i = 6; i + 2 <= n && f[i] >= 2; i += f[i]) {
		if (f[i + 1] != 0x01 || f[i] < 11 || i + 11 > n || c->rows)
			continue;
		c->columns = be16(f + i + 7);
		c->rows = be16(f + i + 9);
	}
}

bool ds_query_reply(struct ds_capabilities *c, const struct ds_record *r)
{
	const uint8_t *f = r->data;
	size_t left = r->length;

	*c = (struct ds_capabilities){ 0 };
	while (left >= 4) {
		size_t n = be16(f);

		if (n == 0)
			n = left;
		if (n < 4 || n > left)
			return false;
		if (f[2] == 0x81) {
			c->replies++;
			switch (f[3]) {
			case 0x81: usable_area(c, f, n); break;
			case 0x86: c->color = true; break;
			case 0x87: c->highlighting = true; break;
			case 0xA6: implicit_partition(c, f, n); break;
			default: break;
			}
		}
		f += n;
		left -= n;
	}
	return left == 0;
}
