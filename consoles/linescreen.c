#include "consoles/linescreen.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ebcdic.h"
#include "base/error.h"
#include "consoles/charset.h"
#include "consoles/linescreen_int.h"

#define QUEUE_MAX   ((size_t)1 << 20) /* bytes; more is lost, and said so */
#define QUEUE_ROOM  8192	      /* bytes; above it a guest has to wait */
#define EBCDIC_NL   0x15
#define FIELD_INPUT DS_MDT /* unprotected: always sent */

/* X'30', X'0A' and X'03' units of 1.048576 s. */
#define MORE_MS		50332
#define MORE_ALARM_MS	10486
#define NOT_ACCEPTED_MS 3146

/* ---- queue */

void linescreen_dirty(struct linescreen *s)
{
	s->ev->dirty(s->arg);
}

bool linescreen_room(const struct linescreen *s)
{
	return s->hold == HOLD_NONE && s->queued < QUEUE_ROOM;
}

/* Tell the owner if room came back. */
static void linescreen_check_room(struct linescreen *s)
{
	bool room = linescreen_room(s);

	if (s->was_full && room) {
		s->was_full = false;
		s->ev->drained(s->arg);
	} else if (!room) {
		s->was_full = true;
	}
}

/* Priority lines go before the others, behind earlier priority lines. */
static void enqueue(struct linescreen *s, struct outline *line)
{
	struct outline **at = &s->head;

	if (!(line->flags & CONSOLE_PRIORITY)) {
		*(s->tail ? &s->tail->next : &s->head) = line;
		s->tail = line;
		return;
	}
	while (*at && (*at)->flags & CONSOLE_PRIORITY)
		at = &(*at)->next;
	line->next = *at;
	*at = line;
	if (!line->next)
		s->tail = line;
}

struct outline *linescreen_queue(struct linescreen *s, const uint8_t *text, size_t length,
				 unsigned flags)
{
	struct outline *line;

	if (s->queued + length + sizeof(*line) > QUEUE_MAX) {
		s->lost++;
		return NULL;
	}
	line = calloc(1, sizeof(*line) + length);
	if (!line)
		BUG("out of memory");
	line->flags = flags;
	line->length = length;
	if (length)
		memcpy(line->text, text, length);
	s->queued += sizeof(*line) + length;
	enqueue(s, line);
	linescreen_dirty(s);
	return line;
}

static void release(struct linescreen *s, struct outline **at)
{
	struct outline *line = *at;

	*at = line->next;
	if (s->tail == line) {
		s->tail = NULL;
		for (struct outline *l = s->head; l; l = l->next)
			s->tail = l;
	}
	if (s->offered == line)
		s->offered = NULL;
	s->queued -= sizeof(*line) + line->length;
	free(line);
}

void linescreen_unqueue(struct linescreen *s, struct outline *line)
{
	struct outline **at = &s->head;

	while (*at && *at != line)
		at = &(*at)->next;
	if (*at)
		release(s, at);
}

void linescreen_drop(struct linescreen *s, bool all)
{
	while (s->head && (all || s->head->flags & CONSOLE_CP))
		release(s, &s->head);
	if (all)
		s->lost = 0;
}

static void write_cut(struct linescreen *s, const uint8_t *text, size_t length,
		      unsigned flags)
{
	do {
		size_t n = length < s->linesize ? length : s->linesize;
		bool last = n == length;

		linescreen_queue(s, text, n, last ? flags : flags & ~CONSOLE_NO_NEWLINE);
		text += n;
		length -= n;
	} while (length);
}

void linescreen_write(struct linescreen *s, const uint8_t *text, size_t length,
		      unsigned flags)
{
	for (;;) {
		const uint8_t *nl = length ? memchr(text, EBCDIC_NL, length) : NULL;
		size_t n = nl ? (size_t)(nl - text) : length;

		write_cut(s, text, n, nl ? flags & ~CONSOLE_NO_NEWLINE : flags);
		if (!nl || n + 1 == length) /* a last NL ends the line, no more */
			break;
		text = nl + 1;
		length -= n + 1;
	}
	linescreen_check_room(s);
}

