/*
 * cp/per.h - PER: what a machine does, told behind each instruction that matches one
 * of the user's elements.
 *
 * The command is the University of Maine's, as the Community Edition of VM/370 has it
 * (local modification HRC013, module DMKPER), with the words that VM/SP has for the
 * same things.
 *
 * The CPU tells of every instruction it has executed (CPU_TRACE_DONE, cpu370/cpu.h), so
 * the guest's own control registers 9-11 are not touched, and registers and stores are
 * known exactly. What matches becomes lines and commands, which go the way of TRACE's
 * (cp/trace.c).
 *
 * Threads: the CP thread, but for per_event(), which the machine's thread calls. A lock
 * inside guards the elements.
 */
#ifndef CP_PER_H
#define CP_PER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cp/traceline.h"

struct cpu370;
struct cpu_trace;
struct vmblok;

#define PER_DATA	 16 /* bytes of data to compare */
#define PER_RANGES	 8
#define PER_ELEMENTS_MAX 64 /* of one trace set */
#define PER_SETS_MAX	 32
#define PER_NAME_MAX	 8
#define PER_TRACEBACK	 6

enum per_type { PER_BRANCH, PER_IFETCH, PER_STORE, PER_GREG, PER_MASK, PER_PAGETRACE };

/* Logical addresses, both included; last below first: around the end of storage. */
struct per_range {
	uint32_t first, last;
};

/* What is told, and what happens then. */
struct per_options {
	struct per_range ranges[PER_RANGES]; /* of instructions; none: everywhere */
	unsigned range_count;
	uint32_t skip;     /* tell every skip-th event; 0 and 1: each */
	uint32_t step;     /* stop behind every step-th of them */
	bool run, terminal, printer;
	char *commands;    /* separated by semicolons; NULL: none */
};

struct per_element {
	struct per_element *next;
	enum per_type type;
	bool bounded;              /* where counts: BRANCH into it, STORE, MASK */
	struct per_range where;
	uint16_t registers;        /* GREG: bit 0 (X'8000') is register 0 */
	unsigned length;           /* bytes of data; 0: none */
	uint8_t data[PER_DATA];
	uint32_t page;             /* PAGETRACE: bytes; 0: the ranges are the segments */
	struct per_options options;
	/* As it runs: */
	uint64_t told;
	uint32_t skipped, stepped;
	bool equal;                /* STORE with data: it is there already */
	bool known;                /* MASK: old is; PAGETRACE: segment is */
	uint8_t old[PER_DATA];
	struct per_range segment;
};

/* Elements of a set: the current one (name NULL), or one that was saved. NULL: none. */
const struct per_element *per_set(const struct vmblok *vm, const char *name);
/* The names of the saved sets, in the order they were saved; NULL behind the last. */
const char *per_saved(const struct vmblok *vm, unsigned n);

/* A copy; options.commands too. Ends the process without memory, as all of CP does. */
struct per_element *per_copy(const struct per_element *e);
void per_free_elements(struct per_element *e);

/*
 * Add this element (now per.c's) to the current set: merged with one that differs in
 * nothing but an address range that it touches. false: the set is full.
 */
bool per_add(struct vmblok *vm, struct per_element *e);
/* Remove all elements of a type from the current set. */
void per_off(struct vmblok *vm, enum per_type type);
/* The elements of the current set, for change by change(), under the lock. */
void per_change(struct vmblok *vm, void (*change)(struct per_element *e, void *arg),
		void *arg);
/* SAVE, GET, CLEAR of a set; NULL: the current one. false: it is not there, or full. */
bool per_save(struct vmblok *vm, const char *name);
bool per_get(struct vmblok *vm, const char *name);
bool per_clear(struct vmblok *vm, const char *name);
/* END: all sets. */
void per_end(struct vmblok *vm);

/* Show the branches that were taken last. */
void per_say_traceback(struct vmblok *vm);

/* LOGOFF, when the machine is gone. */
void per_free(struct vmblok *vm);

/* ---- on the machine's thread */

/* What an instruction led to; lines first, then commands. */
#define PER_LINES 64

struct per_output {
	struct trace_line line[PER_LINES];
	unsigned lines;
	bool terminal, printer; /* where the lines go */
	bool stop;              /* the machine enters CP */
	char *commands[PER_ELEMENTS_MAX]; /* heap */
	unsigned command_count;
};

/* CPU_TRACE_DONE. Fills out; false: nothing matched. */
bool per_event(struct vmblok *vm, struct cpu370 *cpu, const struct cpu_trace *what,
	       struct per_output *out);

#endif
