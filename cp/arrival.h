/*
 * cp/arrival.h - a spool file has come: tell its owner and his reader.
 *
 * Threads: the CP thread.
 */
#ifndef CP_ARRIVAL_H
#define CP_ARRIVAL_H

struct cp;
struct spool_file;

/* from: who sent it, or NULL for a deck from outside ("HAS BEEN READ"). */
void arrival_announce(struct cp *cp, const struct spool_file *file, const char *from);

#endif
