/*
 * cp/oppanel.h - the system operator's console on the host's terminal: the
 * ncurses panel, or plain lines on standard input and output.
 *
 * Threads: the CP thread.
 */
#ifndef CP_OPPANEL_H
#define CP_OPPANEL_H

#include <stdbool.h>

#include "base/error.h"

struct cp;
struct oppanel;

/*
 * panel: ncurses on descriptors 0 and 1; the log then goes to DIR/vm370.log.
 * Otherwise each line of standard input is an operator's command (end of file is
 * ignored) and its answer goes to standard output.
 */
struct oppanel *oppanel_open(struct cp *cp, bool panel, struct error *err);
void oppanel_close(struct oppanel *o);

/* A line for the operator; ISO 8859-1. */
void oppanel_line(struct oppanel *o, const char *line, bool alarm);

#endif
