/*
 * cp/arrival.h - a spool file has come: tell its owner and his reader.
 *
 * Threads: the CP thread.
 */
#ifndef CP_ARRIVAL_H
#define CP_ARRIVAL_H

struct cp;
struct spool_file;
struct virtual_device;
struct vmblok;

/* from: who sent it, or NULL for a deck from outside ("HAS BEEN READ"). */
void arrival_announce(struct cp *cp, const struct spool_file *file, const char *from);
/* vm has closed an output file: tell him and the receiver what facts call for. */
void arrival_closed(struct vmblok *vm, const struct spool_file *file);
/* A reader file became ready (changed, transferred): wake its owner's reader. */
void arrival_wake(struct cp *cp, const struct spool_file *file);
/* vm's reader takes other files now: is there one? */
void arrival_look(struct vmblok *vm);
/* Tell vm when a limit of the spool closes the file of one of his devices. */
void arrival_watch_limit(struct vmblok *vm, struct virtual_device *v);

#endif
