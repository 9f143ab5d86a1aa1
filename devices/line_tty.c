#include "devices/line_tty.h"

#include <string.h>

#include "base/bytes.h"

enum telnet {
	TN_SE = 240,
	TN_BREAK = 243,
	TN_INTERRUPT = 244,
	TN_SB = 250,
	TN_WILL = 251,
	TN_WONT = 252,
	TN_DO = 253,
	TN_DONT = 254,
	TN_IAC = 255,
};

/* Where in a telnet command */
enum { DATA, COMMAND, OPTION, SUB, SUB_IAC };

#define OPTION_BINARY 0
#define RUBOUT_TTY    0xFF /* all ones, whatever the parity: nothing is printed */

/*
 * The codes of a 2741 as its ASCII characters, by B A 8 4 2 1; X: a function that prints
 * nothing or has no counterpart in ASCII.
 */
#define X "\377"
/* clang-format off */
static const char ebcd_lower[65] =
	" 1234567890#" X X X X "@/stuvwxyz" X "," X "\n" X X
	"-jklmnopqr" X "$" X "\r\b" X "&abcdefghi" X "." X "\t" X X;
static const char ebcd_upper[65] =
	" =<;:%'>*()\"" X X X X "\\?STUVWXYZ" X "|" X "\n" X X
	"_JKLMNOPQR" X "!" X "\r\b" X "+ABCDEFGHI" X "^" X "\t" X X;
static const char correspondence_lower[65] =
	" 1235768" "40z9" X X X X "txnuedkclh" X "b" X "\n" X X
	"!m.v'riaos" X "w" X "\r\b" X "jg=fp;q,/y" X "-" X "\t" X X;
static const char correspondence_upper[65] =
	" |@#%&<*$)Z(" X X X X "TXNUEDKCLH" X "B" X "\n" X X
	">M.V\"RIAOS" X "W" X "\r\b" X "JG+FP:Q,?Y" X "_" X "\t" X X;
/* clang-format on */
#undef X

#define SHIFT_IBM 0x80
#define IDLE_IBM  0x5E
#define NONE	  0xFF

/* ---- codes */

static bool odd(uint8_t byte)
{
	return __builtin_parity(byte);
}

static uint8_t mirrored(uint8_t byte)
{
	uint8_t m = 0;

	for (int i = 0; i < 8; i++)
		if (byte & (1 << i))
			m |= (uint8_t)(0x80 >> i);
	return m;
}

static const char *table(enum tty_code code, bool upper)
{
	if (code == TTY_CORRESPONDENCE)
		return upper ? correspondence_upper : correspondence_lower;
	return upper ? ebcd_upper : ebcd_lower;
}

/* A 2741's byte of a code and a shift, with its parity. */
static uint8_t ibm_byte(size_t code, bool upper)
{
	uint8_t byte = (uint8_t)(code << 1);

	if (!odd(byte))
		byte |= 1;
	return upper ? byte | SHIFT_IBM : byte;
}

static int to_ibm(enum tty_code code, uint8_t ascii)
{
	for (int upper = 0; upper < 2; upper++) {
		const char *at = memchr(table(code, upper), ascii, 64);

		if (at && ascii != NONE)
			return ibm_byte((size_t)(at - table(code, upper)), upper);
	}
	return -1;
}

int tty_to_machine(const struct tty_options *o, uint8_t c)
{
	if (o->code == TTY_NONE)
		return c;
	c &= 0x7F;
	if (o->upper && c >= 'a' && c <= 'z')
		c = (uint8_t)(c - 'a' + 'A');
	if (o->ibm)
		return to_ibm(o->code, c);
	return mirrored(odd(c) ? c | 0x80 : c);
}

int tty_from_machine(const struct tty_options *o, uint8_t code)
{
	uint8_t c;

	if (o->code == TTY_NONE)
		return code;
	if (!o->ibm)
		return mirrored(code) & 0x7F;
	c = (uint8_t)table(o->code, code & SHIFT_IBM)[(code & 0x7F) >> 1];
	return c == NONE ? -1 : c;
}

/* ---- from the client */

void tty_reset(struct tty *t)
{
	t->telnet = DATA;
	t->ended = t->broken = false;
	t->length = t->queued = 0;
}

bool tty_has_room(const struct tty *t)
{
	return TTY_QUEUE_MAX - t->queued >= 2 + TTY_LINE_MAX + 2 * TTY_FIX_MAX;
}

static size_t append(uint8_t *line, size_t n, const uint8_t *bytes, size_t count)
{
	memcpy(line + n, bytes, count);
	return n + count;
}

