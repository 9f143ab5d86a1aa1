/*
 * Fuzzing of the 3270 data stream: writes that a guest sends, records that a
 * terminal sends, query replies. Whatever comes, the cursor is on the screen, and the
 * text is of characters.
 *
 * Input: a byte for the size, then pieces of two bytes of length (the first bit
 * set: a record of the terminal) and data.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "consoles/screenbuf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const unsigned sizes[][2] = {
	{24,   80 },
	    { 43,  80 },
	{ 27,  132},
	     { 12,  40 },
	 { 62,  160},
	      { 127, 129}
};

static void look(struct screenbuf *s)
{
	size_t n = (size_t)screenbuf_rows(s) * screenbuf_columns(s);
	const uint8_t *text = screenbuf_text(s);

	if (screenbuf_cursor(s) >= n)
		BUG("the cursor is outside");
	for (size_t i = 0; i < n; i++)
		if (text[i] < 0x40)
			BUG("no character");
}

static void record(struct screenbuf *s, const uint8_t *bytes, size_t n)
{
	struct ds_capabilities caps;
	struct ds_record r;
	uint8_t input[300];

	if (!ds_parse(&r, bytes, n))
		return;
	screenbuf_input(s, &r);
	if (ds_input(&r, input, sizeof(input)) > sizeof(input))
		BUG("input too long");
	ds_query_reply(&caps, &r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const unsigned *dimension;
	struct screenbuf *s;

	if (size < 3)
		return 0;
	dimension = sizes[data[0] % 6];
	s = screenbuf_new(dimension[0], dimension[1]);
	data++;
	size--;
	while (size > 2) {
		size_t n = be16(data) & 0x7FFF;
		bool inbound = data[0] & 0x80;

		data += 2;
		size -= 2;
		if (n > size)
			n = size;
		if (inbound)
			record(s, data, n);
		else
			screenbuf_write(s, data, n);
		data += n;
		size -= n;
	}
	look(s);
	screenbuf_free(s);
	return 0;
}
