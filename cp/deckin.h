/*
 * cp/deckin.h - a deck of cards comes to the system's card reader, 00C.
 *
 * GC20-1806, "VM/370 Operator's Guide", Spooling: the first card that is not
 * blank says whose it is,
 *
 *   ID|USERID userid [CLASS c] [NAME fn [ft] | NAME dsname]
 *
 * and does not belong to the deck.
 *
 * Threads: the CP thread. May read a host file.
 */
#ifndef CP_DECKIN_H
#define CP_DECKIN_H

#include <stdbool.h>

struct cp;

/* Whose the deck is if it has no ID card; userid "" for nobody. */
struct deckin_default {
	char userid[9], name[9], type[9];
};

/*
 * Read the host file path (EBCDIC cards or text) into the spool, tell its owner
 * and the operator. False: it is refused, and the operator knows why (431A-434A).
 * where names it in the log.
 */
bool deckin_take(struct cp *cp, const char *path, const char *where,
		 const struct deckin_default *standard);

#endif
