#include <stdio.h>
#include <string.h>

#include "base/ebcdic.h"
#include "consoles/charset.h"
#include "consoles/linescreen_int.h"

/* ---- lines that are entered */

static void remember(struct linescreen *s, const uint8_t *text, size_t length)
{
	if (!length)
		return;
	memcpy(s->history[s->history_next].text, text, length);
	s->history[s->history_next].length = length;
	s->history_next = (s->history_next + 1) % HISTORY;
	if (s->history_count < HISTORY)
		s->history_count++;
}

static void put_input(struct linescreen *s, const uint8_t *text, size_t length)
{
	size_t room = s->status_at - s->input - 2;

	s->text_length = length < room ? length : room;
	memcpy(s->text, text, s->text_length);
	s->put_cursor = (unsigned)s->text_length;
	s->put_input = true;
}

static void refuse(struct linescreen *s)
{
	s->not_accepted = s->alarm = s->status_dirty = true;
	linescreen_time(s);
}

/*
 * Offer a line to the owner. Its echo is queued first, for the owner may write
 * answers at once; of a password only an empty line is seen. shown: the text
 * is in the input area already, where a line that is not accepted stays. No echo
 * disturbs what a guest shows in the output area.
 */
static void offer(struct linescreen *s, const uint8_t *text, size_t length, bool shown)
{
	bool masked = s->masked;

	s->offered = NULL;
	if (s->echo && length && !s->displayed) {
		s->offered = linescreen_queue(s, text, masked ? 0 : length, 0);
		if (s->offered)
			s->offered->echo = true;
	}
	if (s->ev->line(s->arg, text, length) == CONSOLE_ACCEPTED) {
		s->input_erase = true;
		s->retrieve = 0;
		if (!masked)
			remember(s, text, length);
	} else {
		if (s->offered)
			linescreen_unqueue(s, s->offered);
		if (!shown)
			put_input(s, text, length);
		refuse(s);
	}
	s->offered = NULL;
}

static void enter_empty(struct linescreen *s, const struct ds_record *r)
{
	switch (s->hold) {
	case HOLD_MORE:
	case HOLD_MORE_ALARM: linescreen_hold(s, HOLD_HOLDING); return;
	case HOLD_HOLDING: linescreen_hold(s, HOLD_MORE); return;
	case HOLD_NONE: break;
	}
	if (s->status == CONSOLE_RUNNING)
		s->ev->key(s->arg, CONSOLE_KEY_EMPTY_ENTER);
	else if (r->cursor == s->input)
		s->ev->key(s->arg, CONSOLE_KEY_ATTENTION);
	else
		offer(s, (const uint8_t *)"", 0, true);
}

static void enter(struct linescreen *s, const struct ds_record *r)
{
	uint8_t text[CONSOLE_INPUT_MAX];
	/* What is typed on a guest's screen is not for the line mode. */
	size_t length = s->fullscreen ? 0 : ds_input(r, text, sizeof(text));

	length = charset_take(&s->terminal, text, length);
	if (length)
		offer(s, text, length, true);
	else
		enter_empty(s, r);
}

/* ---- PF keys */

static void retrieve(struct linescreen *s)
{
	unsigned back, at;

	if (!s->history_count)
		return;
	back = s->retrieve++ % s->history_count;
	at = (s->history_next + HISTORY - 1 - back) % HISTORY;
	put_input(s, s->history[at].text, s->history[at].length);
}

/* The first stop right of that column (the first column is 0); 0: there is none. */
static unsigned next_stop(const struct pf *pf, unsigned column)
{
	unsigned stop = 0;

	for (size_t i = 0; i < pf->length; i++)
		if (pf->text[i] > column + 1 && (!stop || pf->text[i] - 1u < stop))
			stop = pf->text[i] - 1u;
	return stop;
}

/*
 * SET PFnn TAB: the cursor goes to the next stop right of it, past the last to
 * the first column. If nothing was typed up to there, a tab character behind the
 * text says so (blanks are not sent by a 3270): one that is there already
 * reaches to its own stop.
 */
static void tab(struct linescreen *s, const struct pf *pf, const struct ds_record *r)
{
	uint8_t text[CONSOLE_INPUT_MAX], tab[] = { s->terminal.tabchar };
	size_t length = ds_input(r, text, sizeof(text));
	bool inside = r->cursor > s->input && r->cursor < s->status_at;
	unsigned stop = next_stop(pf, inside ? r->cursor - s->input - 1 : 0), column = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned to = text[i] == s->terminal.tabchar ? next_stop(pf, column) : 0;

		if (text[i] == DS_GE)
			i++;
		column = to ? to : column + 1;
	}
	if (s->input + 1 + stop >= s->status_at)
		stop = 0;
	s->set_cursor = true;
	s->put_cursor = stop;
	s->tab_at = column < stop && tab[0] ? column + 1 : 0;
}