/* ---- state */

void linescreen_time(struct linescreen *s)
{
	const struct linescreen_options *o = &s->options;

	if (s->not_accepted)
		s->ev->timer(s->arg, o->not_accepted_ms);
	else if (s->hold == HOLD_MORE)
		s->ev->timer(s->arg, o->more_ms);
	else if (s->hold == HOLD_MORE_ALARM)
		s->ev->timer(s->arg, o->more_alarm_ms);
	else
		s->ev->timer(s->arg, 0);
}

void linescreen_hold(struct linescreen *s, enum hold hold)
{
	s->hold = hold;
	s->status_dirty = true;
	linescreen_time(s);
	linescreen_dirty(s);
	linescreen_check_room(s);
}

/* The screen is full: MORE..., or HOLDING if there is an alarm message on it. */
static void linescreen_full(struct linescreen *s)
{
	linescreen_hold(s, s->alarm_on_screen && !s->terminal.no_hold ? HOLD_HOLDING
								      : HOLD_MORE);
}

void linescreen_next(struct linescreen *s, bool repaint)
{
	s->row = 0;
	s->open = 0;
	s->alarm_on_screen = s->unread = s->displayed = false;
	s->erase = true;
	s->repaint = s->repaint || repaint || s->fullscreen;
	s->fullscreen = s->guest_pa1 = false;
	linescreen_hold(s, HOLD_NONE);
}

void linescreen_set_status(struct linescreen *s, enum console_status status, bool masked)
{
	if (masked != s->masked)
		s->input_attribute = true;
	s->status = status;
	s->masked = masked;
	s->status_dirty = true;
	if (status != CONSOLE_RUNNING && s->fullscreen && s->hold == HOLD_NONE)
		linescreen_take_back(s);
	linescreen_dirty(s);
}

void linescreen_clear(struct linescreen *s)
{
	linescreen_drop(s, true);
	linescreen_next(s, false);
}

/* ---- painting */

static const char *status_word(const struct linescreen *s)
{
	if (s->not_accepted)
		return "NOT ACCEPTED";
	switch (s->hold) {
	case HOLD_MORE:
	case HOLD_MORE_ALARM: return "MORE...";
	case HOLD_HOLDING: return "HOLDING";
	case HOLD_NONE: break;
	}
	switch (s->status) {
	case CONSOLE_CP_READ: return "CP READ";
	case CONSOLE_VM_READ: return "VM READ";
	case CONSOLE_RUNNING: break;
	}
	return "RUNNING";
}

static unsigned status_position(const struct linescreen *s)
{
	return s->fullscreen && s->guest_default ? 24 * 80 - STATUS_WIDTH - 1
						 : s->status_at;
}

static void paint_status(struct linescreen *s)
{
	const char *word = status_word(s);
	size_t n = strlen(word);
	uint8_t text[STATUS_WIDTH];

	memset(text, EBCDIC_SPACE, sizeof(text));
	ebcdic_from_latin1(&codepage_037, text, word, n);
	memcpy(text + STATUS_WIDTH - sizeof(s->sysid), s->sysid, sizeof(s->sysid));
	ds_set_address(&s->out, status_position(s));
	ds_start_field(&s->out, DS_PROTECTED);
	ds_text(&s->out, text, sizeof(text));
}

/* The typed text stays. */
static void paint_tab(struct linescreen *s)
{
	if (s->tab_at) {
		ds_set_address(&s->out, s->input + s->tab_at);
		ds_text(&s->out, &s->terminal.tabchar, 1);
	}
	ds_set_address(&s->out, s->input + 1 + s->put_cursor);
	ds_insert_cursor(&s->out);
	s->set_cursor = false;
}

