#include "devices/nje_frame.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "base/bytes.h"
#include "base/ebcdic.h"

/* "OPEN", "ACK", "NAK" in EBCDIC; blanks behind them. */
static const uint8_t types[][NJE_NAME] = {
	[NJE_OPEN] = {0xD6,  0xD7, 0xC5, 0xD5, 0x40, 0x40, 0x40, 0x40},
	[NJE_ACK] = { 0xC1, 0xC3, 0xD2, 0x40, 0x40, 0x40, 0x40, 0x40},
	[NJE_NAK] = { 0xD5, 0xC1, 0xD2, 0x40, 0x40, 0x40, 0x40, 0x40},
};

/* ---- control records */

void nje_control_put(const struct nje_control *c, uint8_t bytes[NJE_CONTROL])
{
	assert(c->type < NJE_UNKNOWN);
	memcpy(bytes, types[c->type], 8);
	memcpy(bytes + 8, c->from, NJE_NAME);
	put_be32(bytes + 16, c->from_ip);
	memcpy(bytes + 20, c->to, NJE_NAME);
	put_be32(bytes + 28, c->to_ip);
	bytes[32] = c->reason;
}

void nje_control_get(struct nje_control *c, const uint8_t bytes[NJE_CONTROL])
{
	c->type = NJE_OPEN;
	while (c->type < NJE_UNKNOWN && memcmp(bytes, types[c->type], 8) != 0)
		c->type++;
	memcpy(c->from, bytes + 8, NJE_NAME);
	c->from_ip = be32(bytes + 16);
	memcpy(c->to, bytes + 20, NJE_NAME);
	c->to_ip = be32(bytes + 28);
	c->reason = bytes[32];
}

bool nje_name_put(const char *text, uint8_t name[NJE_NAME])
{
	size_t n = strlen(text);

	if (n == 0 || n > NJE_NAME)
		return false;
	memset(name, 0x40, NJE_NAME);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c <= ' ' || c >= 0x7F)
			return false;
		name[i] = codepage_037.to_ebcdic[toupper(c)];
	}
	return true;
}

void nje_name_text(const uint8_t name[NJE_NAME], char text[NJE_NAME + 1])
{
	size_t n = NJE_NAME;

	while (n && name[n - 1] == 0x40)
		n--;
	for (size_t i = 0; i < n; i++) {
		uint8_t c = codepage_037.to_latin1[name[i]];

		text[i] = c > ' ' && c < 0x7F ? (char)c : '.';
	}
	text[n] = '\0';
}

const char *nje_reason_text(uint8_t reason)
{
	switch (reason) {
	case NJE_NO_LINK: return "no such link";
	case NJE_LINK_ACTIVE: return "the link was up";
	case NJE_LINK_OPENING: return "both have called at once";
	case NJE_NOT_NOW: return "not now";
	default: return "for no reason that is known";
	}
}

/* ---- blocks */

size_t nje_block_length(const uint8_t header[NJE_BLOCK_HEADER], size_t max)
{
	size_t length = be16(header + 2);

	return length >= NJE_BLOCK_HEADER && length <= max ? length : 0;
}

enum nje_next nje_block_next(uint8_t *block, size_t length, size_t *at, uint8_t **record,
			     size_t *n, uint8_t *flags)
{
	uint8_t *header = block + *at;

	if (*at == length) /* without the last header: as good */
		return NJE_END;
	if (length - *at < NJE_RECORD_HEADER)
		return NJE_BROKEN;
	*n = be16(header + 2);
	if (*n == 0)
		return NJE_END;
	if (*n > length - *at - NJE_RECORD_HEADER)
		return NJE_BROKEN;
	*flags = header[0];
	*record = header + NJE_RECORD_HEADER;
	*at += NJE_RECORD_HEADER + *n;
	return NJE_RECORD;
}

size_t nje_block_put(uint8_t *block, const uint8_t *record, size_t n)
{
	size_t length = NJE_OVERHEAD + n - (n ? 0 : NJE_RECORD_HEADER);

	assert(length <= UINT16_MAX);
	memset(block, 0, NJE_BLOCK_HEADER);
	put_be16(block + 2, (uint16_t)length);
	if (n) {
		memset(block + NJE_BLOCK_HEADER, 0, NJE_RECORD_HEADER);
		put_be16(block + NJE_BLOCK_HEADER + 2, (uint16_t)n);
		memcpy(block + NJE_BLOCK_HEADER + NJE_RECORD_HEADER, record, n);
	}
	memset(block + length - NJE_RECORD_HEADER, 0, NJE_RECORD_HEADER);
	return length;
}
