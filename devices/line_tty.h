/*
 * devices/line_tty.h - start/stop terminals on a 2703: what a telnet client types and
 * sees as a program in the machine has it.
 *
 * A Teletype 33/35 (2703 "Telegraph Terminal Control Type II") sends ASCII with even
 * parity, and the control unit stores the first bit received as bit 7: mirrored. An IBM
 * 2741 ("IBM Terminal Control Type I") has six-bit codes, S B A 8 4 2 1 C from bit 0 to
 * 7: shift, code, odd parity of all but the shift. GA27-2703 (2703 Component
 * Description), "Data Format"; GA24-3415 (2741), "Transmission Codes": EBCD and
 * correspondence.
 *
 * No sockets: bytes in, bytes out. Lines wait in a queue until the program reads them;
 * a break (telnet's Interrupt Process or Break) empties it.
 */
#ifndef DEVICES_LINE_TTY_H
#define DEVICES_LINE_TTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

#define TTY_LINE_MAX  512u /* bytes of a line; more are dropped */
#define TTY_QUEUE_MAX 2048u
#define TTY_REPLY_MAX 8u /* bytes of an answer in telnet */
#define TTY_FIX_MAX   4u /* bytes of prepend= and append= */

enum tty_code { TTY_ASCII, TTY_EBCD, TTY_CORRESPONDENCE, TTY_NONE };

/* Words of a Hercules configuration; zeroed: a Teletype. */
struct tty_options {
	enum tty_code code;
	bool ibm;	    /* a 2741 */
	bool upper;	    /* uctrans=: letters become capitals */
	bool backspace;	    /* bs=dumb: X'08' takes a character back */
	bool control_c;	    /* break=dumb: X'03' is a break */
	bool send_return;   /* sendcr=: a carriage return when a line has come */
	bool binary;	    /* binary=: eight bits, negotiated with the client */
	uint8_t end;	    /* eol=: ASCII, that ends a line; 0: X'0D' */
	bool skip_out[256]; /* skip=: in the machine's code */
	bool skip_in[256];  /* iskip=: ASCII */
	uint8_t prepend[TTY_FIX_MAX], append[TTY_FIX_MAX]; /* the machine's code */
	unsigned prepend_count, append_count;
};

struct tty {
	struct tty_options options;
	uint8_t telnet; /* where in a telnet command */
	uint8_t verb;
	bool ended;    /* the last byte ended a line */
	bool broken;   /* a break has come that the program does not know of */
	size_t length; /* of what is typed and not ended, ASCII */
	uint8_t typed[TTY_LINE_MAX];
	size_t queued; /* lines, each behind its length in two bytes */
	uint8_t queue[TTY_QUEUE_MAX];
};

/* A new client. */
void tty_reset(struct tty *t);

/* May a byte be received, or is the queue of lines full? */
bool tty_has_room(const struct tty *t);
/* A byte from the client. The number of bytes to be sent back at once. */
size_t tty_receive(struct tty *t, uint8_t byte, uint8_t reply[TTY_REPLY_MAX]);
/* Is there a line? Then its length and its bytes, in the machine's code. */
bool tty_line(const struct tty *t, const uint8_t **line, size_t *n);
/* The program has got n bytes of it: that line, or its beginning, goes. */
void tty_take(struct tty *t, size_t n);

/*
 * A byte of the program's output for the client: up to two bytes to be sent.
 */
size_t tty_transmit(const struct tty *t, uint8_t byte, uint8_t wire[2]);
/* Is it only there to give a typewriter time? */
bool tty_is_idle(const struct tty *t, uint8_t byte);

/* One character either way, without telnet. -1: there is none. */
int tty_to_machine(const struct tty_options *o, uint8_t ascii);
int tty_from_machine(const struct tty_options *o, uint8_t code);

#endif
