/*
 * s370/screen.h - what the monitor and the guest's consoles write to standard
 * output.
 *
 * Lines come from several threads: the monitor's answers, a machine's stop
 * lines, the guest's console. They are written whole. While a person edits a
 * line at the prompt, output is held for the editor, which shows it above the
 * line being typed.
 *
 * Threads: any.
 */
#ifndef S370_SCREEN_H
#define S370_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct screen;

struct screen *screen_new(void);
void screen_free(struct screen *s);

/* One line; a newline is added, and one before it if a guest's line is open. */
void screen_say(struct screen *s, const char *format, ...) PRINTF_LIKE(2, 3);

/* Guest text as it comes, UTF-8; newline ends the line after it. */
void screen_guest(struct screen *s, const char *text, size_t length, bool newline);

/*
 * Hold output from now on; fd becomes readable when some is held. The editor
 * takes it with screen_release() and gives the terminal back with
 * screen_unhold().
 */
int screen_hold(struct screen *s);
void screen_release(struct screen *s);
void screen_unhold(struct screen *s);

#endif
