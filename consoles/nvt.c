#include "consoles/nvt.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "consoles/bytebuf.h"

#define QUEUE_MAX  ((size_t)1 << 20) /* bytes not sent; more is lost */
#define QUEUE_ROOM 8192
#define WINDOW_MIN 20 /* columns; a window that claims less is not believed */
#define LINESIZE   130
#define LINES_MAX  16 /* typed and not yet accepted */

enum input_state {
	INPUT_TEXT,
	INPUT_AFTER_CR, /* a LF or NUL belongs to it */
	INPUT_UTF8,	/* in a character of several bytes */
	INPUT_ESCAPE,	/* after ESC */
	INPUT_CONTROL,	/* after ESC [ */
};

struct typed {
	uint8_t text[CONSOLE_INPUT_MAX];
	size_t length;
};

struct nvt {
	const struct nvt_events *ev;
	void *arg;
	const struct codepage *page;
	unsigned retry_ms;

	struct bytebuf out;
	unsigned linesize, window, column;
	bool lost, was_full;

	enum console_status status;
	bool masked, hidden, logo;
	bool black;	 /* hide by typing black, not by the echo */
	bool black_done; /* the place is black */
	bool quiet_attention;

	enum input_state state;
	unsigned utf8_left, utf8;
	struct typed line; /* being typed */
	struct typed waiting[LINES_MAX];
	unsigned first, count;
	bool blocked, offering;
};

/* ---- output */

static void put_string(struct nvt *t, const char *s)
{
	bytebuf_put(&t->out, s, strlen(s));
}

static void new_line(struct nvt *t)
{
	put_string(t, "\r\n");
	t->column = 0;
}

/* One character in UTF-8. Controls are blanks, so that nothing drives the terminal. */
static void put_character(struct nvt *t, uint8_t ebcdic)
{
	uint8_t c = t->page->to_latin1[ebcdic];

	if (c == '\a') {
		bytebuf_put1(&t->out, c);
		return;
	}
	if (c < 0x20 || (c >= 0x7F && c < 0xA0))
		c = ' ';
	if (c >= 0x80) {
		bytebuf_put1(&t->out, (uint8_t)(0xC0 | c >> 6));
		bytebuf_put1(&t->out, (uint8_t)(0x80 | (c & 0x3F)));
	} else {
		bytebuf_put1(&t->out, c);
	}
	t->column++;
}

static void put_text(struct nvt *t, const uint8_t *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == 0x15) {
			new_line(t);
			continue;
		}
		if (t->column >= t->linesize || (t->window && t->column >= t->window))
			new_line(t);
		put_character(t, text[i]);
	}
}

bool nvt_room(const struct nvt *t)
{
	return t->out.length < QUEUE_ROOM;
}

bool nvt_idle(const struct nvt *t)
{
	return t->out.length == 0;
}

void nvt_write(struct nvt *t, const uint8_t *text, size_t length, unsigned flags)
{
	if (t->out.length + length > QUEUE_MAX) {
		t->lost = true;
		return;
	}
	if (length && text[length - 1] == 0x15 && !(flags & CONSOLE_NO_NEWLINE))
		length--;
	if (flags & CONSOLE_ALARM)
		put_string(t, "\a");
	put_text(t, text, length);
	if (!(flags & CONSOLE_NO_NEWLINE))
		new_line(t);
	if (!nvt_room(t))
		t->was_full = true;
	t->ev->dirty(t->arg);
}

void nvt_clear(struct nvt *t)
{
	t->out.length = 0;
	t->lost = false;
}

void nvt_logo(struct nvt *t, const char *online, const char *const *lines, size_t count)
{
	t->status = CONSOLE_RUNNING;
	t->masked = false;
	t->logo = true;
	t->blocked = false;
	for (size_t i = 0; i < count; i++)
		nvt_write(t, (const uint8_t *)lines[i], strlen(lines[i]), 0);
	nvt_write(t, (const uint8_t *)online, strlen(online), 0);
}

/* ---- input */

/* Offer the first waiting line; false: it has to wait. */
static bool offer(struct nvt *t)
{
	struct typed line = t->waiting[t->first];

	if (t->logo) {
		t->logo = false;
		t->ev->logo_key(t->arg);
		if (!line.length)
			goto taken;
	}
	if (!line.length && t->status == CONSOLE_RUNNING)
		t->ev->key(t->arg, CONSOLE_KEY_EMPTY_ENTER);
	else if (t->ev->line(t->arg, line.text, line.length) != CONSOLE_ACCEPTED)
		return false;
taken:
	/* The owner may have thrown the waiting lines away meanwhile. */
	if (t->count) {
		memset(&t->waiting[t->first], 0, sizeof(t->waiting[0]));
		t->first = (t->first + 1) % LINES_MAX;
		t->count--;
	}
	return true;
}

static void offer_lines(struct nvt *t)
{
	if (t->offering)
		return;
	t->offering = true;
	while (t->count && !t->blocked) {
		if (offer(t))
			continue;
		t->blocked = true;
		t->ev->timer(t->arg, t->retry_ms);
	}
	t->offering = false;
}

static void end_of_line(struct nvt *t)
{
	if (t->hidden) /* nobody echoed the line's end */
		new_line(t);
	t->column = 0;
	if (t->count == LINES_MAX) {
		put_string(t, "\a");
	} else {
		t->waiting[(t->first + t->count) % LINES_MAX] = t->line;
		t->count++;
	}
	memset(&t->line, 0, sizeof(t->line));
	t->ev->dirty(t->arg);
}

static void type(struct nvt *t, unsigned c)
{
	if (t->line.length == CONSOLE_INPUT_MAX)
		return;
	t->line.text[t->line.length++] = t->page->to_ebcdic[c < 256 ? c : '?'];
}

