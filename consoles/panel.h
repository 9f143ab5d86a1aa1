/*
 * consoles/panel.h - the operator's panel: the system's console with scroll-back,
 * the table of virtual machines, the lamps of one CPU, a command line with
 * history, on a terminal of the host (ncurses).
 *
 * The owner gives plain data when the panel asks for it (four times a second at
 * most) and is told what the operator types. The system runs the same without a
 * panel: if its terminal goes away, lost() is called and nothing else changes.
 *
 * Threads: the thread of the loop. One panel in a process (ncurses).
 */
#ifndef CONSOLES_PANEL_H
#define CONSOLES_PANEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "consoles/loop.h"

struct panel;

/* One line of the table. */
struct panel_machine {
	char userid[9];
	char state[13]; /* "RUNNING", "CP READ", "DISABLED PSW" ... */
	char terminal[17]; /* "GRAF 041", "DSC": shown on wide screens */
	uint8_t psw[8];
	uint64_t instructions; /* executed since it was created */
	uint64_t io;	       /* start I/O functions since then */
	uint64_t cpu_us;       /* processor time since then, microseconds */
	uint64_t storage;      /* bytes of storage in use */
	uint64_t at_ns;	       /* CLOCK_MONOTONIC when all that was so; 0: now */
};

/* The lamps of one CPU. */
struct panel_lamps {
	uint8_t psw[8];
	uint32_t gr[16], cr[16];
	bool wait, manual, load, system, test;
};

struct panel_source {
	/* Fill at most max rows; returns how many there are in all. */
	size_t (*machines)(void *arg, struct panel_machine *rows, size_t max);
	/* The CPU of that machine; false: there is none (any more). */
	bool (*lamps)(void *arg, const char *userid, struct panel_lamps *lamps);
	/* The operator entered a line (ISO 8859-1). */
	void (*command)(void *arg, const char *line);
	/* The terminal is gone; the owner may call panel_free(). */
	void (*lost)(void *arg);
};

struct panel_options {
	const char *title; /* "VM/370 REL 6", first in the title line */
	int in, out;	   /* descriptors of the terminal: 0 and 1 */
};

struct panel *panel_new(struct loop *loop, const struct panel_options *options,
			const struct panel_source *source, void *arg, struct error *err);
/* Gives the terminal back as it was. */
void panel_free(struct panel *p);

/* Show a line of the console (ISO 8859-1; controls become blanks). */
void panel_line(struct panel *p, const char *text, bool alarm);

#endif
