/*
 * cp/termset.h - what a user sets for his terminal: TERMINAL, SET PFnn.
 *
 * GC20-1820, TERMINAL and SET PFnn. One part belongs to the user and goes with him
 * to his next terminal (PF keys, MODE, TABCHAR, HOLD, MORE, TIMESTAMP and the line
 * editing symbols), the rest to the terminal: LINESIZE, APL, TEXT, ATTN, MASK,
 * HILIGHT are as they were at first on another one.
 *
 * Threads: the CP thread.
 */
#ifndef CP_TERMSET_H
#define CP_TERMSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "consoles/console.h"
#include "cp/cp.h"

struct vmblok;

#define TERMSET_PF_KEYS 24
#define TERMSET_MORE	50 /* seconds of MORE... until the alarm */
#define TERMSET_CLEAR	10 /* and from then on until the screen clears itself */

/* A PF key that is set. */
struct pf_key {
	bool immediate;
	size_t tabs;                /* TAB: how many stops; otherwise 0 */
	uint8_t stops[CP_LINE_MAX]; /* columns, ascending, none twice; the first is 1 */
	bool is_tab;
	char text[CP_LINE_MAX + 1]; /* ISO 8859-1; "" of TAB */
};

struct termset {
	bool mode_cp;
	char tabchar;          /* ISO 8859-1; 0 off */
	bool no_hold, timestamp;
	uint8_t more_s, clear_s;
	struct pf_key *pf[TERMSET_PF_KEYS]; /* NULL: undefined */
	/* of the terminal: */
	unsigned linesize;     /* 0: the terminal's own */
	enum console_charset charset;
	bool highlight, mask, quiet_attention;
	/* DIAGNOSE X'54': PA2 is an external interruption */
	bool pa2;
};

void termset_init(struct termset *t);
void termset_release(struct termset *t);
/* The user comes to a terminal: tell it. */
void termset_begin(struct vmblok *vm);
/* Something was set: tell the terminal. */
void termset_apply(struct vmblok *vm);
/* "SET PFnn" with the rest of the line; immediate -1: not said. n from 1. */
void termset_pf(struct vmblok *vm, unsigned n, int immediate, const char *text);
/* The line QUERY PFnn answers. */
void termset_pf_line(const struct vmblok *vm, unsigned n, char line[160]);
/* "08:15:00 " if the user wants the time before each line, else "". */
const char *termset_stamp(const struct vmblok *vm, char out[16]);
/*
 * PFnn COPY: the screen becomes a file in the user's printer queue. where: behind
 * the word COPY, "" or the address of a printer of the system. False: it is none,
 * or the spool has no room.
 */
bool termset_copy(struct vmblok *vm, const char *where);

#endif
