/*
 * cp/trace.h - TRACE: what a machine does, line by line, on the terminal and the
 * virtual printer.
 *
 * GC20-1820, "VM/370 CP Command Reference for General Users", TRACE. The lines are
 * those of VM/370 Release 6, module DMKTRC; "real" addresses and CCWs are what the
 * machine's channel works with.
 *
 * The CPU tells of events (cpu370/cpu.h, enum cpu_trace_kind) on the machine's
 * thread, where the lines are made. They cross to the CP thread in batches: at once
 * when one is for the terminal, many together when all go to the printer. The machine
 * waits until its lines have been taken, as it does on VM/370.
 *
 * Threads: the CP thread, but for trace_event().
 */
#ifndef CP_TRACE_H
#define CP_TRACE_H

#include <stdbool.h>

struct cpu370;
struct cpu_trace;
struct vmblok;

/* What is traced. */
enum trace_class {
	TRACE_SVC = 1 << 0, TRACE_IO = 1 << 1, TRACE_PROGRAM = 1 << 2,
	TRACE_EXTERNAL = 1 << 3, TRACE_PRIV = 1 << 4, TRACE_SIO = 1 << 5,
	TRACE_CCW = 1 << 6, TRACE_CSW = 1 << 7, TRACE_BRANCH = 1 << 8,
	TRACE_INSTRUCT = 1 << 9,
};

/* Sets of classes: all that is traced, and where it goes. */
struct trace_sets {
	unsigned on, printer, terminal;
	unsigned run; /* the machine does not stop behind the terminal's line */
};

/* NULL: nothing is traced. */
const struct trace_sets *trace_sets(const struct vmblok *vm);
/* Trace this from now on; on 0 ends it. Lines that wait are written first. */
void trace_set(struct vmblok *vm, const struct trace_sets *sets);

/* PER wants to hear of every instruction, or no more (cp/per.h). */
void trace_per(struct vmblok *vm, bool on);

/* Write what waits: before a command that may look at the printer. */
void trace_flush(struct vmblok *vm);
/* The terminal has room, or the user wants CP: the machine may go on. */
void trace_release(struct vmblok *vm);
/* The machine was replaced: ask the new one for the events. */
void trace_again(struct vmblok *vm);
/* LOGOFF, behind the machine's end and before that of its devices. */
void trace_free(struct vmblok *vm);

/* struct machine_owner: trace; arg is the VMBLOK. On the machine's thread. */
bool trace_event(void *arg, struct cpu370 *cpu, const struct cpu_trace *what);

#endif
