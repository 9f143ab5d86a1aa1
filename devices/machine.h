/*
 * devices/machine.h - one System/370: storage, CPUs, channels and devices on a
 * thread of their own, and the edge through which its owner (CP or the
 * monitor) deals with it. Each CPU of a multiprocessor has one more thread; "the
 * machine's thread" is then whichever of them holds the baton (docs/locking.md).
 *
 * What crosses the edge is plain data. Towards the machine: requests, which
 * machine_post() queues (does not wait) and machine_call() queues and waits
 * for. They are carried out on the machine's own thread, between two
 * instructions, or at once while the machine is stopped or waits. Towards the
 * owner: the functions of struct machine_owner, called on the machine's thread.
 * An idle machine costs no host CPU.
 */
#ifndef DEVICES_MACHINE_H
#define DEVICES_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "cpu370/cpu.h"
#include "devices/cards.h"
#include "devices/terminal.h"

struct machine;
struct device;
struct volume;
struct ctca_link;
struct line_end;

struct machine_config {
	const char *name; /* for logs: the userid. Copied */
	uint32_t storage; /* bytes */
	unsigned cpus;	  /* 1 to 4 */
	enum cpu_arch arch;
	uint64_t cpuid; /* STIDP */
	int nice;         /* added to the host's nice value of its thread, 0 to 19 */
};

enum machine_state {
	MACHINE_STOPPED, /* by request, or never started */
	MACHINE_RUNNING,
	MACHINE_WAITING,       /* enabled wait PSW */
	MACHINE_DISABLED_WAIT, /* stopped: wait PSW with all interruptions masked off */
	MACHINE_CHECK_STOP,
	MACHINE_BREAK,	 /* stopped at an address stop */
	MACHINE_LOADING, /* IPL under way */
	MACHINE_LOOP,	 /* stopped: interruption loop */
	MACHINE_TRACED,	 /* stopped: the owner's trace() wanted it */
};

/* What the owner does for its machine. Called on the machine's thread. */
struct machine_owner {
	void *arg;
	/* The state changed. Not called between RUNNING and WAITING. */
	void (*state)(void *arg, enum machine_state state, uint64_t psw);
	/* DIAGNOSE, as in struct cpu_owner. May be NULL. */
	int (*diagnose)(void *arg, struct cpu370 *cpu, unsigned r1, unsigned r3,
			uint32_t code);
	/* IUCV and external interruptions with data, as in struct cpu_owner. */
	int (*iucv)(void *arg, struct cpu370 *cpu, uint32_t laddr);
	bool (*external)(void *arg, struct cpu370 *cpu, uint16_t code, bool *more);
	/*
	 * IPL ended with something else than channel end and device end (cc: of
	 * the start; 3 not operational). The machine is stopped.
	 */
	void (*ipl_failed)(void *arg, uint16_t address, unsigned cc, const uint8_t csw[8],
			   uint8_t sense0);
	/*
	 * The host failed a device (its image is gone, the file system is full): what
	 * and why. The guest sees it as an error of the device. NULL: it is logged.
	 */
	void (*trouble)(void *arg, uint16_t address, const char *sentence);
	/*
	 * MACHINE_TRACE is on: that CPU is about to look for interruptions and
	 * execute the instruction its PSW points to. May be NULL.
	 */
	void (*instruction)(void *arg, struct cpu370 *cpu, uint16_t cpu_address);
	/* MACHINE_TRACE_EVENTS asked for it; as in struct cpu_owner. May be NULL. */
	bool (*trace)(void *arg, struct cpu370 *cpu, const struct cpu_trace *what);
};

