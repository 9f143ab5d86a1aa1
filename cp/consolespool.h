/*
 * cp/consolespool.h - SPOOL CONSOLE START: what a user's console shows also goes
 * into a spool file of type CON, and for a disconnected user only there.
 *
 * Threads: the CP thread.
 */
#ifndef CP_CONSOLESPOOL_H
#define CP_CONSOLESPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vmblok;

/* Text that the console shows (EBCDIC); newline: its line ends here. */
void consolespool_text(struct vmblok *vm, const uint8_t *text, size_t length, bool newline);
/* The text of the last line so far, if that has not ended (ISO 8859-1). */
#define CONSOLESPOOL_PART 513
void consolespool_part(const struct vmblok *vm, char out[CONSOLESPOOL_PART]);
/* A line that was typed, or one of CP's (ISO 8859-1). */
void consolespool_line(struct vmblok *vm, const char *line);
/* NOTERM: the guest's lines are not to be shown. */
bool consolespool_hides(const struct vmblok *vm);

#endif
