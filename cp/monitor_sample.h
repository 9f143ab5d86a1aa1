/*
 * cp/monitor_sample.h - what one sample of MONITOR holds: the lines of its CSV file.
 *
 * Columns are the same in every line; a class fills those that it has, see
 * docs/commands.md. Counters run since a user logged on, or since CP was started, but
 * for response_ms_max (since the sample before).
 *
 * Threads: the CP thread.
 */
#ifndef CP_MONITOR_SAMPLE_H
#define CP_MONITOR_SAMPLE_H

#include <stddef.h>

struct cp;

#define MONITOR_LINE_MAX 1024 /* with CR, LF and a zero */

/* The head line, which names the columns. */
void monitor_head(char line[MONITOR_LINE_MAX]);
/*
 * Call put() with each line of a sample of these classes (enum monitor_class); lines
 * end with CR and LF. time: of the sample, the first column.
 */
void monitor_sample(struct cp *cp, unsigned classes, const char *time,
		    void (*put)(void *arg, const char *line, size_t length), void *arg);

#endif
