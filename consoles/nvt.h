/*
 * consoles/nvt.h - a network virtual terminal as a typewriter console (3215).
 *
 * The client edits its lines and echoes what is typed; lines come in whole.
 * Output is one line after the other, in UTF-8, controls filtered out. While a
 * password is typed the client is asked to stop its echo (or, TERMINAL MASK, it
 * is typed over a place that was made black). BREAK, INTERRUPT
 * PROCESS, control-C and ESC are the attention key; it is answered by "!".
 *
 * Lines that the owner does not accept at once wait (at most 16) and are
 * offered again when the status changes.
 *
 * Threads: one owner.
 */
#ifndef CONSOLES_NVT_H
#define CONSOLES_NVT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ebcdic.h"
#include "consoles/console.h"

struct nvt;

struct nvt_events {
	void (*send)(void *arg, const uint8_t *bytes, size_t n);
	void (*hide)(void *arg, bool hide);		 /* WILL or WONT ECHO */
	void (*dirty)(void *arg);			 /* call nvt_flush() soon */
	void (*timer)(void *arg, unsigned milliseconds); /* then nvt_timeout() */
	void (*logo_key)(void *arg);
	enum console_taken (*line)(void *arg, const uint8_t *text, size_t length);
	void (*key)(void *arg, enum console_key key);
	void (*drained)(void *arg);
};

struct nvt *nvt_new(const struct nvt_events *events, void *arg, unsigned retry_ms);
void nvt_free(struct nvt *t);

void nvt_input(struct nvt *t, const uint8_t *bytes, size_t n);
void nvt_attention(struct nvt *t);
void nvt_timeout(struct nvt *t);
/* Offer waiting lines; send at most limit bytes of what is to be typed. */
void nvt_flush(struct nvt *t, size_t limit);
bool nvt_idle(const struct nvt *t); /* nothing is left to be typed */

void nvt_logo(struct nvt *t, const char *online, const char *const *lines, size_t count);
void nvt_write(struct nvt *t, const uint8_t *text, size_t length, unsigned flags);
bool nvt_room(const struct nvt *t);
void nvt_set_status(struct nvt *t, enum console_status status, bool masked);
void nvt_set_linesize(struct nvt *t, unsigned columns);
unsigned nvt_linesize(const struct nvt *t);
/* The width of the client's window: lines are cut there too; 0: not known. */
void nvt_set_window(struct nvt *t, unsigned columns);
void nvt_set_codepage(struct nvt *t, const struct codepage *page);
/* mask and quiet_attention. */
void nvt_set_terminal(struct nvt *t, const struct console_terminal *terminal);
void nvt_clear(struct nvt *t);

#endif
