#include "consoles/screenbuf.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/ebcdic.h"
#include "base/error.h"

#define DEFAULT_ROWS	24
#define DEFAULT_COLUMNS 80

/* Types of extended attributes: GA23-0059, "Extended Field Attribute". */
enum { XA_ALL = 0x00, XA_3270 = 0xC0, XA_HIGHLIGHT = 0x41, XA_COLOR = 0x42 };

struct screenbuf {
	unsigned rows, columns, size; /* now */
	unsigned max_rows, max_columns;
	unsigned address, cursor;
	uint8_t highlight, color; /* of SA, for characters to come */
	struct screenbuf_cell *cells;
	uint8_t *text;
};

/* A stream being read. */
struct stream {
	const uint8_t *at, *end;
};

static bool have(const struct stream *in, size_t n)
{
	return (size_t)(in->end - in->at) >= n;
}

static void blank(struct screenbuf *s, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		s->cells[i] = (struct screenbuf_cell){ .attribute = -1 };
}

static void erase(struct screenbuf *s, unsigned rows, unsigned columns)
{
	s->rows = rows;
	s->columns = columns;
	s->size = rows * columns;
	s->address = s->cursor = 0;
	blank(s, 0, s->size);
}

static void erase_default(struct screenbuf *s)
{
	bool small = s->max_rows * s->max_columns < DEFAULT_ROWS * DEFAULT_COLUMNS;

	if (small)
		erase(s, s->max_rows, s->max_columns);
	else
		erase(s, DEFAULT_ROWS, DEFAULT_COLUMNS);
}

static unsigned next(const struct screenbuf *s, unsigned position)
{
	return position + 1 == s->size ? 0 : position + 1;
}

static void put(struct screenbuf *s, uint8_t character)
{
	s->cells[s->address] = (struct screenbuf_cell){
		.character = character,
		.attribute = -1,
		.highlight = s->highlight,
		.color = s->color,
	};
	s->address = next(s, s->address);
}

/* Position of the attribute of the field that holds position; -1: unformatted. */
static int field_of(const struct screenbuf *s, unsigned position)
{
	for (unsigned n = 0, at = position; n < s->size; n++) {
		if (s->cells[at].attribute >= 0)
			return (int)at;
		at = at ? at - 1 : s->size - 1;
	}
	return -1;
}

static bool is_protected(const struct screenbuf *s, unsigned position)
{
	int field = field_of(s, position);

	return field >= 0 && s->cells[field].attribute & DS_PROTECTED;
}

/* ---- orders */

static bool take_address(const struct screenbuf *s, struct stream *in, unsigned *position)
{
	if (!have(in, 2))
		return false;
	*position = ds_position(in->at);
	in->at += 2;
	return *position < s->size;
}

static bool order_sba(struct screenbuf *s, struct stream *in)
{
	unsigned to;

	if (!take_address(s, in, &to))
		return false;
	s->address = to;
	return true;
}

static void set_attribute(struct screenbuf *s, uint8_t attribute)
{
	s->cells[s->address] = (struct screenbuf_cell){ .attribute = attribute & 0x3F };
}

static bool order_sf(struct screenbuf *s, struct stream *in)
{
	if (!have(in, 1))
		return false;
	set_attribute(s, *in->at++);
	s->address = next(s, s->address);
	return true;
}

static void pair(struct screenbuf_cell *cell, uint8_t type, uint8_t value)
{
	switch (type) {
	case XA_3270: cell->attribute = value & 0x3F; break;
	case XA_HIGHLIGHT: cell->highlight = value; break;
	case XA_COLOR: cell->color = value; break;
	default: break;
	}
}

static bool pairs(struct stream *in, struct screenbuf_cell *cell)
{
	unsigned count;

	if (!have(in, 1) || !have(in, 1 + 2 * (size_t)*in->at))
		return false;
	for (count = *in->at++; count; count--, in->at += 2)
		pair(cell, in->at[0], in->at[1]);
	return true;
}

static bool order_sfe(struct screenbuf *s, struct stream *in)
{
	set_attribute(s, 0);
	if (!pairs(in, &s->cells[s->address]))
		return false;
	s->address = next(s, s->address);
	return true;
}

static bool order_mf(struct screenbuf *s, struct stream *in)
{
	if (s->cells[s->address].attribute < 0 || !pairs(in, &s->cells[s->address]))
		return false;
	s->address = next(s, s->address);
	return true;
}

