/*
 * consoles/linescreen_int.h - what the two halves of the line screen share:
 * linescreen.c (queue, painting), linekeys.c (keys, timer).
 */
#ifndef CONSOLES_LINESCREEN_INT_H
#define CONSOLES_LINESCREEN_INT_H

#include "consoles/linescreen.h"

#define STATUS_WIDTH 20 /* positions of the status area after its attribute */
#define PF_KEYS	     24
#define PF_TEXT_MAX  130
#define HISTORY	     16

/* A line of output that waits. */
struct outline {
	struct outline *next;
	unsigned flags;
	bool echo; /* of a line being offered to the owner */
	size_t length;
	uint8_t text[];
};

enum hold { HOLD_NONE, HOLD_MORE, HOLD_MORE_ALARM, HOLD_HOLDING };

struct pf {
	enum console_pf kind;
	uint8_t length;
	uint8_t text[PF_TEXT_MAX];
};

struct linescreen {
	const struct linescreen_events *ev;
	void *arg;
	struct linescreen_options options;

	/* geometry, as positions */
	unsigned rows, columns, input, status_at;

	/* queue */
	struct outline *head, *tail;
	struct outline *offered; /* echo of the line the owner looks at */
	size_t queued;		 /* bytes, with their heads */
	unsigned lost;		 /* lines dropped at the limit */
	unsigned linesize;
	bool was_full; /* the owner waits for drained() */

	/* state */
	enum console_status status;
	bool masked, echo, highlight, mode_cp;
	struct console_terminal terminal;
	enum hold hold;
	bool not_accepted;
	bool logo, logo_shown;
	bool fullscreen, fullscreen_wanted, guest_pa1, dialed;
	bool displayed;	      /* a guest wrote into the output area: DIAGNOSE X'58' */
	bool guest_default;   /* the guest's screen has the default size */
	unsigned row;	      /* of the output area, for the next line */
	unsigned open;	      /* position behind a line without carriage return; 0 none */
	bool alarm_on_screen; /* a full screen is HOLDING, not MORE... */
	bool unread;	      /* lines came since the user's last key */

	/* what the next write must do */
	bool repaint;	 /* Erase/Write: everything */
	bool erase;	 /* the output area */
	bool erase_home; /* and the cursor goes to the input area */
	bool input_attribute, input_erase, status_dirty, unlock, alarm;
	bool put_input; /* text below goes into the input area */
	bool set_cursor; /* only the cursor moves there: PF TAB */
	unsigned tab_at; /* a tab character goes into this column; 1 the first, 0 none */
	unsigned put_cursor;
	uint8_t text[CONSOLE_INPUT_MAX];
	size_t text_length;

	struct bytebuf logo_stream;
	struct bytebuf out;

	struct pf pf[PF_KEYS + 1]; /* pf[1] is PF1 */
	struct {
		uint8_t text[CONSOLE_INPUT_MAX];
		size_t length;
	} history[HISTORY];
	unsigned history_count, history_next, retrieve;
	uint8_t sysid[8];
};

void linescreen_dirty(struct linescreen *s);
/* Put a line into the queue; returns it, or NULL at the limit. */
struct outline *linescreen_queue(struct linescreen *s, const uint8_t *text, size_t length,
				 unsigned flags);
void linescreen_unqueue(struct linescreen *s, struct outline *line);
/* Drop CP's lines at the head of the queue (all: every line). */
void linescreen_drop(struct linescreen *s, bool all);
/* The screen may go on: cleared (repaint: it is blank already). */
void linescreen_next(struct linescreen *s, bool repaint);
void linescreen_hold(struct linescreen *s, enum hold hold);
/* Start the timer that the state wants. */
void linescreen_time(struct linescreen *s);

#endif