static void paint_input(struct linescreen *s)
{
	bool cursor = s->input_erase || s->repaint || s->erase_home;

	if (s->set_cursor)
		paint_tab(s);
	if (!(s->input_attribute || cursor || s->put_input))
		return;
	ds_set_address(&s->out, s->input);
	ds_start_field(&s->out, FIELD_INPUT | (s->masked ? DS_HIDDEN : 0u));
	if (cursor && !s->put_input)
		ds_insert_cursor(&s->out);
	if (s->put_input)
		charset_put(&s->out, &s->terminal, s->text, s->text_length);
	if ((s->input_erase || s->put_input) && !s->repaint)
		ds_repeat(&s->out, s->status_at, 0);
	if (s->put_input) {
		ds_set_address(&s->out, s->input + 1 + s->put_cursor);
		ds_insert_cursor(&s->out);
	}
}

/*
 * Where the line at the head of the queue begins: on the next row, or behind a
 * guest's line that was written without a carriage return. CP's lines and what
 * was typed never continue a line.
 */
static unsigned line_start(const struct linescreen *s)
{
	const struct outline *line = s->head;

	if (s->open && !line->echo && !(line->flags & (CONSOLE_CP | CONSOLE_PRIORITY)))
		return s->open;
	return s->row * s->columns;
}

/* Does the line at the head of the queue fit below the others? A guest's rows stay. */
static bool fits(const struct linescreen *s)
{
	size_t length = s->head->length ? s->head->length : 1;

	return !s->displayed && line_start(s) + length <= s->input + 1;
}

/* SET ATTRIBUTE takes no position on the screen: lines stay where they are. */
static void paint_text(struct linescreen *s, const struct outline *line, size_t length)
{
	static const uint8_t intense[] = { DS_SA, 0x41, 0xF8 },
			     normal[] = { DS_SA, 0x00, 0x00 };
	bool highlight = line->echo && s->highlight && s->options.extended;

	if (highlight)
		bytebuf_put(&s->out, intense, sizeof(intense));
	charset_put(&s->out, &s->terminal, line->text, length);
	if (highlight)
		bytebuf_put(&s->out, normal, sizeof(normal));
}

static void paint_line(struct linescreen *s)
{
	struct outline *line = s->head;
	unsigned start = line_start(s), end = start + (unsigned)line->length;
	size_t length = line->length;

	/* The very last position holds the input area's attribute. */
	if (end > s->input)
		length = s->input - start;
	if (length) {
		ds_set_address(&s->out, start);
		paint_text(s, line, length);
	}
	s->open = line->flags & CONSOLE_NO_NEWLINE && end <= s->input ? end : 0;
	if (end == s->row * s->columns && start == end)
		end++; /* an empty line takes a row */
	if (end > s->row * s->columns)
		s->row = (end - 1) / s->columns + 1;
	if (line->flags & CONSOLE_ALARM)
		s->alarm = s->alarm_on_screen = true;
	if (!line->echo)
		s->unread = true;
	release(s, &s->head);
}

/* The queue is empty: a line about those that were dropped? */
static bool say_lost(struct linescreen *s)
{
	char text[40];
	uint8_t line[40];
	size_t n;

	if (!s->lost)
		return false;
	n = (size_t)snprintf(text, sizeof(text), "%u LINES OF OUTPUT LOST", s->lost);
	ebcdic_from_latin1(&codepage_037, line, text, n);
	s->lost = 0;
	return linescreen_queue(s, line, n, 0) != NULL;
}

static void paint_output(struct linescreen *s)
{
	if (s->erase && !s->repaint) {
		ds_set_address(&s->out, 0);
		ds_repeat(&s->out, s->input, 0);
		s->input_attribute = true;
	}
	while ((s->head || say_lost(s)) && fits(s))
		paint_line(s);
}