enum machine_request_kind {
	MACHINE_ATTACH, /* address, class_name, argc, argv, terminal, cards, sink */
	MACHINE_DETACH, /* address */
	MACHINE_MOVE,	/* address -> value: the device has another address, and is reset */
	MACHINE_START,	/* run from the current PSW */
	MACHINE_STOP,
	MACHINE_STEP,		/* count instructions, then stopped; on: go on through
				   the wait state, of all CPUs that are started; else
				   it stops there, and only this cpu executes */
	MACHINE_RESET,		/* system reset; on: initial CPU reset; clear: storage
				   and registers too */
	MACHINE_RESET_DEVICE,	/* address: selective reset, pending status dropped */
	MACHINE_IPL,		/* address, clear; on: stop before the PSW runs;
				   value: the cylinder of a disk; the answer comes as a
				   state. A device gets it too, for that cylinder */
	MACHINE_RESTART,	/* PSW restart */
	MACHINE_FETCH,		/* address, length, space -> data */
	MACHINE_STORE,		/* address, length, space, data */
	MACHINE_KEY,		/* absolute address -> value */
	MACHINE_SET_KEY,	/* absolute address, value */
	MACHINE_REGISTERS,	/* cpu -> registers */
	MACHINE_SET_REGISTERS,	/* cpu, registers, which */
	MACHINE_RESIDENT,	/* -> count: bytes of its storage in the host's memory */
	MACHINE_CPUID,		/* count: what STIDP stores on all CPUs */
	MACHINE_STORE_STATUS,	/* cpu: its save areas at absolute X'D8'-X'1FF' */
	MACHINE_EXTERNAL,	/* cpu, value: code X'0040' ... */
	MACHINE_MACHINE_CHECK,	/* cpu, count: machine-check interruption code */
	MACHINE_BREAKPOINT,	/* address, on */
	MACHINE_TRACE,		/* on: the owner is told of each instruction */
	MACHINE_TRACE_EVENTS,	/* value: enum cpu_trace_kind, for all CPUs; 0 ends it */
	MACHINE_TERMINAL_INPUT, /* address, data, length: the answer to a read;
				   on: the person cancelled it (unit exception);
				   value: unit status, of a display command */
	MACHINE_TERMINAL_ROOM,	/* address: a refused write may be tried again */
	MACHINE_ATTENTION,	/* address, value: unit status, X'80' for REQUEST */
	MACHINE_READY,		/* address, on: the operator's ready, not ready */
	MACHINE_MOUNT,		/* address, argc, argv, cards, sink: a new deck, tape,
				   output file on an attached device; then device end */
	MACHINE_MAP,		/* address, length, fd, count: its offset, data: keys or
				   NULL; see storage_map() */
	MACHINE_UNMAP,		/* address, length */
	MACHINE_TIMER,		/* value: enum cpu_itimer, for all CPUs */
	MACHINE_FORMS,		/* address, data, length: an FCB image for a printer */
	MACHINE_WAKE_DEVICE,    /* address: something it waits for may have come */
	MACHINE_CHANNEL_TYPE,	/* address: channel, value: enum channel_type */
	MACHINE_DEVICES,	/* visit is called for each device */
	MACHINE_ARCH,           /* value: enum cpu_arch, then system reset, initial */
	MACHINE_STORAGE,        /* length: bytes, then system reset, clear */
	MACHINE_STATS,          /* cpu -> stats */
	MACHINE_QUERY,		/* -> state, psw, icount, iocount, cpu_ns */
};

enum machine_space { SPACE_ABSOLUTE, SPACE_REAL, SPACE_LOGICAL };

struct machine_registers {
	uint64_t psw;
	uint32_t gr[16], cr[16];
	uint64_t fpr[4];
	uint32_t prefix;
	struct cpu_clocks clocks; /* not set by SET_REGISTERS */
};

enum machine_register_sets {
	REGISTERS_PSW = 1,
	REGISTERS_GR = 2,
	REGISTERS_CR = 4,
	REGISTERS_FPR = 8,
	REGISTERS_PREFIX = 16,
};

/* Fields that a kind does not name are ignored. */
struct device_counts;

struct machine_request {
	enum machine_request_kind kind;
	unsigned cpu;	  /* CPU address, for registers and logical space */
	uint32_t address; /* of a device or of storage */
	size_t length;	  /* bytes; after FETCH and STORE: bytes done */
	uint64_t count;
	uint32_t value;
	bool clear, on;
	int fd;
	enum machine_space space;
	const char *class_name; /* a type or alias of device.h */
	int argc;
	char *const *argv; /* words behind the type; only during the call */
	struct terminal terminal;
	struct card_source *cards; /* reader: the device's from now on; NULL none */
	struct card_sink *sink;	   /* punch, printer: likewise */
	struct line_end *line;	 /* 2703: its end of a cable (line_cable.h); NULL none */
	struct ctca_link *link;  /* CTCA: its end of a cable (ctca.h); NULL not coupled */
	struct volume *volume;	   /* disks: an open volume (dasd/volume.h) that stays the
				  owner's and open while attached; else argv names a
				  file. Words: ro, sf=PATTERN, offset=CYLINDER,
				  cylinders=NUMBER (a minidisk) */
	struct device_counts *counts; /* ATTACH: where the device counts; the owner's */
	uint8_t *data;		   /* the caller's; machine_post() copies it */
	struct machine_registers registers;
	unsigned which; /* REGISTERS_* */
	struct cpu_stats *stats; /* the caller's */
	enum machine_state state;
	uint64_t psw, icount, iocount;
	uint64_t cpu_ns; /* host CPU time its threads used */
	void (*visit)(void *arg, const struct device *dev, const char *text);
	void *visit_arg;
	struct error error; /* why a call returned false */
};

