/*
 * consoles/listener.h - the telnet port: accepts clients, limits them, and
 * makes a console (console.h) of each.
 *
 * Threads: the thread of the loop.
 */
#ifndef CONSOLES_LISTENER_H
#define CONSOLES_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "consoles/console.h"
#include "consoles/loop.h"

struct listener;

struct listener_options {
	const char *bind;	  /* address or host name; NULL: 127.0.0.1 */
	uint16_t port;		  /* 0: any free one */
	unsigned max_clients;	  /* 0: 4096 */
	unsigned max_per_address; /* 0: as max_clients */
	unsigned negotiate_ms;	  /* then the client is a typewriter; 0: 3000 */
	unsigned keepalive_s;	  /* silent clients are probed; 0: 60 */
	unsigned more_ms;	  /* MORE... time; 0: 50 s */
	unsigned more_alarm_ms;	  /* alarm, then this until it clears; 0: 10 s */
	unsigned not_accepted_ms; /* 0: 3 s */
	unsigned idle_s;	  /* clients that send nothing are closed; 0: never */
	unsigned first_number;	  /* of console_number(); 0: 1 */
	bool no_tn3270e;	  /* classic TN3270 only */
	/*
	 * TLS: files in PEM. tls: the port speaks TLS from the first byte. Without
	 * it, clients that know START-TLS are asked to begin TLS.
	 */
	const char *tls_certificate, *tls_key;
	bool tls;
	/* A folder: every session is recorded there (recorder.h); NULL: none. */
	const char *record;
};

struct listener *listener_new(struct loop *loop, const struct listener_options *options,
			      const struct console_events *events, void *arg,
			      struct error *err);
/* The port it listens on. */
uint16_t listener_port(const struct listener *l);
/* Clients connected now. */
unsigned listener_clients(const struct listener *l);
/* Stop accepting, close every client (closed() is called for each). */
void listener_free(struct listener *l);

#endif