/* Full-screen use ends only when the user has let go of the guest's screen. */
static void flush_fullscreen(struct linescreen *s)
{
	if (s->head && s->hold == HOLD_NONE) {
		s->alarm = s->head->flags & CONSOLE_ALARM;
		linescreen_hold(s, s->alarm && !s->terminal.no_hold ? HOLD_HOLDING
								    : HOLD_MORE);
	}
	if (s->hold == HOLD_NONE ? !s->unlock
				 : !(s->status_dirty || s->alarm || s->unlock))
		return;
	s->out.length = 0;
	ds_begin(&s->out, DS_WRITE, DS_RESTORE | (s->alarm ? DS_ALARM : 0u));
	if (s->hold != HOLD_NONE)
		paint_status(s);
	s->status_dirty = s->unlock = s->alarm = false;
	s->ev->send(s->arg, s->out.data, s->out.length);
}

static void begin_write(struct linescreen *s)
{
	s->out.length = 0;
	if (s->repaint)
		ds_begin(&s->out,
			 s->options.alternate ? DS_ERASE_WRITE_ALTERNATE : DS_ERASE_WRITE,
			 0);
	else
		ds_begin(&s->out, DS_WRITE, 0);
}

/*
 * The keyboard is restored only in answer to a key (or an erase): an output
 * line that crosses an ENTER on the wire does not unlock it too early, and in
 * RUNNING it is never locked.
 */
static void end_write(struct linescreen *s)
{
	s->out.data[1] = ds_code((s->unlock || s->repaint ? DS_RESTORE : 0u) |
				 (s->alarm ? DS_ALARM : 0u));
	s->repaint = s->erase = s->erase_home = s->unlock = s->alarm = false;
	s->input_attribute = s->input_erase = s->status_dirty = s->put_input = false;
	s->ev->send(s->arg, s->out.data, s->out.length);
}

static void flush_logo(struct linescreen *s)
{
	if (s->logo_shown)
		return;
	s->logo_shown = s->alarm = s->repaint = true;
	begin_write(s);
	bytebuf_put(&s->out, s->logo_stream.data, s->logo_stream.length);
	paint_input(s);
	paint_status(s);
	end_write(s);
}

/* A guest waits for the screen: it gets it once the user has seen every line. */
static void offer_screen(struct linescreen *s)
{
	if (!s->fullscreen_wanted || s->hold != HOLD_NONE || s->head || s->not_accepted)
		return;
	if (s->unread) {
		linescreen_full(s);
		return;
	}
	s->fullscreen_wanted = false;
	s->ev->fullscreen_ready(s->arg);
}

static void flush_lines(struct linescreen *s)
{
	bool empty;

	begin_write(s);
	if (s->hold == HOLD_NONE) {
		paint_output(s);
		if (s->head)
			linescreen_full(s);
	}
	empty = s->out.length == 2;
	paint_input(s);
	if (s->status_dirty || s->repaint)
		paint_status(s);
	if (!empty || s->out.length > 2 || s->unlock || s->alarm || s->repaint)
		end_write(s);
	linescreen_check_room(s);
}

void linescreen_flush(struct linescreen *s)
{
	if (s->dialed)
		return;
	if (s->logo) {
		flush_logo(s);
	} else if (s->fullscreen) {
		flush_fullscreen(s);
	} else {
		flush_lines(s);
		offer_screen(s);
	}
}

/* ---- logo */

static size_t text_width(const char *const *lines, size_t count)
{
	size_t width = 0;

	for (size_t i = 0; i < count; i++)
		if (strlen(lines[i]) > width)
			width = strlen(lines[i]);
	return width;
}

static void paint_logo(struct linescreen *s, const char *online, const char *const *lines,
		       size_t count)
{
	size_t width = text_width(lines, count);
	unsigned column, row, room = s->rows - 3;

	if (width > s->columns)
		width = s->columns;
	column = (s->columns - (unsigned)width) / 2;
	if (count > room)
		count = room;
	row = (s->rows - (unsigned)count) / 2;
	if (row + count > room)
		row = room - (unsigned)count;
	s->logo_stream.length = 0;
	ds_set_address(&s->logo_stream, 0);
	ds_text(&s->logo_stream, (const uint8_t *)online, strnlen(online, s->columns));
	for (size_t i = 0; i < count; i++) {
		ds_set_address(&s->logo_stream,
			       (row + (unsigned)i + 1) * s->columns + column);
		ds_text(&s->logo_stream, (const uint8_t *)lines[i],
			strnlen(lines[i], width));
	}
}

