/*
 * cp/logmsg.h - the log message: lines that SET LOGMSG gives, shown to everybody who
 * logs on (those that begin with *) and by QUERY LOGMSG. It is kept in the spool, so a
 * warm start has it.
 *
 * GC20-1806, "VM/370 Operator's Guide", SET.
 *
 * Threads: the CP thread.
 */
#ifndef CP_LOGMSG_H
#define CP_LOGMSG_H

#include <stddef.h>

struct cp;

#define LOGMSG_WIDTH 76 /* characters of a line */
#define LOGMSG_LINES 99

/* What the spool has kept, at the start of CP. */
void logmsg_load(struct cp *cp);
void logmsg_free(struct cp *cp);

/* Behind the others; too many are dropped. */
void logmsg_append(struct cp *cp, const char *line);
/* Line n, from 0, becomes that; "" deletes it, and those behind it move up. */
void logmsg_replace(struct cp *cp, size_t n, const char *line);
void logmsg_clear(struct cp *cp);

#endif