static bool order_sa(struct screenbuf *s, struct stream *in)
{
	if (!have(in, 2))
		return false;
	if (in->at[0] == XA_ALL)
		s->highlight = s->color = 0;
	else if (in->at[0] == XA_HIGHLIGHT)
		s->highlight = in->at[1];
	else if (in->at[0] == XA_COLOR)
		s->color = in->at[1];
	in->at += 2;
	return true;
}

static bool order_ra(struct screenbuf *s, struct stream *in)
{
	unsigned stop;
	uint8_t character;

	if (!take_address(s, in, &stop) || !have(in, 1))
		return false;
	character = *in->at++;
	if (character == DS_GE) {
		if (!have(in, 1))
			return false;
		character = *in->at++;
	}
	do
		put(s, character);
	while (s->address != stop);
	return true;
}

static bool order_eua(struct screenbuf *s, struct stream *in)
{
	unsigned stop;
	bool protect;

	if (!take_address(s, in, &stop))
		return false;
	protect = is_protected(s, s->address);
	do {
		struct screenbuf_cell *cell = &s->cells[s->address];

		if (cell->attribute >= 0)
			protect = cell->attribute & DS_PROTECTED;
		else if (!protect)
			cell->character = 0;
		s->address = next(s, s->address);
	} while (s->address != stop);
	return true;
}

/* To the first position of the next unprotected field. */
static void order_pt(struct screenbuf *s)
{
	for (unsigned n = 0; n < s->size; n++) {
		int attribute = s->cells[s->address].attribute;

		s->address = next(s, s->address);
		if (attribute >= 0 && !(attribute & DS_PROTECTED))
			return;
	}
	s->address = 0;
}

static bool orders(struct screenbuf *s, struct stream *in)
{
	bool ok = true;

	s->highlight = s->color = 0;
	while (ok && have(in, 1)) {
		uint8_t c = *in->at++;

		switch (c) {
		case DS_SBA: ok = order_sba(s, in); break;
		case DS_SF: ok = order_sf(s, in); break;
		case DS_SFE: ok = order_sfe(s, in); break;
		case DS_MF: ok = order_mf(s, in); break;
		case DS_SA: ok = order_sa(s, in); break;
		case DS_RA: ok = order_ra(s, in); break;
		case DS_EUA: ok = order_eua(s, in); break;
		case DS_IC: s->cursor = s->address; break;
		case DS_PT: order_pt(s); break;
		case DS_GE: break;
		default: put(s, c); break;
		}
	}
	return ok;
}

/* ---- commands */

static void erase_unprotected(struct screenbuf *s)
{
	bool protect = is_protected(s, 0);
	bool found = false;

	s->cursor = 0;
	for (unsigned i = 0; i < s->size; i++) {
		struct screenbuf_cell *cell = &s->cells[i];

		if (cell->attribute < 0) {
			if (!protect)
				cell->character = 0;
			continue;
		}
		protect = cell->attribute & DS_PROTECTED;
		if (protect)
			continue;
		cell->attribute &= ~DS_MDT;
		if (!found)
			s->cursor = next(s, i);
		found = true;
	}
}

static void reset_mdt(struct screenbuf *s)
{
	for (unsigned i = 0; i < s->size; i++)
		if (s->cells[i].attribute >= 0)
			s->cells[i].attribute &= ~DS_MDT;
}

static bool write_orders(struct screenbuf *s, struct stream *in)
{
	if (!have(in, 1))
		return true;
	if (*in->at++ & DS_RESET_MDT)
		reset_mdt(s);
	return orders(s, in);
}

static bool command(struct screenbuf *s, struct stream *in);

/* Outbound 3270DS, and Erase/Reset: GA23-0059, "Structured Fields". */
static bool structured_field(struct screenbuf *s, struct stream *in)
{
	if (have(in, 2) && in->at[0] == 0x03) {
		if (in->at[1] & 0x80)
			erase(s, s->max_rows, s->max_columns);
		else
			erase_default(s);
	} else if (have(in, 3) && in->at[0] == 0x40) {
		in->at += 2;
		return *in->at != DS_WRITE_STRUCTURED && *in->at != 0x11 &&
		       command(s, in);
	}
	return true;
}

static bool structured_fields(struct screenbuf *s, struct stream *in)
{
	while (have(in, 3)) {
		size_t n = be16(in->at);
		struct stream field;

		if (n == 0)
			n = (size_t)(in->end - in->at);
		if (n < 3 || !have(in, n))
			return false;
		field = (struct stream){ in->at + 2, in->at + n };
		if (!structured_field(s, &field))
			return false;
		in->at += n;
	}
	return true;
}