void linescreen_logo(struct linescreen *s, const char *online, const char *const *lines,
		     size_t count)
{
	linescreen_dial(s, false);
	linescreen_clear(s);
	paint_logo(s, online, lines, count);
	s->status = CONSOLE_RUNNING;
	s->masked = s->not_accepted = false;
	s->logo = true;
	s->logo_shown = false;
	linescreen_time(s);
	linescreen_dirty(s);
}

/* ---- full screen */

/* Paint what can be painted, so that only lines nobody has seen are in the way. */
static void settle(struct linescreen *s)
{
	if (!s->offered && !s->logo && !s->fullscreen)
		flush_lines(s);
}

enum console_fullscreen linescreen_take(struct linescreen *s, bool alternate)
{
	s->guest_default = !alternate;
	if (s->dialed || (s->fullscreen && s->hold == HOLD_NONE))
		return CONSOLE_DONE;
	settle(s);
	if (s->hold != HOLD_NONE || s->head || s->unread || s->not_accepted || s->logo) {
		s->fullscreen_wanted = true;
		linescreen_dirty(s);
		return CONSOLE_WAIT;
	}
	s->fullscreen = true;
	s->guest_pa1 = false;
	return CONSOLE_DONE;
}

void linescreen_fullscreen_pa1(struct linescreen *s, bool guest)
{
	s->guest_pa1 = guest;
}

bool linescreen_is_fullscreen(const struct linescreen *s)
{
	return s->fullscreen || s->dialed;
}

void linescreen_take_back(struct linescreen *s)
{
	if (s->fullscreen)
		linescreen_next(s, true);
}

/*
 * What a guest may put on the line screen: text, fields, and in the input area
 * the cursor. Nothing that would write elsewhere.
 */
static void paint_guest(struct linescreen *s, const uint8_t *data, size_t length,
			bool cursor)
{
	for (size_t i = 0; i < length; i++) {
		if (data[i] == DS_SF && i + 1 < length)
			ds_start_field(&s->out, data[++i]);
		else if (data[i] == DS_IC && cursor)
			ds_insert_cursor(&s->out);
		else
			ds_text(&s->out, data + i, 1);
	}
}

static void paint_display(struct linescreen *s, unsigned start, bool erase,
			  const uint8_t *data, size_t length)
{
	s->out.length = 0;
	ds_begin(&s->out, DS_WRITE, DS_RESTORE);
	if (erase) {
		ds_set_address(&s->out, 0);
		ds_repeat(&s->out, s->input, 0);
	}
	if (length) {
		ds_set_address(&s->out, start);
		paint_guest(s, data, length, start > s->input);
	}
	if (start <= s->input) { /* the erase or the text may have covered it */
		ds_set_address(&s->out, s->input);
		ds_start_field(&s->out, FIELD_INPUT | (s->masked ? DS_HIDDEN : 0u));
	}
	s->ev->send(s->arg, s->out.data, s->out.length);
}

enum console_fullscreen linescreen_display(struct linescreen *s, unsigned row, bool erase,
					   const uint8_t *data, size_t length)
{
	unsigned start = row * s->columns;

	if (row >= s->rows || start + length > s->status_at)
		return CONSOLE_BAD;
	settle(s);
	if (s->hold != HOLD_NONE || s->head || s->logo || (erase && s->unread)) {
		s->fullscreen_wanted = true;
		linescreen_dirty(s);
		return CONSOLE_WAIT;
	}
	if (s->fullscreen) {
		linescreen_take_back(s);
		flush_lines(s);
	}
	paint_display(s, start, erase, data, length);
	s->open = 0;
	if (erase) {
		s->row = 0;
		s->displayed = s->alarm_on_screen = false;
	}
	if (length && start <= s->input)
		s->displayed = true;
	return CONSOLE_DONE;
}