/* What was typed goes into the queue as the machine has it. */
static void end_line(struct tty *t)
{
	const struct tty_options *o = &t->options;
	uint8_t *line = t->queue + t->queued + 2;
	size_t n = append(line, 0, o->prepend, o->prepend_count);

	for (size_t i = 0; i < t->length; i++) {
		int code = tty_to_machine(o, t->typed[i]);

		if (code >= 0)
			line[n++] = (uint8_t)code;
	}
	n = append(line, n, o->append, o->append_count);
	put_be16(line - 2, (uint16_t)n);
	t->queued += 2 + n;
	t->length = 0;
}

static void take_break(struct tty *t)
{
	t->length = t->queued = 0;
	t->ended = false;
	t->broken = true;
}

static size_t take_data(struct tty *t, uint8_t c, uint8_t *reply)
{
	const struct tty_options *o = &t->options;
	uint8_t end = o->end ? o->end : '\r';
	bool behind_end = t->ended;

	t->ended = false;
	/* A new line of telnet is CR LF, a carriage return CR NUL. */
	if (behind_end && end == '\r' && (c == '\n' || c == '\0'))
		return 0;
	if (c == 0x03 && o->control_c) {
		take_break(t);
		return 0;
	}
	if (c == '\b' && o->backspace) {
		t->length -= t->length > 0;
		return 0;
	}
	if (!o->skip_in[c] && t->length < TTY_LINE_MAX - (c != end))
		t->typed[t->length++] = c;
	if (c != end)
		return 0;
	end_line(t);
	t->ended = true;
	reply[0] = '\r';
	return o->send_return ? 1 : 0;
}

/* All that a client wants or offers is refused, but for binary where we want that. */
static size_t take_option(struct tty *t, uint8_t option, uint8_t *reply)
{
	t->telnet = DATA;
	if (t->verb == TN_WONT || t->verb == TN_DONT ||
	    (option == OPTION_BINARY && t->options.binary))
		return 0;
	reply[0] = TN_IAC;
	reply[1] = t->verb == TN_DO ? TN_WONT : TN_DONT;
	reply[2] = option;
	return 3;
}

static size_t take_command(struct tty *t, uint8_t c, uint8_t *reply)
{
	t->telnet = DATA;
	switch (c) {
	case TN_IAC: return take_data(t, c, reply);
	case TN_INTERRUPT:
	case TN_BREAK: take_break(t); return 0;
	case TN_SB: t->telnet = SUB; return 0;
	case TN_WILL:
	case TN_WONT:
	case TN_DO:
	case TN_DONT:
		t->verb = c;
		t->telnet = OPTION;
		return 0;
	default: return 0;
	}
}

size_t tty_receive(struct tty *t, uint8_t byte, uint8_t reply[TTY_REPLY_MAX])
{
	switch (t->telnet) {
	case COMMAND: return take_command(t, byte, reply);
	case OPTION: return take_option(t, byte, reply);
	case SUB:
		if (byte == TN_IAC)
			t->telnet = SUB_IAC;
		return 0;
	case SUB_IAC: t->telnet = byte == TN_SE ? DATA : SUB; return 0;
	default: break;
	}
	if (byte != TN_IAC)
		return take_data(t, byte, reply);
	t->telnet = COMMAND;
	return 0;
}

bool tty_line(const struct tty *t, const uint8_t **line, size_t *n)
{
	if (t->queued == 0)
		return false;
	*n = be16(t->queue);
	*line = t->queue + 2;
	return true;
}

void tty_take(struct tty *t, size_t n)
{
	size_t length = be16(t->queue), gone = n < length ? n : 2 + length;

	/* The rest of a line gets its new length in front. */
	memmove(t->queue, t->queue + gone, t->queued - gone);
	t->queued -= gone;
	if (n < length)
		put_be16(t->queue, (uint16_t)(length - n));
}

/* ---- to the client */

bool tty_is_idle(const struct tty *t, uint8_t byte)
{
	if (t->options.ibm)
		return (byte & ~SHIFT_IBM) == IDLE_IBM;
	return (byte | 1) == RUBOUT_TTY || byte == 0xDF; /* rubout; idle of TCAM */
}

size_t tty_transmit(const struct tty *t, uint8_t byte, uint8_t wire[2])
{
	const struct tty_options *o = &t->options;
	int c = o->skip_out[byte] ? -1 : tty_from_machine(o, byte);

	if (c < 0)
		return 0;
	wire[0] = wire[1] = (uint8_t)c;
	if (o->ibm && o->code != TTY_NONE && c == '\r') /* a new line, there */
		wire[1] = '\n';
	else if (c != TN_IAC)
		return 1;
	return 2;
}