static bool command(struct screenbuf *s, struct stream *in)
{
	if (!have(in, 1))
		return false;
	switch (*in->at++) {
	case 0x01:
	case DS_WRITE: return write_orders(s, in);
	case 0x05:
	case DS_ERASE_WRITE: erase_default(s); return write_orders(s, in);
	case 0x0D:
	case DS_ERASE_WRITE_ALTERNATE:
		erase(s, s->max_rows, s->max_columns);
		return write_orders(s, in);
	case 0x0F:
	case DS_ERASE_UNPROTECTED: erase_unprotected(s); return true;
	case 0x11:
	case DS_WRITE_STRUCTURED: return structured_fields(s, in);
	default: return true; /* reads */
	}
}

bool screenbuf_write(struct screenbuf *s, const uint8_t *stream, size_t n)
{
	struct stream in = { stream, stream + n };

	return command(s, &in);
}

/* ---- what the user did */

/* A field as the user left it: its text, then nothing up to the next attribute. */
static const uint8_t *fill_field(struct screenbuf *s, unsigned position,
				 const uint8_t *at, const uint8_t *end)
{
	for (unsigned n = 0; n < s->size && s->cells[position].attribute < 0; n++) {
		bool more = at < end && *at != DS_SBA;

		s->cells[position].character = more ? *at++ : 0;
		position = next(s, position);
	}
	while (at < end && *at != DS_SBA)
		at++;
	return at;
}

static bool reads_modified(uint8_t aid)
{
	return aid == AID_ENTER || ds_pf_number(aid) != 0;
}

void screenbuf_input(struct screenbuf *s, const struct ds_record *r)
{
	const uint8_t *at = r->data, *end = r->data + r->length;

	if (r->aid == AID_CLEAR) {
		s->address = s->cursor = 0;
		blank(s, 0, s->size);
		return;
	}
	if (!reads_modified(r->aid))
		return;
	if (r->cursor < s->size)
		s->cursor = r->cursor;
	if (at < end && *at != DS_SBA && field_of(s, 0) < 0)
		at = fill_field(s, 0, at, end);
	while (end - at >= 3 && *at == DS_SBA) {
		unsigned position = ds_position(at + 1);

		if (position >= s->size)
			return;
		at = fill_field(s, position, at + 3, end);
	}
}

/* ---- looking */

unsigned screenbuf_rows(const struct screenbuf *s)
{
	return s->rows;
}

unsigned screenbuf_columns(const struct screenbuf *s)
{
	return s->columns;
}

unsigned screenbuf_cursor(const struct screenbuf *s)
{
	return s->cursor;
}

struct screenbuf_cell screenbuf_cell(const struct screenbuf *s, unsigned position)
{
	return s->cells[position];
}

const uint8_t *screenbuf_text(struct screenbuf *s)
{
	int field = field_of(s, s->size - 1);
	int attribute = field < 0 ? 0 : s->cells[field].attribute;

	for (unsigned i = 0; i < s->size; i++) {
		const struct screenbuf_cell *cell = &s->cells[i];

		if (cell->attribute >= 0)
			attribute = cell->attribute;
		if (cell->attribute >= 0 || (attribute & DS_DISPLAY) == DS_HIDDEN ||
		    cell->character < 0x40)
			s->text[i] = EBCDIC_SPACE;
		else
			s->text[i] = cell->character;
	}
	return s->text;
}

/* ---- birth and death */

struct screenbuf *screenbuf_new(unsigned rows, unsigned columns)
{
	struct screenbuf *s = calloc(1, sizeof(*s));
	size_t size = (size_t)rows * columns;

	if (size < DEFAULT_ROWS * DEFAULT_COLUMNS)
		size = DEFAULT_ROWS * DEFAULT_COLUMNS;
	if (!s)
		BUG("out of memory");
	s->max_rows = rows;
	s->max_columns = columns;
	s->cells = calloc(size, sizeof(s->cells[0]));
	s->text = malloc(size);
	if (!s->cells || !s->text)
		BUG("out of memory");
	erase_default(s);
	return s;
}

void screenbuf_free(struct screenbuf *s)
{
	if (!s)
		return;
	free(s->cells);
	free(s->text);
	free(s);
}
