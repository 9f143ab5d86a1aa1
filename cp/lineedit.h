/*
 * cp/lineedit.h - logical line editing of what was typed.
 *
 * GC20-1810, "VM/370 Terminal User's Guide", Logical Line Editing Symbols:
 * CHARDEL takes back the character before it, LINEDEL all of the line so far,
 * ESCAPE makes the next symbol an ordinary character, LINEND splits the input
 * into several lines.
 */
#ifndef CP_LINEEDIT_H
#define CP_LINEEDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "cp/cp.h"

struct lineedit_symbols {
	char linend, linedel, chardel, escape; /* 0: off */
};

/*
 * Take the first logical line off *text (ISO 8859-1, NUL-terminated) into line.
 * *text then points behind it, or is NULL when nothing is left. Returns false,
 * with *text NULL, if there is no line: all of it was deleted.
 */
bool lineedit_next(const struct lineedit_symbols *symbols, const char **text,
		   char line[CP_LINE_MAX + 1]);

#endif
