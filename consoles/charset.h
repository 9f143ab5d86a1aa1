/*
 * consoles/charset.h - characters that a 3270 shows by graphic escapes.
 *
 * With TERMINAL APL or TEXT a byte of CP's code may stand for a character of the
 * terminal's second character set (GA23-0059, "Character Sets": APL/TEXT
 * feature): X'08' and its code there.
 */
#ifndef CONSOLES_CHARSET_H
#define CONSOLES_CHARSET_H

#include <stddef.h>
#include <stdint.h>

#include "consoles/bytebuf.h"
#include "consoles/console.h"

/* Text for the screen, one position a byte; X'05' is shown as tabchar (0: blank). */
void charset_put(struct bytebuf *b, const struct console_terminal *t, const uint8_t *text,
		 size_t n);
/*
 * What was typed, in place: graphic escapes (of APL, unless TEXT is on) become
 * single bytes, unknown ones blanks. Returns the length.
 */
size_t charset_take(const struct console_terminal *t, uint8_t *text, size_t n);

#endif
