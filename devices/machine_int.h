/*
 * devices/machine_int.h - what the files of a machine share: machine.c (birth, run
 * loop, end), machine_queue.c, machine_sleep.c, machine_state.c, request.c (carrying
 * out requests) and processors.c.
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

enum processor_place {
	PLACE_STANDS, /* between two instructions, and stays there */
	PLACE_RUNS,
	PLACE_ASKS,   /* inside one: waits for the baton, or for the owner */
};

/* A CPU of a multiprocessor: devices/processors.c. */
struct processor {
	struct machine *machine;
	pthread_t thread;
	bool there;        /* the thread and the condition are */
	uint64_t rate;     /* instructions in SLICE_US at the last measurement */

	/* under the machine's lock */
	pthread_cond_t go; /* its thread sleeps on it */
	enum processor_place place;
	bool poked;        /* something came in: do not wait */
	unsigned order;    /* of SIGP, not carried out yet; 0: none */
	enum cpu_exit out; /* why it went out of action; CPU_EXIT_BUDGET: it did not */
};

#define NOBODY UINT32_MAX

struct machine {
	struct machine_config config;
	char name[16];
	struct machine_owner owner;
	struct clock *clock;
	struct storage *st;
	struct channels *cs;
	struct cpu370 *cpu[MACHINE_CPUS_MAX];
	struct processor processor[MACHINE_CPUS_MAX];
	pthread_t thread;

	/* ---- any thread, under lock */
	pthread_mutex_t lock;
	pthread_cond_t wake; /* the machine's thread sleeps on it */
	pthread_cond_t done; /* callers of machine_call() */
	struct queued *head, **tail;
	unsigned callers; /* threads inside machine_call() */
	bool poked;	  /* machine_wake() since the thread last looked */
	bool quit;

	/* ---- multiprocessor, under lock */
	uint64_t baton_next, baton_now; /* tickets */
	pthread_cond_t baton;           /* it has been given away */
	bool held;
	pthread_t holder;      /* while held */
	pthread_cond_t moved;  /* a CPU came to another place */
	pthread_cond_t served; /* machine_serve() of a CPU's thread sleeps on it */
	uint64_t pokes;        /* reasons to ask done() again */
	bool go;               /* CPUs that are not stopped may run */
	bool stand;            /* the machine's thread waits until all stand */
	bool frozen;           /* nobody may begin to run */

	/* ---- multiprocessor, any thread */
	_Atomic unsigned stopped;  /* CPUs not started or out of action, bit n */
	_Atomic unsigned waiting;  /* CPUs in the wait state, bit n */
	_Atomic unsigned last_out; /* CPU that went out of action last */
	_Atomic unsigned hold_for; /* CPU that lets held-back status go, or NOBODY */
	_Atomic unsigned serving;  /* depth of machine_serve() */

	/* ---- any thread: CPU time */
	_Atomic uint64_t idle_ns;     /* slept so far */
	_Atomic uint64_t idle_since;  /* CLOCK_MONOTONIC when it went to sleep; 0 awake */
	_Atomic uint64_t limit;       /* machine_set_limit() */
	_Atomic uint64_t quota;       /* machine_set_quota() */

	/* ---- any thread: there may be something in the queue */
	_Atomic bool look;

	/* ---- whoever holds the baton; of a machine with one CPU, its thread */
	enum machine_mode mode;
	enum machine_state state; /* last one told to the owner */
	uint64_t steps;		  /* MACHINE_STEP: instructions left, 0: not stepping */
	bool step_through;	  /* the wait state does not end stepping */
	unsigned step_cpu;	  /* without step_through: the one that executes them */
	unsigned stop_cpu;	  /* the one that stopped the machine */
	bool trace;		  /* tell the owner of each instruction */
	uint16_t ipl_address;
	bool ipl_stop; /* stop before the IPL PSW's first instruction */
	bool stop_loaded;          /* STOP came while loading: stop when it is done */
	unsigned turn;      /* CPU that runs, while they take turns */
	uint64_t turn_left; /* instructions it may still execute */
	int64_t credit;		/* ns of CPU time it may still use, under a limit */
	uint64_t credit_at;	/* CLOCK_MONOTONIC when that was true; 0 no limit */
	uint64_t credit_cpu;	/* its thread's CPU time then */
};

