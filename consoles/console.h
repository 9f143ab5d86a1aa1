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
	CONSOLE_ALARM = 1,	/* MSG, WNG: sound the alarm; full screen: HOLDING */
	CONSOLE_PRIORITY = 2,	/* WNG: goes out before queued lines and reads */
	CONSOLE_CP = 4,		/* CP's own output; PA1 in MORE... cancels the rest */
	CONSOLE_NO_NEWLINE = 8, /* the next line that is not CP's goes on behind it
				   (a 3215's X'01') */
};

/* What the owner answers to a line that was typed. */
enum console_taken {
	CONSOLE_ACCEPTED,     /* input area is cleared, the line is echoed */
	CONSOLE_NOT_ACCEPTED, /* the line stays, NOT ACCEPTED for 3 seconds */
};

enum console_key {
	CONSOLE_KEY_PA1,	 /* attention (also BREAK and IP of telnet) */
	CONSOLE_KEY_EMPTY_ENTER, /* ENTER with nothing typed, in RUNNING */
	CONSOLE_KEY_ATTENTION,	 /* cursor moved back, ENTER: attention to the guest */
	CONSOLE_KEY_PA2,	 /* only with pa2 of struct console_terminal */
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
	/*
	 * The rest may be NULL: an owner without full-screen use.
	 *
	 * While the terminal is in full-screen mode or dialed: a record came, an
	 * AID first, as a READ MODIFIED or READ BUFFER would hand it to a channel.
	 */
	void (*record)(void *arg, struct console *c, const uint8_t *record,
		       size_t length);
	/* A full-screen write that had to wait (CONSOLE_WAIT) may be tried again. */
	void (*fullscreen_ready)(void *arg, struct console *c);
	/*
	 * A TN3270E client names the LU it wants (0 ends it; "" if it named none).
	 * true: taken, and name may be changed (8 characters and a 0 at most).
	 * false: there is no such LU; the client tries another or leaves.
	 */
	bool (*lu)(void *arg, struct console *c, char name[9]);
	/*
	 * A PF key that was set to COPY: print console_screen(). text is what is
	 * behind the word COPY. Not accepted: there is no printer.
	 */
	enum console_taken (*copy)(void *arg, struct console *c, const uint8_t *text,
				   size_t length);
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
/*
 * The structured fields of the terminal's Query Reply (DIAGNOSE X'8C'); length
 * 0 if it gave none.
 */
const uint8_t *console_query_reply(const struct console *c, size_t *length);
/*
 * The LU name of a TN3270E terminal ("" if none), and its screen size. Of a
 * typewriter the size of its window, 0 while it is not known.
 */
const char *console_lu(const struct console *c);
unsigned console_rows(const struct console *c);
unsigned console_columns(const struct console *c);

/*
 * Show the logo: online goes to the first row, lines to the middle of the
 * screen (all EBCDIC, each ended by a 0). Queued output is thrown away, the
 * status is RUNNING. Any key ends the logo; on a typewriter a line does, and if
 * it is not empty it is then entered, so that "logon me" may be the first line.
 */
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

/* TERMINAL MODE CP: PA2 in HOLDING throws away CP's output as PA1 does. */
void console_set_mode_cp(struct console *c, bool on);
/* TERMINAL HILIGHT: echoes are bright, on terminals that can (off by default). */
void console_set_highlight(struct console *c, bool on);
/* TERMINAL MORE: seconds of MORE... until the alarm, and from then on; 0: VM's. */
void console_set_more(struct console *c, unsigned more_s, unsigned alarm_s);
/* The system's name at the right end of the status area (EBCDIC, up to 8). */
void console_set_sysid(struct console *c, const uint8_t *text, size_t length);
/* Code page between EBCDIC and a typewriter's characters: 037 by default. */
struct codepage;
void console_set_codepage(struct console *c, const struct codepage *page);
/* Echo of accepted lines in the output area: on by default. */
void console_set_echo(struct console *c, bool on);
/* SET PFnn: text (EBCDIC) and whether it is entered at once. n 1-24. */
enum console_pf {
	CONSOLE_PF_OFF,
	CONSOLE_PF_DELAYED,
	CONSOLE_PF_IMMED,
	CONSOLE_PF_RETRIEVE,
	CONSOLE_PF_TAB,
	CONSOLE_PF_COPY
};
/* For TAB, text holds the tab stops: columns of the input area, 1 the first. */
void console_set_pf(struct console *c, unsigned n, enum console_pf kind,
		    const uint8_t *text, size_t length);
/* 0: the terminal's own, as at first: a 3270's columns, 130 on a typewriter. */
void console_set_linesize(struct console *c, unsigned columns);
unsigned console_linesize(const struct console *c);

/* Characters beyond those of the code page. */
enum console_charset {
	CONSOLE_PLAIN,
	CONSOLE_APL,  /* those of APL, as CP codes them, by graphic escapes */
	CONSOLE_TEXT, /* those of text processing */
};

/* More of what TERMINAL and DIAGNOSE X'54' set; all zero is what there is at first. */
struct console_terminal {
	enum console_charset charset; /* of a 3270 */
	uint8_t tabchar;	      /* of a 3270: stands for X'05', typed or shown; 0 none */
	bool no_hold;		      /* a full screen with an alarm: MORE..., not HOLDING */
	bool pa2;  /* PA2 in VM READ, MORE... and HOLDING is also told as a key */
	bool mask; /* of a typewriter: a password is typed over a blackened place */
	bool quiet_attention; /* of a typewriter: no "!" for the attention key */
};
void console_set_terminal(struct console *c, const struct console_terminal *t);

/* Throw away queued output and clear the screen. */
void console_clear(struct console *c);

/*
 * Full-screen use by a guest (DIAGNOSE X'58' of GC20-1807, and the 3270 commands
 * of a machine whose console is a 3270).
 *
 * command is a channel command: 01 Write, 05 Erase/Write, 0D Erase/Write
 * Alternate, 0F Erase All Unprotected, 11 Write Structured Field, 02 Read
 * Buffer, 06 Read Modified, 0E Read Modified All; the data of a write begins
 * with its WCC. A read sends the command; the record comes as an event.
 *
 * The first Erase/Write takes the whole screen from the line mode. Line-mode
 * output (console_write) then waits in MORE... and takes the screen back when
 * the user lets it; console_is_fullscreen() is false from then on, and anything
 * but an Erase/Write is CONSOLE_TAKEN.
 */
enum console_fullscreen {
	CONSOLE_DONE,  /* sent */
	CONSOLE_WAIT,  /* the user has not read the lines on the screen, or is slow:
			  fullscreen_ready() tells when to try again */
	CONSOLE_TAKEN, /* the screen is in line mode; begin with an Erase/Write */
	CONSOLE_BAD,   /* not a 3270, or no such command, or no WCC */
};
enum console_fullscreen console_fullscreen_write(struct console *c, uint8_t command,
						 const uint8_t *data, size_t length);
/* Who gets PA1 in full-screen mode: the line mode (break to CP), or the guest. */
void console_fullscreen_pa1(struct console *c, bool guest);
bool console_is_fullscreen(const struct console *c);
/* The guest is done with the full screen: line mode, on a clear screen. */
void console_fullscreen_end(struct console *c);
/*
 * DIAGNOSE X'58' with CCW X'19': show data from row of the output area (or of
 * the input area) on, in the line-mode screen, after clearing the output area if
 * erase is set; no data: only that. SF orders in it are obeyed, and IC where it
 * begins in the input area; other orders are blanks. Data longer than to the end
 * of the input area is CONSOLE_BAD. From then on entered lines are not echoed,
 * and the next line of output waits in MORE...
 */
enum console_fullscreen console_display(struct console *c, unsigned row, bool erase,
					const uint8_t *data, size_t length);
/*
 * DIAL: the terminal belongs to a guest's line altogether, keys and screen, and
 * nothing waits. Ends with console_dial(c, false): line mode, clear screen.
 */
void console_dial(struct console *c, bool on);
/*
 * What is on the screen now, rows * columns characters in EBCDIC; fields that
 * are not displayed are blank. A guest may have chosen the default size, 24 x
 * 80, on a larger screen. NULL on a typewriter. Valid until the next call of
 * anything here.
 */
const uint8_t *console_screen(struct console *c, unsigned *rows, unsigned *columns);

/* Send what is queued and close the connection. closed() is called. */
void console_close(struct console *c);

#endif