void linescreen_dial(struct linescreen *s, bool on)
{
	if (on == s->dialed)
		return;
	linescreen_drop(s, true);
	s->dialed = on;
	s->logo = s->not_accepted = false;
	linescreen_next(s, true);
	s->input_erase = true;
}

/* ---- settings, birth and death */

void linescreen_set_echo(struct linescreen *s, bool on)
{
	s->echo = on;
}

void linescreen_set_highlight(struct linescreen *s, bool on)
{
	s->highlight = on;
}

void linescreen_set_more(struct linescreen *s, unsigned more_s, unsigned alarm_s)
{
	s->options.more_ms = more_s ? more_s * 1000 : MORE_MS;
	s->options.more_alarm_ms = alarm_s ? alarm_s * 1000 : MORE_ALARM_MS;
}

void linescreen_set_mode_cp(struct linescreen *s, bool on)
{
	s->mode_cp = on;
}

void linescreen_set_terminal(struct linescreen *s, const struct console_terminal *t)
{
	s->terminal = *t;
}

void linescreen_set_sysid(struct linescreen *s, const uint8_t *text, size_t length)
{
	memset(s->sysid, EBCDIC_SPACE, sizeof(s->sysid));
	memcpy(s->sysid, text, length < sizeof(s->sysid) ? length : sizeof(s->sysid));
	s->status_dirty = true;
	linescreen_dirty(s);
}

void linescreen_set_pf(struct linescreen *s, unsigned n, enum console_pf kind,
		       const uint8_t *text, size_t length)
{
	struct pf *pf;

	if (n < 1 || n > PF_KEYS)
		return;
	pf = &s->pf[n];
	pf->kind = kind;
	pf->length = (uint8_t)(length < PF_TEXT_MAX ? length : PF_TEXT_MAX);
	if (pf->length)
		memcpy(pf->text, text, pf->length);
}

void linescreen_set_linesize(struct linescreen *s, unsigned columns)
{
	s->linesize = columns == 0	     ? s->columns
		      : columns > s->input ? s->input
					   : columns;
}

unsigned linescreen_linesize(const struct linescreen *s)
{
	return s->linesize;
}

struct linescreen *linescreen_new(const struct linescreen_options *options,
				  const struct linescreen_events *events, void *arg)
{
	struct linescreen *s = calloc(1, sizeof(*s));

	if (!s)
		BUG("out of memory");
	assert(options->rows >= 12 && options->columns >= 40);
	assert(options->rows * options->columns <= 16383);
	s->options = *options;
	s->ev = events;
	s->arg = arg;
	s->rows = options->rows;
	s->columns = options->columns;
	s->input = (s->rows - 2) * s->columns - 1;
	s->status_at = s->rows * s->columns - STATUS_WIDTH - 1;
	s->linesize = s->columns;
	s->echo = true;
	s->repaint = true;
	memset(s->sysid, EBCDIC_SPACE, sizeof(s->sysid));
	if (!s->options.more_ms)
		s->options.more_ms = MORE_MS;
	if (!s->options.more_alarm_ms)
		s->options.more_alarm_ms = MORE_ALARM_MS;
	if (!s->options.not_accepted_ms)
		s->options.not_accepted_ms = NOT_ACCEPTED_MS;
	return s;
}

void linescreen_free(struct linescreen *s)
{
	if (!s)
		return;
	linescreen_drop(s, true);
	bytebuf_free(&s->logo_stream);
	bytebuf_free(&s->out);
	free(s);
}

unsigned linescreen_rows(const struct linescreen *s)
{
	return s->rows;
}

unsigned linescreen_columns(const struct linescreen *s)
{
	return s->columns;
}
