/*
 * consoles/screen.h - what is on a 3270's screen: the buffer as the terminal
 * has it, followed from the streams that go to it and the records it sends.
 *
 * For repainting after a reconnection, for the operator, and for tests.
 * GA23-0059, chapter 3 (commands and orders), chapter 4 (attributes).
 *
 * Threads: one owner.
 */
#ifndef CONSOLES_SCREEN_H
#define CONSOLES_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "consoles/buffer.h"
#include "consoles/datastream.h"

struct screen;

/* Size of the alternate screen; the default one is 24 x 80 or smaller. */
struct screen *screen_new(unsigned rows, unsigned columns);
void screen_free(struct screen *s);

/* A stream to the terminal: command, WCC, orders. False: damaged, used up to there. */
bool screen_write(struct screen *s, const uint8_t *stream, size_t n);
/* A record of the terminal: what the user typed enters the buffer. */
void screen_input(struct screen *s, const struct ds_record *r);

/* The size now: the default or the alternate one. */
unsigned screen_rows(const struct screen *s);
unsigned screen_columns(const struct screen *s);
unsigned screen_cursor(const struct screen *s);

/* One position. attribute: -1, or the value of the field that starts there. */
struct screen_cell {
	uint8_t character;
	int16_t attribute;
	uint8_t highlight, color; /* extended attributes, 0 default */
};
struct screen_cell screen_cell(const struct screen *s, unsigned position);
/*
 * All positions as one string of rows * columns EBCDIC characters: blanks for
 * NUL, attributes and what is in fields that are not displayed. Valid until the
 * next call.
 */
const uint8_t *screen_text(struct screen *s);

/*
 * Append a write that gives a blank terminal this screen: an Erase/Write
 * (Alternate), keyboard unlocked.
 */
void screen_repaint(const struct screen *s, struct buffer *out);

#endif
