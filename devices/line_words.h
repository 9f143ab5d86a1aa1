/*
 * devices/line_words.h - the words behind 2703 on a device line, as Hercules has them:
 * KEY=VALUE.
 *
 *   dial=, switched= no in out yes inout   lnctl= bsc tele2 ibm1   term= tty 2741
 *   lport= lhost= rport= rhost=            code= ebcd corr none
 *   rto= pto= eto= milliseconds            skip= iskip= prepend= append= eol= hexadecimal
 *   uctrans= sendcr= crlf= binary= yes no  bs= break= dumb
 *
 * and cable=yes, which only CP says: there is no TCP, the owner plugs a cable in
 * (line_cable.h).
 */
#ifndef DEVICES_LINE_WORDS_H
#define DEVICES_LINE_WORDS_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"
#include "devices/line_tty.h"

struct line_options {
	bool cable;
	bool start_stop;	/* else BSC */
	bool dial_in, dial_out; /* neither: leased */
	/* 0 no limit; below: at once. Hercules' manual has it the other way round. */
	int read_ms, poll_ms;
	int enable_ms; /* above 0, or no limit */
};

struct line_words {
	struct line_options options;
	struct tty_options tty;
	/* point into the words; NULL where they do not apply */
	const char *local_host, *local_port, *remote_host, *remote_port;
	bool read_given;
};

/* false with err. What a kind of line has no use for is ignored. */
MUST_USE bool line_words_take(struct line_words *w, int count, char *const *words,
			      struct error *err);

#endif
