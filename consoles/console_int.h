/*
 * consoles/console_int.h - a console and its connection: what the listener
 * (sockets) and tests (byte files) do with one.
 */
#ifndef CONSOLES_CONSOLE_INT_H
#define CONSOLES_CONSOLE_INT_H

#include "consoles/console.h"
#include "consoles/loop.h"

/* The connection, as the console sees it. */
struct console_host {
	/* Bytes were added to the output; they are to be sent soon. */
	void (*output)(void *host);
	/* Close the connection once the output is sent (now: at once). */
	void (*close)(void *host, bool now);
	/* Run console_timer() in milliseconds; 0: no longer. */
	void (*timer)(void *host, unsigned milliseconds);
	/* Run console_flush() at the end of this turn. */
	void (*flush)(void *host);
	/* Does another connection have this LU name? May be NULL. */
	bool (*lu_in_use)(void *host, const char *name);
};

struct console_settings {
	unsigned negotiate_ms, more_ms, more_alarm_ms, not_accepted_ms;
	bool no_tn3270e, start_tls;
};

/* address: "192.0.2.7:4711". The settings and the events are not copied. */
struct console *console_new(const struct console_settings *settings,
			    const struct console_events *events, void *arg,
			    const struct console_host *host, void *host_arg,
			    const char *address, unsigned number);
/* The connection is gone: closed() is called, then all is freed. */
void console_free(struct console *c);

/* Write down everything from now on; the console frees r. */
struct recorder;
void console_record(struct console *c, struct recorder *r);

void console_start(struct console *c);
/* As tn3270_receive(): how many bytes were used. */
size_t console_receive(struct console *c, const uint8_t *bytes, size_t n);
bool console_wants_tls(const struct console *c);
void console_tls_begun(struct console *c);
void console_timer(struct console *c);
void console_flush(struct console *c);
void console_probe(struct console *c);

/* What is to be sent; console_sent() takes the first n bytes away. */
const uint8_t *console_output(const struct console *c, size_t *n);
void console_sent(struct console *c, size_t n);

#endif
