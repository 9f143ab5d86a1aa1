/*
 * devices/machine_int.h - what machine.c (thread and run loop) and request.c
 * (carrying out requests) share.
 */
#ifndef DEVICES_MACHINE_INT_H
#define DEVICES_MACHINE_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "devices/channel.h"
#include "devices/machine.h"

#define MACHINE_CPUS_MAX 4

enum machine_mode {
	MODE_STOPPED,
	MODE_LOADING, /* the IPL channel program runs */
	MODE_RUNNING,
};

/* A request in the queue; of machine_post() a copy, of machine_call() the caller's. */
struct queued {
	struct queued *next;
	struct machine_request *req;
	bool posted;   /* free it (and its copy of data) when carried out */
	bool finished; /* machine_call(): under lock */
	bool ok;
};

struct machine {
	struct machine_config config;
	char name[16];
	struct machine_owner owner;
	struct clock *clock;
	struct storage *st;
	struct channels *cs;
	struct cpu370 *cpu[MACHINE_CPUS_MAX];
	pthread_t thread;

	/* ---- any thread, under lock */
	pthread_mutex_t lock;
	pthread_cond_t wake; /* the machine's thread sleeps on it */
	pthread_cond_t done; /* callers of machine_call() */
	struct queued *head, **tail;
	unsigned callers; /* threads inside machine_call() */
	bool poked;	  /* machine_wake() since the thread last looked */
	bool quit;

	/* ---- any thread: there may be something in the queue */
	_Atomic bool look;

	/* ---- the machine's thread only */
	enum machine_mode mode;
	enum machine_state state; /* last one told to the owner */
	unsigned waiting;	  /* CPUs in the wait state, bit n */
	unsigned stopped;	  /* CPUs not started or out of action, bit n */
	unsigned serving;	  /* depth of machine_serve() */
	uint64_t steps;		  /* MACHINE_STEP: instructions left, 0: not stepping */
	bool step_through;	  /* the wait state does not end stepping */
	bool trace;		  /* tell the owner of each instruction */
	uint16_t ipl_address;
	bool ipl_stop; /* stop before the IPL PSW's first instruction */
	bool stop_loaded;          /* STOP came while loading: stop when it is done */
	unsigned turn; /* CPU that runs next */
	uint64_t rate; /* instructions in SLICE at the last measurement */
};

/* request.c: carry out one request, except those about the run loop. */
bool request_carry_out(struct machine *m, struct machine_request *req);

/* Instructions executed by all CPUs. */
uint64_t machine_icount(const struct machine *m);

/* machine.c: requests about the run loop. */
void machine_do_start(struct machine *m);
void machine_do_stop(struct machine *m);
void machine_do_step(struct machine *m, uint64_t count, bool through_wait);
void machine_do_reset(struct machine *m, bool initial, bool clear);
void machine_do_ipl(struct machine *m, uint16_t address, bool clear, bool stop);
void machine_do_restart(struct machine *m, unsigned cpu);

#endif
