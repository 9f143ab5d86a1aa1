/*
 * consoles/console.h - one connected terminal as a VM/370 console.
 *
 * Whatever the person uses (a 3270 over TN3270 or TN3270E, or a typewriter over
 * plain telnet), the owner sees this: lines go out, lines and keys come in.
 * On a 3270 it is the screen of VM/370's DMKGRF: output area, input area and
 * status area, with CP READ, VM READ, RUNNING, MORE..., HOLDING and NOT
 * ACCEPTED. Text is EBCDIC. GC20-1819, "VM/370 CP: Terminal User's Guide",
 * on display terminals.
 *
 * Output is queued while the screen is full (MORE...). The owner asks
 * console_room() before it queues a guest's line and is told by drained().
 *
 * Threads: all of it belongs to the thread of the listener's loop.
 */
#ifndef CONSOLES_CONSOLE_H
#define CONSOLES_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct console;

enum console_status {
	CONSOLE_RUNNING, /* no read; lines are type-ahead */
	CONSOLE_CP_READ,
	CONSOLE_VM_READ,
};

enum console_write_flags {
	CONSOLE_ALARM = 1,    /* MSG, WNG: sound the alarm; full screen: HOLDING */
	CONSOLE_PRIORITY = 2, /* WNG: goes out before queued lines and reads */
	CONSOLE_CP = 4,       /* CP's own output; PA1 in MORE... cancels the rest */
	CONSOLE_NO_NEWLINE = 8, /* typewriter: stay on the line (a 3215's X'01');
				   on a 3270 every write is a line */
};

/* What the owner answers to a line that was typed. */
enum console_taken {
	CONSOLE_ACCEPTED,     /* input area is cleared, the line is echoed */
	CONSOLE_NOT_ACCEPTED, /* the line stays, NOT ACCEPTED for 3 seconds */
};

enum console_key {
	CONSOLE_KEY_PA1,        /* attention (also BREAK and IP of telnet) */
	CONSOLE_KEY_EMPTY_ENTER,/* ENTER with nothing typed, in RUNNING */
	CONSOLE_KEY_ATTENTION,  /* cursor moved back, ENTER: attention to the guest */
};

/*
 * What the owner is told. Keys whose meaning VM/370 fixes on the screen (PA2
 * and CLEAR, ENTER in MORE..., PF keys with their text) are dealt with inside.
 */
struct console_events {
	/* Negotiated and ready: show the logo. */
	void (*opened)(void *arg, struct console *c);
	/*
	 * While a logo is up, any key. Afterwards never until the next logo.
	 * The screen has been cleared.
	 */
	void (*logo_key)(void *arg, struct console *c);
	/*
	 * A line was entered (length may be 0 in CP READ and VM READ), not yet
	 * edited, not NUL-terminated, at most CONSOLE_INPUT_MAX bytes.
	 */
	enum console_taken (*line)(void *arg, struct console *c, const uint8_t *text,
				   size_t length);
	void (*key)(void *arg, struct console *c, enum console_key key);
	/* Queued output went down to where console_room() is true again. */
	void (*drained)(void *arg, struct console *c);
	/* PA1 in MORE... or HOLDING threw away queued CP output. */
	void (*cancelled)(void *arg, struct console *c);
	/* The client is gone. c is freed on return; the owner forgets it. */
	void (*closed)(void *arg, struct console *c);
};

#define CONSOLE_INPUT_MAX 255

/* The owner's own pointer, for its session record. */
void console_set_data(struct console *c, void *data);
void *console_data(const struct console *c);

/* "192.0.2.7:4711 IBM-3279-2-E 24x80", for logs and QUERY. */
const char *console_name(const struct console *c);
/* A number unique among connected terminals: shown as its device, GRAF 041. */
unsigned console_number(const struct console *c);
bool console_is_3270(const struct console *c);

/* Show the logo: lines of the middle of the screen (EBCDIC), any key ends it. */
void console_logo(struct console *c, const char *online, const char *const *lines,
		  size_t count);

/* Queue a line; longer ones are cut into lines of the TERM LINESIZE. */
void console_write(struct console *c, const uint8_t *text, size_t length, unsigned flags);
/* May a guest's line be queued now? False while the screen is full. */
bool console_room(const struct console *c);

/*
 * Set the status. masked: a password is wanted; the input field is non-display
 * and is not echoed. The typed-ahead input stays in a visible field.
 */
void console_set_status(struct console *c, enum console_status status, bool masked);

/* Echo of accepted lines in the output area: on by default. */
void console_set_echo(struct console *c, bool on);
/* SET PFnn: text (EBCDIC) and whether it is entered at once. n 1-24. */
enum console_pf { CONSOLE_PF_OFF, CONSOLE_PF_DELAYED, CONSOLE_PF_IMMED,
		  CONSOLE_PF_RETRIEVE, CONSOLE_PF_TAB };
void console_set_pf(struct console *c, unsigned n, enum console_pf kind,
		    const uint8_t *text, size_t length);
void console_set_linesize(struct console *c, unsigned columns);

/* Throw away queued output and clear the screen. */
void console_clear(struct console *c);

/* Send what is queued and close the connection. closed() is called. */
void console_close(struct console *c);

#endif
