/*
 * cp/lineport.h - lines of the system that CP has enabled: who calls is a terminal, one
 * at a time, of the line's address. A line that is enabled cannot be attached.
 *
 * GC20-1806, "VM/370 Operator's Guide", ENABLE and DISABLE. A line that a user is at
 * stays enabled until he has gone.
 *
 * Threads: the CP thread.
 */
#ifndef CP_LINEPORT_H
#define CP_LINEPORT_H

#include <stdbool.h>

#include "base/error.h"

struct console;
struct cp;
struct sysline;

/* Can a terminal call there: a start/stop line with a port? */
bool lineport_possible(const struct sysline *line);
/* Nothing happens if it is enabled; false with err: its port cannot be had. */
MUST_USE bool lineport_enable(struct cp *cp, struct sysline *line, struct error *err);
void lineport_disable(struct cp *cp, struct sysline *line);
/* "ENABLED", "DSBLPND", "DISABLED" */
const char *lineport_state(const struct sysline *line);
/* The end of CP: all of them, and who is there. */
void lineports_close(struct cp *cp);

/* The line that a terminal is at; NULL: it came another way. */
struct sysline *lineport_of(struct cp *cp, const struct console *c);
/* A terminal has gone. */
void lineport_left(struct cp *cp, struct sysline *line);

#endif