void nvt_attention(struct nvt *t)
{
	memset(&t->line, 0, sizeof(t->line));
	t->count = 0;
	t->state = INPUT_TEXT;
	if (t->logo) {
		t->logo = false;
		t->ev->logo_key(t->arg);
		return;
	}
	if (!t->quiet_attention) {
		put_string(t, "!");
		new_line(t);
	}
	t->ev->dirty(t->arg);
	t->ev->key(t->arg, CONSOLE_KEY_PA1);
}

/* The first byte of a character above 7F, or an ISO 8859-1 character. */
static void begin_utf8(struct nvt *t, uint8_t c)
{
	t->utf8_left = c >= 0xF0 && c < 0xF8   ? 3
		       : c >= 0xE0 && c < 0xF0 ? 2
		       : c >= 0xC2 && c < 0xE0 ? 1
					       : 0;
	if (!t->utf8_left) {
		type(t, c);
		return;
	}
	t->utf8 = c & (0x3Fu >> t->utf8_left);
	t->state = INPUT_UTF8;
}

static void text_byte(struct nvt *t, uint8_t c)
{
	switch (c) {
	case '\r':
		t->state = INPUT_AFTER_CR;
		end_of_line(t);
		break;
	case '\n': end_of_line(t); break;
	case '\b':
	case 0x7F:
		if (t->line.length)
			t->line.length--;
		break;
	case 0x15: t->line.length = 0; break; /* control-U */
	case 0x03: nvt_attention(t); break;
	case 0x1B: t->state = INPUT_ESCAPE; break;
	case '\t': type(t, c); break;
	default:
		if (c >= 0x80)
			begin_utf8(t, c);
		else if (c >= 0x20)
			type(t, c);
	}
}

static void input_byte(struct nvt *t, uint8_t c)
{
	enum input_state state = t->state;

	t->state = INPUT_TEXT;
	switch (state) {
	case INPUT_AFTER_CR:
		if (c == '\n' || c == 0)
			return;
		break;
	case INPUT_UTF8:
		if ((c & 0xC0) == 0x80) {
			t->utf8 = t->utf8 << 6 | (c & 0x3F);
			if (--t->utf8_left)
				t->state = INPUT_UTF8;
			else
				type(t, t->utf8);
			return;
		}
		break;
	case INPUT_ESCAPE:
		if (c == '[' || c == 'O') { /* a function key: not an attention */
			t->state = INPUT_CONTROL;
			return;
		}
		nvt_attention(t);
		break;
	case INPUT_CONTROL:
		if (c < 0x40)
			t->state = INPUT_CONTROL;
		return;
	case INPUT_TEXT: break;
	}
	text_byte(t, c);
}

void nvt_input(struct nvt *t, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		input_byte(t, bytes[i]);
	if (t->state == INPUT_ESCAPE) /* ESC alone, nothing came with it */
		nvt_attention(t);
}

/* ---- state */

void nvt_set_status(struct nvt *t, enum console_status status, bool masked)
{
	t->status = status;
	t->masked = masked;
	t->blocked = false;
	t->ev->dirty(t->arg);
}

void nvt_timeout(struct nvt *t)
{
	t->blocked = false;
	t->ev->dirty(t->arg);
}

static void say_lost(struct nvt *t)
{
	if (!t->lost)
		return;
	t->lost = false;
	put_string(t, "LINES OF OUTPUT LOST");
	new_line(t);
	t->ev->dirty(t->arg);
}

/* Eight places, typed over with three letters, as typewriters did it. */
static void blacken(struct nvt *t)
{
	if (t->masked && t->black && !t->black_done)
		put_string(t, "HHHHHHHH\rSSSSSSSS\rMMMMMMMM\r");
	t->black_done = t->masked && t->black;
}

void nvt_flush(struct nvt *t, size_t limit)
{
	size_t n;
	bool hide;

	offer_lines(t);
	blacken(t);
	hide = t->masked && !t->black;
	if (t->hidden != hide) {
		t->hidden = hide;
		t->ev->hide(t->arg, t->hidden);
	}
	n = t->out.length < limit ? t->out.length : limit;
	if (n) {
		t->ev->send(t->arg, t->out.data, n);
		bytebuf_take(&t->out, n);
	}
	if (nvt_idle(t))
		say_lost(t);
	if (t->was_full && nvt_room(t)) {
		t->was_full = false;
		t->ev->drained(t->arg);
	}
}

void nvt_set_linesize(struct nvt *t, unsigned columns)
{
	t->linesize = columns ? columns : LINESIZE;
}

unsigned nvt_linesize(const struct nvt *t)
{
	return t->linesize;
}

void nvt_set_window(struct nvt *t, unsigned columns)
{
	t->window = columns < WINDOW_MIN ? 0 : columns;
}

void nvt_set_terminal(struct nvt *t, const struct console_terminal *terminal)
{
	t->black = terminal->mask;
	t->quiet_attention = terminal->quiet_attention;
}

void nvt_set_codepage(struct nvt *t, const struct codepage *page)
{
	t->page = page;
}

struct nvt *nvt_new(const struct nvt_events *events, void *arg, unsigned retry_ms)
{
	struct nvt *t = calloc(1, sizeof(*t));

	if (!t)
		BUG("out of memory");
	t->ev = events;
	t->arg = arg;
	t->page = &codepage_037;
	t->retry_ms = retry_ms;
	t->linesize = LINESIZE;
	return t;
}

void nvt_free(struct nvt *t)
{
	if (!t)
		return;
	bytebuf_free(&t->out);
	free(t);
}