/*
 * Build a machine and start its thread, stopped, without devices. config and
 * owner are copied; the owner's arg and the clock must outlive the machine.
 */
struct machine *machine_new(const struct machine_config *config,
			    const struct machine_owner *owner, struct clock *clock,
			    struct error *err);
/* Stop it, detach all devices, end its thread, free it. Not on its own thread. */
void machine_free(struct machine *m);

/*
 * Queue a request that has no result: START, STOP, IPL, RESTART, EXTERNAL,
 * TERMINAL_*, ATTENTION, READY. Any thread, the machine's own included.
 */
void machine_post(struct machine *m, const struct machine_request *req);

/*
 * Queue a request and wait until the machine's thread has carried it out.
 * false: req->error says why not. On the machine's own thread it is carried
 * out at once, if it is one that may be while the CPU executes an instruction
 * (see machine_serve()).
 */
MUST_USE bool machine_call(struct machine *m, struct machine_request *req);

/* ---- its part of the host's CPU time: any thread */

/* What its thread has used and left since it was made. */
struct machine_usage {
	uint64_t cpu_ns;
	uint64_t idle_ns; /* slept: nothing to do, waiting, stopped */
};
void machine_usage(struct machine *m, struct machine_usage *usage);
/* CLOCK_MONOTONIC, ns, when it went to sleep; 0: it is awake. Costs nothing. */
uint64_t machine_asleep_since(const struct machine *m);
/*
 * It may use so many nanoseconds of CPU time in a second of time; 0: as many as the
 * host gives it. Over some tenths of a second that is kept exactly.
 */
void machine_set_limit(struct machine *m, uint64_t ns_per_second);
/*
 * It pauses when the CPU time of its thread (machine_usage()) has reached this, until
 * it is told a higher one; UINT64_MAX: it never does.
 */
void machine_set_quota(struct machine *m, uint64_t cpu_ns);

/* ---- on the machine's thread: for devices and for the owner's functions */

struct cpu370 *machine_cpu(struct machine *m, unsigned address);
/* In the owner's state(): the CPU whose PSW it got. */
unsigned machine_stop_cpu(const struct machine *m);
struct storage *machine_storage(struct machine *m);
struct device *machine_device(struct machine *m, uint16_t address);
/* See channels_run(): a channel program of a DIAGNOSE, run to its end. */
unsigned machine_run_program(struct machine *m, uint16_t address, uint8_t key, uint32_t ccw,
			     uint8_t csw[8]);
/* See channels_start(); prefix is that of the CPU that executes the DIAGNOSE. */
unsigned machine_start_program(struct machine *m, uint16_t address, uint8_t key, uint32_t ccw,
			       const struct cpu370 *cpu);
/* See channels_program(). */
bool machine_program(const struct machine *m, uint16_t address, uint32_t *first);
const char *machine_name(const struct machine *m);
/* A device's host trouble, to the owner. m NULL: a test's device. */
void machine_trouble(struct machine *m, uint16_t address, const char *sentence);

/*
 * Wait inside an owner's function (a DIAGNOSE that needs CP) until done(arg)
 * is true; requests that come in meanwhile are carried out, so that the one
 * waited for may call this machine. done() is asked after every request and
 * machine_wake(). Requests that would change the CPU under the instruction
 * (START, STOP, STEP, RESET, IPL, RESTART, SET_REGISTERS) stay queued until it
 * has ended; a machine_call() of one waits as long. false: the machine is being
 * freed, done() may not be true.
 */
bool machine_serve(struct machine *m, bool (*done)(void *arg), void *arg);

/* Make the machine's thread look at its queue and at done(). Any thread. */
void machine_wake(struct machine *m);

#endif
