/*
 * consoles/console_state.h - a console from the inside, for its two halves:
 * console.c (the connection), console_calls.c (what the owner calls).
 */
#ifndef CONSOLES_CONSOLE_STATE_H
#define CONSOLES_CONSOLE_STATE_H

#include "consoles/bytebuf.h"
#include "consoles/console_int.h"
#include "consoles/linescreen.h"
#include "consoles/nvt.h"
#include "consoles/recorder.h"
#include "consoles/screenbuf.h"
#include "consoles/tn3270.h"

/* Bytes that may wait in front of a slow client before more is painted. */
#define OUTPUT_LIMIT 65536

enum opening { NEGOTIATING, QUERYING, OPEN };

struct console {
	const struct console_settings *settings;
	const struct console_events *ev;
	void *arg, *data;
	const struct console_host *host;
	void *host_arg;
	unsigned number;
	char address[64], name[160];

	struct tn3270 *tn;
	struct linescreen *screen; /* one of these, from OPEN on */
	struct nvt *nvt;
	struct screenbuf *seen; /* what is on the 3270's screen */
	struct bytebuf out;

	enum opening opening;
	bool opened_called, closing, failed;
	unsigned window_columns, window_rows; /* of a typewriter that told */
	struct bytebuf query_reply;
	struct recorder *recorder; /* NULL: not recorded */
	struct bytebuf sent;	   /* output not yet in the recording */
	bool write_waits;	   /* a full-screen write found the output full */
};

#define RECORD(c, ...)                                                                   \
	do {                                                                             \
		if ((c)->recorder)                                                       \
			recorder_line((c)->recorder, __VA_ARGS__);                       \
	} while (0)

/* No more output now: the client is slow, or talks to the system (SYSREQ). */
static inline bool console_full(const struct console *c)
{
	return c->out.length >= OUTPUT_LIMIT || tn3270_in_sscp(c->tn);
}

#endif
