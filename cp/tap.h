/*
 * cp/tap.h - what listens to a user's console beside his terminal: the shell's
 * vm370 console, and the secondary user of one who is disconnected.
 *
 * Threads: the CP thread.
 */
#ifndef CP_TAP_H
#define CP_TAP_H

#include <stdbool.h>

struct vmblok;

struct tap {
	struct tap *next;
	/* A line of the console: CP's, the guest's or the user's; ISO 8859-1. */
	void (*line)(struct tap *t, const char *text);
	/* Who may type now may have changed: see session_reads(). */
	void (*status)(struct tap *t);
	/* The user is gone, and t out of his list. */
	void (*gone)(struct tap *t);
};

/* Somebody is there: a user with a tap is not disconnected for MSG and the like. */
void tap_add(struct vmblok *vm, struct tap *t);
void tap_remove(struct vmblok *vm, struct tap *t);

/* Is there anybody for tap_line()? */
bool tap_wanted(const struct vmblok *vm);
void tap_line(struct vmblok *vm, const char *text);
void tap_status(struct vmblok *vm);
/* LOGOFF: tell them all. */
void tap_gone(struct vmblok *vm);

#endif
