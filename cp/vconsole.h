/*
 * cp/vconsole.h - the virtual console: the 3215 of a machine on the user's
 * terminal.
 *
 * The machine's thread writes and reads through the terminal interface
 * (devices/terminal.h); lines cross to the CP thread as events, and the user's
 * lines cross back as machine requests. Output that the screen cannot take yet
 * holds the guest's channel program, not its thread.
 */
#ifndef CP_VCONSOLE_H
#define CP_VCONSOLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct terminal;
struct vconsole_event;
struct vmblok;

struct typed_line {
	struct typed_line *next;
	size_t length;
	uint8_t text[];
};

struct vconsole {
	uint16_t vaddr;           /* set before the machine starts */
	bool present;
	/* Shared with the machine's thread: */
	pthread_mutex_t lock;     /* the next three */
	unsigned in_flight;       /* lines on their way to the CP thread */
	bool full;                /* the screen takes no guest lines now */
	bool refused;             /* the guest waits for room */
	/* CP thread only: */
	uint8_t part[264];        /* console spool: a line that is not yet ended */
	size_t part_length;
	bool continues; /* the guest's last line has no end yet */
	bool reading;             /* the guest's read is outstanding */
	size_t read_max;
	struct typed_line *typed; /* read-ahead: lines of one input */
	/* DIAGNOSE X'58': */
	struct vconsole_event *display; /* waits for the terminal */
	bool screen_read;         /* the guest reads the screen */
	uint8_t *record;          /* what a key sent, until the guest reads it */
	size_t record_length;
};

void vconsole_init(struct vconsole *vc);
void vconsole_release(struct vconsole *vc);
/* The interface to attach the 3215 with. */
struct terminal vconsole_terminal(struct vmblok *vm);

/* ---- CP thread */

/*
 * A line for the guest, EBCDIC: answers its read or becomes read-ahead (with an
 * attention). False: there is read-ahead already.
 */
bool vconsole_line(struct vmblok *vm, const uint8_t *text, size_t length);
/* More lines of the same input, behind vconsole_line(). */
void vconsole_more(struct vmblok *vm, const uint8_t *text, size_t length);
/* REQUEST key. */
void vconsole_attention(struct vmblok *vm);
/* The terminal has room again, is gone, or is there again. */
void vconsole_room(struct vmblok *vm);
/* The terminal is in full-screen mode and sent a record (an AID first). */
void vconsole_record(struct vmblok *vm, const uint8_t *record, size_t length);
/* A display operation that had to wait may be tried again. */
void vconsole_display_ready(struct vmblok *vm);
/* Forget read-ahead and reads: reset, IPL. */
void vconsole_reset(struct vmblok *vm);

#endif
