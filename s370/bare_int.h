/*
 * s370/bare_int.h - what bare.c (the machine and its runs) and bare_devices.c (what is
 * attached) share.
 */
#ifndef S370_BARE_INT_H
#define S370_BARE_INT_H

#include <pthread.h>
#include <stdio.h>

#include "s370/bare.h"
#include "s370/cardsocket.h"
#include "s370/displays.h"
#include "s370/printsocket.h"

#define CONSOLES_MAX 32
#define SOCKETS_MAX  16
#define LOW_BYTES    0xC0 /* real storage that interruptions store into */

struct bare {
	struct screen *screen;
	struct machine_config config;
	const struct codepage *codepage;
	struct system_clock clock;
	struct machine *machine; /* NULL: not built yet */
	struct teleprinter *consoles[CONSOLES_MAX];
	unsigned console_count;
	struct cardsocket *sockets[SOCKETS_MAX]; /* readers that are loaded over TCP */
	unsigned socket_count;
	struct printsocket *prints[SOCKETS_MAX]; /* whose output goes over TCP */
	unsigned print_count;
	struct displays *displays; /* NULL: no display was attached yet */
	char console_host[100];	   /* "": this host only */
	uint16_t console_port;
	bool want_displays;	 /* a port was given */
	bool unclaimed;          /* started, and bare_run() did not wait for it yet */

	pthread_mutex_t lock;    /* guards the fields below */
	pthread_cond_t changed;
	bool running;            /* started and not yet stopped */
	bool operator_stop;
	bool stepping;
	uint64_t base_count;     /* instructions when it was started */
	uint64_t run_ns;         /* host time it ran, up to started_ns */
	uint64_t started_ns;
	uint64_t total_count;
	uint8_t low[LOW_BYTES];  /* real storage when it was started */
	FILE *trace;             /* NULL: to the screen */
	uint64_t traced_psw, traced_count; /* machine's thread: the last line's */
};

/* Build the machine, if it is not built yet. */
bool bare_build(struct bare *b, struct error *err);

#endif
