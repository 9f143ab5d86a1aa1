/*
 * consoles/linescreen.h - the console screen of VM/370 on a 3270, as a state
 * machine without a socket or a clock.
 *
 * Three areas at the bottom of any screen size: the output area (all rows but
 * two), the input area (from the last-but-one row on), the status area (the last
 * 20 positions). What modules DMKGRF and DMKRGA of CP write; the states and keys
 * are those of GC20-1819, "VM/370 CP: Terminal User's Guide", display terminals.
 *
 * Changes are collected; linescreen_flush() sends them as one 3270 write.
 * Threads: one owner.
 */
#ifndef CONSOLES_LINESCREEN_H
#define CONSOLES_LINESCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "consoles/console.h"
#include "consoles/datastream.h"

struct linescreen;

struct linescreen_events {
	/* A 3270 write (command, WCC, orders) for the terminal. */
	void (*send)(void *arg, const uint8_t *stream, size_t n);
	/* Something is to be sent: call linescreen_flush() soon. */
	void (*dirty)(void *arg);
	/* Call linescreen_timeout() in milliseconds; 0: no longer. */
	void (*timer)(void *arg, unsigned milliseconds);
	/* As in struct console_events. */
	void (*logo_key)(void *arg);
	enum console_taken (*line)(void *arg, const uint8_t *text, size_t length);
	void (*key)(void *arg, enum console_key key);
	void (*drained)(void *arg);
	void (*cancelled)(void *arg);
	void (*record)(void *arg, const uint8_t *record, size_t length);
	void (*fullscreen_ready)(void *arg);
	enum console_taken (*copy)(void *arg, const uint8_t *text, size_t length);
};

struct linescreen_options {
	unsigned rows, columns; /* at least 12 x 40, at most 16383 positions */
	bool alternate;		/* that size needs Erase/Write Alternate */
	bool extended;		/* understands SET ATTRIBUTE */
	unsigned more_ms, more_alarm_ms, not_accepted_ms; /* 0: VM/370's times */
};

struct linescreen *linescreen_new(const struct linescreen_options *options,
				  const struct linescreen_events *events, void *arg);
void linescreen_free(struct linescreen *s);
unsigned linescreen_rows(const struct linescreen *s);
unsigned linescreen_columns(const struct linescreen *s);

/* A record from the terminal. */
void linescreen_input(struct linescreen *s, const struct ds_record *r);
void linescreen_timeout(struct linescreen *s);
void linescreen_flush(struct linescreen *s);

/* The rest is as the console_ functions of the same names. */
void linescreen_logo(struct linescreen *s, const char *online, const char *const *lines,
		     size_t count);
void linescreen_write(struct linescreen *s, const uint8_t *text, size_t length,
		      unsigned flags);
bool linescreen_room(const struct linescreen *s);
void linescreen_set_status(struct linescreen *s, enum console_status status, bool masked);
void linescreen_set_echo(struct linescreen *s, bool on);
void linescreen_set_highlight(struct linescreen *s, bool on);
void linescreen_set_more(struct linescreen *s, unsigned more_s, unsigned alarm_s);
void linescreen_set_mode_cp(struct linescreen *s, bool on);
void linescreen_set_terminal(struct linescreen *s, const struct console_terminal *t);
void linescreen_set_sysid(struct linescreen *s, const uint8_t *text, size_t length);
void linescreen_set_pf(struct linescreen *s, unsigned n, enum console_pf kind,
		       const uint8_t *text, size_t length);
void linescreen_set_linesize(struct linescreen *s, unsigned columns);
unsigned linescreen_linesize(const struct linescreen *s);
void linescreen_clear(struct linescreen *s);

/*
 * May the guest's Erase/Write (Alternate) go out? CONSOLE_DONE: the screen is the guest's
 * from now on. CONSOLE_WAIT: fullscreen_ready() comes.
 */
enum console_fullscreen linescreen_take(struct linescreen *s, bool alternate);
void linescreen_fullscreen_pa1(struct linescreen *s, bool guest);
bool linescreen_is_fullscreen(const struct linescreen *s);
/* Line mode again, on a clear screen. */
void linescreen_take_back(struct linescreen *s);
enum console_fullscreen linescreen_display(struct linescreen *s, unsigned row, bool erase,
					   const uint8_t *data, size_t length);
void linescreen_dial(struct linescreen *s, bool on);

#endif
