/*
 * consoles/listener_int.h - a listener from the inside: listener.c (the socket),
 * client.c (one connection).
 */
#ifndef CONSOLES_LISTENER_INT_H
#define CONSOLES_LISTENER_INT_H

#include <netdb.h>

#include "consoles/console_int.h"
#include "consoles/listener.h"
#include "consoles/tls.h"

struct client {
	struct listener *l;
	struct client *next, **link; /* list of the listener */
	struct loop_watch *watch;
	struct loop_timer console_timer, keepalive;
	struct loop_deferred flush, write, reap;
	struct console *c;
	struct tls *tls;
	int fd;
	unsigned number;
	char host[NI_MAXHOST];
	bool closing;	   /* when everything is sent */
	bool dead;	   /* now */
	bool heard;	   /* since the last probe */
	unsigned silent_s; /* nothing came */
	unsigned stalled;  /* probes while output waited and did not move */
	bool moved;
};

struct listener {
	struct loop *loop;
	struct listener_options options;
	struct console_settings settings;
	const struct console_events *events;
	void *arg;
	struct tls_context *tls;
	struct loop_watch *watch;
	struct loop_timer pause;
	int fd;
	uint16_t port;
	struct client *clients;
	unsigned count;
	char *record; /* folder */
};

/* Take over a connected socket. host and service: its address in numbers. */
void client_new(struct listener *l, int fd, const char *host, const char *service);
/* Send what the socket takes, then close it and free everything. */
void client_end(struct client *cl);

#endif