static void undefined(struct linescreen *s, unsigned n)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "* PF%02u UNDEFINED", n);
	uint8_t line[24];

	ebcdic_from_latin1(&codepage_037, line, text, (size_t)length);
	put_input(s, line, (size_t)length);
}

static void pf_key(struct linescreen *s, unsigned n, const struct ds_record *r)
{
	const struct pf *pf = &s->pf[n];

	if (s->fullscreen) /* in MORE... on a guest's screen: nothing to type into */
		return;
	switch (pf->kind) {
	case CONSOLE_PF_OFF: undefined(s, n); break;
	case CONSOLE_PF_DELAYED: put_input(s, pf->text, pf->length); break;
	case CONSOLE_PF_IMMED: offer(s, pf->text, pf->length, false); break;
	case CONSOLE_PF_RETRIEVE: retrieve(s); break;
	case CONSOLE_PF_TAB: tab(s, pf, r); break;
	case CONSOLE_PF_COPY:
		if (s->ev->copy(s->arg, pf->text, pf->length) != CONSOLE_ACCEPTED)
			refuse(s);
		break;
	}
}

/* ---- program attention keys and CLEAR */

static void cancel(struct linescreen *s)
{
	linescreen_drop(s, false);
	s->ev->cancelled(s->arg);
}

static void pa1(struct linescreen *s)
{
	bool held = s->hold != HOLD_NONE;
	bool from_cp = s->head && s->head->flags & CONSOLE_CP;

	if (held && from_cp)
		cancel(s);
	if (held)
		linescreen_next(s, false);
	if (!held || !from_cp)
		s->ev->key(s->arg, CONSOLE_KEY_PA1);
}

static void next_screen(struct linescreen *s, bool clear_key)
{
	if (s->hold == HOLD_HOLDING && s->mode_cp && !clear_key)
		cancel(s);
	linescreen_next(s, clear_key);
	s->erase_home = true;
}

/* DIAGNOSE X'54': there are states in which the guest hears of PA2. */
static void pa2(struct linescreen *s)
{
	if (s->terminal.pa2 && (s->hold != HOLD_NONE || s->status == CONSOLE_VM_READ))
		s->ev->key(s->arg, CONSOLE_KEY_PA2);
	next_screen(s, false);
}

/* TEST REQUEST: the text of the message is written back. */
static void test_request(struct linescreen *s, const struct ds_record *r)
{
	if (r->length)
		linescreen_write(s, r->data, r->length, CONSOLE_CP);
}

static void leave_logo(struct linescreen *s)
{
	s->logo = s->logo_shown = false;
	linescreen_next(s, true);
	s->ev->logo_key(s->arg);
}

static void line_mode_key(struct linescreen *s, const struct ds_record *r)
{
	unsigned pf = r->aid == AID_PA3 ? 6 : ds_pf_number(r->aid);

	s->unread = false;
	s->unlock = true;
	linescreen_dirty(s);
	if (pf) {
		pf_key(s, pf, r);
		return;
	}
	switch (r->aid) {
	case AID_ENTER: enter(s, r); break;
	case AID_CARD:
		if (s->masked)
			enter(s, r);
		break;
	case AID_PA1: pa1(s); break;
	case AID_PA2: pa2(s); break;
	case AID_CLEAR: next_screen(s, true); break;
	case AID_TEST: test_request(s, r); break;
	case AID_SYSREQ: s->repaint = true; break; /* may have left the 3270 mode */
	default: break;
	}
}

static void fullscreen_key(struct linescreen *s, const struct ds_record *r)
{
	if (r->aid != AID_PA1 || s->guest_pa1) {
		s->ev->record(s->arg, r->raw, r->raw_length);
		return;
	}
	s->unlock = true;
	linescreen_dirty(s);
	s->ev->key(s->arg, CONSOLE_KEY_PA1);
}

void linescreen_input(struct linescreen *s, const struct ds_record *r)
{
	if (s->dialed)
		s->ev->record(s->arg, r->raw, r->raw_length);
	else if (s->fullscreen && s->hold == HOLD_NONE)
		fullscreen_key(s, r);
	else if (r->aid == AID_NONE || r->aid == AID_STRUCTURED)
		return; /* answers to a read that nobody waits for any more */
	else if (s->logo)
		leave_logo(s);
	else if (!s->not_accepted)
		line_mode_key(s, r);
	else if (r->aid == AID_CLEAR)
		s->repaint = true; /* the screen is blank now; when the time is up */
	else
		s->unlock = true;
}

void linescreen_timeout(struct linescreen *s)
{
	if (s->not_accepted) {
		s->not_accepted = false;
		s->status_dirty = s->unlock = true;
		linescreen_time(s);
		linescreen_dirty(s);
	} else if (s->hold == HOLD_MORE) {
		s->alarm = true;
		linescreen_hold(s, HOLD_MORE_ALARM);
		s->status_dirty = false;
	} else if (s->hold == HOLD_MORE_ALARM) {
		linescreen_next(s, false);
	}
}
