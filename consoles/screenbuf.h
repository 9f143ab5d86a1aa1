/*
 * consoles/screenbuf.h - what is on a 3270's screen: the buffer as the terminal
 * has it, followed from the streams that go to it and the records it sends.
 *
 * For the operator, and for tests.
 * GA23-0059, chapter 3 (commands and orders), chapter 4 (attributes).
 *
 * Threads: one owner.
 */
#ifndef CONSOLES_SCREENBUF_H
#define CONSOLES_SCREENBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "consoles/bytebuf.h"
#include "consoles/datastream.h"

struct screenbuf;

/* Size of the alternate screen; the default one is 24 x 80 or smaller. */
struct screenbuf *screenbuf_new(unsigned rows, unsigned columns);
void screenbuf_free(struct screenbuf *s);

/* A stream to the terminal: command, WCC, orders. False: damaged, used up to there. */
bool screenbuf_write(struct screenbuf *s, const uint8_t *stream, size_t n);
/* A record of the terminal: what the user typed enters the buffer. */
void screenbuf_input(struct screenbuf *s, const struct ds_record *r);

/* The size now: the default or the alternate one. */
unsigned screenbuf_rows(const struct screenbuf *s);
unsigned screenbuf_columns(const struct screenbuf *s);
unsigned screenbuf_cursor(const struct screenbuf *s);

/* One position. attribute: -1, or the value of the field that starts there. */
struct screenbuf_cell {
	uint8_t character;
	int16_t attribute;
	uint8_t highlight, color; /* extended attributes, 0 default */
};
struct screenbuf_cell screenbuf_cell(const struct screenbuf *s, unsigned position);
/*
 * All positions as one string of rows * columns EBCDIC characters: blanks for
 * NUL, attributes and what is in fields that are not displayed. Valid until the
 * next call.
 */
const uint8_t *screenbuf_text(struct screenbuf *s);

#endif