/* ---- machine.c */

void machine_be_nice(const struct machine *m);
/* Instructions executed by all CPUs. */
uint64_t machine_icount(const struct machine *m);

/* ---- machine_queue.c */

/* The lock is held: make the machine's thread, and one in machine_serve(), look up. */
void wake_locked(struct machine *m);
/* Carry out what is queued. false: the machine is being freed. */
bool machine_serve_queue(struct machine *m);
/* Its thread has gone: answer everybody who still waits, and wait until they left. */
void machine_drain_queue(struct machine *m);

/* ---- machine_sleep.c */

/* Host time at which deadline comes, for a condition; false: never. */
bool clock_timespec(struct clock *clock, uint64_t deadline, struct timespec *ts);
/*
 * Sleep until somebody wakes the machine, or its TOD clock reaches deadline; that is
 * idle time. The baton is given away meanwhile.
 */
void machine_sleep_until(struct machine *m, uint64_t deadline);
/*
 * Without CPU time to use the machine pauses until there is some, or something is in
 * its queue: true, and it must be asked again. Machines with several CPUs do not.
 */
bool machine_paused(struct machine *m);

/* ---- machine_state.c */

/* Stop, and tell the owner why: CPU number cpu did it. */
void machine_halt(struct machine *m, enum machine_state state, unsigned cpu);
/* A program is being loaded: see to its channel program. */
void machine_ipl_go_on(struct machine *m);
void machine_do_start(struct machine *m);
void machine_do_stop(struct machine *m);
void machine_do_step(struct machine *m, unsigned cpu, uint64_t count, bool through_wait);
void machine_do_reset(struct machine *m, bool initial, bool clear);
void machine_do_ipl(struct machine *m, const struct machine_request *req);
void machine_do_restart(struct machine *m, unsigned cpu);

/* ---- processors.c */

bool processors_new(struct machine *m, struct error *err);
bool processors_start(struct machine *m, const pthread_attr_t *attr,
		      const pthread_condattr_t *cond, struct error *err);
/* Ends their threads; the baton must not be held by the caller. */
void processors_end(struct machine *m);

/* The baton: see processors.c. Nothing happens on a machine with one CPU. */
void baton_take_locked(struct machine *m);
void baton_give_locked(struct machine *m);
/* May the calling thread touch what the baton guards? */
bool machine_is_mine(struct machine *m);

/* Interruption status has come (on) or gone. With the baton. */
void processors_io_pending(struct machine *m, bool on);
/* Something was posted to CPU n by other means than an instruction. */
void processor_wake(struct machine *m, unsigned n);

/* Do CPUs take turns on the machine's thread now? */
bool processors_take_turns(const struct machine *m);
/* The next one in turn runs for a while: returns why it stopped. */
unsigned processors_next(struct machine *m);
enum cpu_exit processor_run(struct machine *m, unsigned n);

/* Let the CPUs' threads run. */
void processors_release(struct machine *m);
/* Do all stand? If not they are told to, and the machine's thread is woken then. */
bool processors_stand_locked(struct machine *m);
/* Nobody executes instructions until thawed. By the holder of the baton. */
void processors_freeze(struct machine *m);
void processors_thaw(struct machine *m);
/*
 * Must the machine stop, because of CPU *which? CPU_EXIT_BUDGET: no, or not before all
 * stand; CPU_EXIT_REQUEST: all were stopped by SIGP.
 */
enum cpu_exit processors_verdict(struct machine *m, unsigned *which);
/* Host CPU time of the CPUs' threads. */
uint64_t processors_host_ns(struct machine *m);

/* ---- request.c */

/* Carry out one request. false: see its error. With the baton. */
bool request_carry_out(struct machine *m, struct machine_request *req);

#endif
