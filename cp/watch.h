/*
 * cp/watch.h - DIR/cards: a host file that is put there is a deck for the
 * system's card reader.
 *
 * A file USERID.name[.type], or one whose first card is an ID card (deckin.h),
 * goes to the user's reader and is removed. One that is refused is moved to
 * DIR/cards/rejected. Names that begin with a dot are left alone: write such a
 * one and rename it, or just write the file; it is read when it is closed. While
 * the reader is drained files stay where they are.
 *
 * Threads: the CP thread.
 */
#ifndef CP_WATCH_H
#define CP_WATCH_H

#include "base/error.h"

struct cp;
struct watch;

struct watch *watch_open(struct cp *cp, struct error *err);
void watch_close(struct watch *watch);
/* START RDR: take what has come meanwhile. */
void watch_scan(struct watch *watch);

#endif
